#include "domain/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "domain/rules.h"
#include "util/entry.h"

#define ITEM(member)  offsetof(todo_item, member)
#define DRAFT(member) offsetof(todo_item_draft, member)
#define PATCH(member) offsetof(todo_item_patch, member)

/* A row: FIELD(number, name, kind, uses, draft, patch, minimum, maximum, rule). */
#define FIELD(number, name, kind, uses, draft, patch, minimum, maximum, rule)                      \
    {                                                                                              \
        {number, #name, TODO_KIND_##kind, uses, ITEM(name), draft, patch, minimum, maximum}, rule, \
            ",\"" #name "\":", sizeof(",\"" #name "\":") - 1                                       \
    }

enum {
    SET = TODO_USE_DRAFT | TODO_USE_PATCH,
    NULLABLE = TODO_USE_NULLABLE,
    SORT = TODO_USE_SORT,
    FILTER = TODO_USE_FILTER
};

/*
 * The description of a todo. To add a field: a row here, its members in todo/item.h (item, draft, patch), its rule in
 * domain/rules.c if it needs one, and a migration for each database. Tests name each place that was forgotten.
 */
/* clang-format off */
const todo__field todo__item_fields[TODO__ITEM_FIELD_COUNT] = {
    FIELD(1, id, UUID, TODO_USE_DRAFT, DRAFT(id), 0, 0, 0, NULL),
    FIELD(2, user_id, UUID, 0, 0, 0, 0, 0, NULL),
    FIELD(3, title, TEXT, SET, DRAFT(title), PATCH(title), 0, 0, todo__rule_title),
    FIELD(4, description, TEXT, SET | NULLABLE, DRAFT(description), PATCH(description), 0, 0, NULL),
    FIELD(5, completed, FLAG, SET | FILTER, DRAFT(completed), PATCH(completed), 0, 0, NULL),
    FIELD(6, created_at, TIME, SORT, 0, 0, 0, 0, NULL),
    FIELD(7, updated_at, TIME, SORT, 0, 0, 0, 0, NULL),
    FIELD(8, version, INTEGER, 0, 0, 0, 1, TODO_VERSION_MAX, NULL),
    FIELD(9, deleted_at, TIME, NULLABLE | TODO_USE_SPARSE, 0, 0, 0, 0, NULL),
    FIELD(10, modseq, INTEGER, NULLABLE | TODO_USE_SPARSE, 0, 0, 1, INT64_MAX, NULL),
    FIELD(11, priority, INTEGER, SET | TODO_USE_SPARSE, DRAFT(priority), PATCH(priority), 0, 3, NULL),
};
/* clang-format on */

size_t todo_item_field_count(void)
{
    return TODO__ITEM_FIELD_COUNT;
}

const todo_field *todo_item_field_at(size_t index)
{
    return index < TODO__ITEM_FIELD_COUNT ? &todo__item_fields[index].field : NULL;
}

const todo_field *todo_item_field_find(const char *name)
{
    for (TODO__EACH_FIELD(row))
        if (name != NULL && strcmp(row->field.name, name) == 0)
            return &row->field;
    return NULL;
}

void todo_field_get(const todo_field *field, const todo_item *item, todo_value *ret_value)
{
    todo_value value = {.null = field == NULL || item == NULL};

    if (ret_value == NULL)
        return;
    if (!value.null)
        switch (field->kind) {
        case TODO_KIND_UUID:
            value.uuid = TODO__MEMBER_CONST(todo_uuid, item, field->item);
            break;
        case TODO_KIND_TEXT:
            value.text = todo__text_of(field, item);
            value.null = value.text == NULL;
            break;
        case TODO_KIND_FLAG:
            value.flag = TODO__MEMBER_CONST(bool, item, field->item);
            break;
        case TODO_KIND_INTEGER:
            value.integer = TODO__MEMBER_CONST(int64_t, item, field->item);
            value.null = value.integer == 0 && (field->uses & TODO_USE_NULLABLE) != 0;
            break;
        case TODO_KIND_TIME:
            value.time = TODO__MEMBER_CONST(todo_time, item, field->item);
            value.null = value.time == 0 && (field->uses & TODO_USE_NULLABLE) != 0;
            break;
        }
    *ret_value = value;
}

const char *todo_field_format(const todo_field *field, const todo_item *item, char *room)
{
    todo_value value;

    todo_field_get(field, item, &value);
    if (value.null)
        return NULL;
    switch (field->kind) {
    case TODO_KIND_UUID:
        todo_uuid_format(&value.uuid, room);
        return room;
    case TODO_KIND_TEXT:
        return value.text;
    case TODO_KIND_FLAG:
        return value.flag ? "true" : "false";
    case TODO_KIND_INTEGER:
        snprintf(room, TODO_FIELD_TEXT_SIZE, "%" PRId64, value.integer);
        return room;
    case TODO_KIND_TIME:
        todo_time_format(value.time, room);
        return room;
    }
    return NULL;
}

/* A refusal of a value, naming the field in code and message. */
static todo_status refuse(const todo_field *field, const char *code, const char *wanted, todo_error *error)
{
    char message[sizeof(error->message)];

    snprintf(message, sizeof(message), "%s %.120s", field->name, wanted);
    return todo_error_set(error, TODO_ERR_INVALID, code, field->name, message);
}

todo_status todo__field_refuse_null(const todo_field *field, todo_error *error)
{
    char code[64];

    snprintf(code, sizeof(code), "%s_null", field->name);
    return refuse(field, code, "cannot be null", error);
}

static bool parse_flag(const char *text, bool *ret_flag)
{
    *ret_flag = strcasecmp(text, "true") == 0;
    return *ret_flag || strcasecmp(text, "false") == 0;
}

static bool parse_integer(const char *text, int64_t *ret_integer)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    *ret_integer = value;
    return errno == 0 && end != text && *end == '\0' && (*text == '-' || (*text >= '0' && *text <= '9'));
}

static todo_status parse_null(const todo_field *field, todo_item *item, todo_error *error)
{
    if ((field->uses & TODO_USE_NULLABLE) == 0)
        return refuse(field, "null_invalid", "cannot be null", error);
    if (field->kind == TODO_KIND_TEXT)
        TODO__MEMBER(const char *, item, field->item) = NULL;
    else
        TODO__MEMBER(int64_t, item, field->item) = 0; /* a number or a time */
    return TODO_OK;
}

todo_status todo_field_parse(const todo_field *field, const char *text, todo_item *item, todo_error *error)
{
    if (!todo__given(error, field, item))
        return TODO_ERR_INVALID;
    if (text == NULL)
        return parse_null(field, item, error);
    switch (field->kind) {
    case TODO_KIND_UUID:
        if (todo_uuid_parse(text, &TODO__MEMBER(todo_uuid, item, field->item), NULL) != TODO_OK)
            return refuse(field, "uuid_invalid", "must be a UUID", error);
        break;
    case TODO_KIND_TEXT:
        TODO__MEMBER(const char *, item, field->item) = text;
        break;
    case TODO_KIND_FLAG:
        if (!parse_flag(text, &TODO__MEMBER(bool, item, field->item)))
            return refuse(field, "flag_invalid", "must be true or false", error);
        break;
    case TODO_KIND_INTEGER: {
        int64_t value;

        if (!parse_integer(text, &value))
            return refuse(field, "number_invalid", "must be a whole number", error);
        TODO__MEMBER(int64_t, item, field->item) = value;
        return todo__field_check_integer(field, value, error);
    }
    case TODO_KIND_TIME:
        if (todo_time_parse(text, &TODO__MEMBER(todo_time, item, field->item), NULL) != TODO_OK)
            return refuse(field, "time_invalid", "must be a time of RFC 3339", error);
        break;
    }
    return TODO_OK;
}

static bool equal_texts(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool todo__field_equal(const todo_field *field, const todo_item *a, const todo_item *b)
{
    todo_value left, right;

    todo_field_get(field, a, &left);
    todo_field_get(field, b, &right);
    return left.null == right.null && left.flag == right.flag && left.integer == right.integer &&
           left.time == right.time && todo_uuid_compare(&left.uuid, &right.uuid) == 0 &&
           equal_texts(left.text, right.text);
}

void todo__field_apply(const todo_field *field, const todo_item_patch *patch, todo_item *item)
{
    todo_presence presence = todo__presence_of(field, patch);

    if (presence == TODO_ABSENT)
        return;
    switch (field->kind) {
    case TODO_KIND_TEXT:
        TODO__MEMBER(const char *, item, field->item) =
            presence == TODO_VALUE ? TODO__MEMBER_CONST(todo_patch_text, patch, field->patch).value : NULL;
        break;
    case TODO_KIND_FLAG:
        TODO__MEMBER(bool, item, field->item) =
            TODO__MEMBER_CONST(todo_patch_flag, patch, field->patch).value;
        break;
    case TODO_KIND_INTEGER:
        TODO__MEMBER(int64_t, item, field->item) =
            TODO__MEMBER_CONST(todo_patch_integer, patch, field->patch).value;
        break;
    case TODO_KIND_UUID:
    case TODO_KIND_TIME:
        break; /* no patch has one */
    }
}

todo_status todo__field_check_text(const todo__field *row, const char *text, todo__slice *ret_stored,
                                   todo_error *error)
{
    if (row->rule != NULL)
        return row->rule(text, ret_stored, error);
    if (text != NULL && !todo__utf8_valid(text, strlen(text)))
        return todo_error_set(error, TODO_ERR_INVALID, "utf8_invalid", row->field.name, "invalid UTF-8");
    *ret_stored = (todo__slice){text, text != NULL ? strlen(text) : 0};
    return TODO_OK;
}

todo_status todo__field_check_integer(const todo_field *field, int64_t value, todo_error *error)
{
    char code[64], message[128];

    if ((value >= field->minimum && value <= field->maximum) ||
        (value == 0 && (field->uses & TODO_USE_NULLABLE) != 0))
        return TODO_OK;
    snprintf(code, sizeof(code), "%s_invalid", field->name);
    snprintf(message, sizeof(message), "must be between %" PRId64 " and %" PRId64, field->minimum,
             field->maximum);
    return refuse(field, code, message, error);
}

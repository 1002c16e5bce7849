#include <stdio.h>
#include <string.h>

#include "domain/fields.h"
#include "util/alloc.h"
#include "util/structs.h"
#include "json/document.h"

/* An object whose members are read, and where it stands: in "todos" at `index`, or at the top. */
typedef struct place {
    json_object *object;
    const char *array; /* NULL at the top */
    size_t index;
} place;

/* Names `member` (NULL: the object itself) in the error's field. */
static todo_status refuse(const place *where, todo_status status, const char *code, const char *member,
                          const char *message, todo_error *error)
{
    char field[64] = "";

    if (where->array != NULL)
        snprintf(field, sizeof(field), "%s[%zu]%s%s", where->array, where->index, member != NULL ? "." : "",
                 member != NULL ? member : "");
    else if (member != NULL)
        snprintf(field, sizeof(field), "%s", member);
    return todo_error_set(error, status, code, field, message);
}

static todo_status refuse_type(const place *where, const char *member, const char *wanted, todo_error *error)
{
    char message[128];

    snprintf(message, sizeof(message), "%s must be %s", member != NULL ? member : "the value", wanted);
    return refuse(where, TODO_ERR_UNPROCESSABLE, "type_invalid", member, message, error);
}

static todo_status refuse_missing(const place *where, const char *member, todo_error *error)
{
    char message[128];

    snprintf(message, sizeof(message), "%s is required", member);
    return refuse(where, TODO_ERR_UNPROCESSABLE, "member_missing", member, message, error);
}

static todo_status need_object(const place *where, todo_error *error)
{
    if (json_object_is_type(where->object, json_type_object))
        return TODO_OK;
    return refuse_type(where, NULL, "an object", error);
}

static todo_status top_of(const todo_json *json, place *ret_where, todo_error *error)
{
    if (!todo__given(error, json))
        return TODO_ERR_INVALID;
    *ret_where = (place){json->root, NULL, 0};
    return need_object(ret_where, error);
}

static todo_presence find(const place *where, const char *member, json_object **ret_value)
{
    if (!json_object_object_get_ex(where->object, member, ret_value))
        return TODO_ABSENT;
    return *ret_value == NULL ? TODO_NULL : TODO_VALUE;
}

static todo_status refuse_value(const place *where, const todo_field *field, const char *code,
                                const char *wanted, todo_error *error)
{
    char message[128];

    snprintf(message, sizeof(message), "%s %s", field->name, wanted);
    return refuse(where, TODO_ERR_INVALID, code, field->name, message, error);
}

/* The text of a JSON string, which a C string must be able to hold. */
static todo_status take_text(const place *where, const char *member, json_object *string,
                             const char **ret_text, todo_error *error)
{
    const char *text = json_object_get_string(string);

    if (strlen(text) != (size_t)json_object_get_string_len(string))
        return refuse(where, TODO_ERR_INVALID, "text_nul", member, "a text cannot have U+0000 in it", error);
    *ret_text = text;
    return TODO_OK;
}

/* Reads a text that may be absent or null. */
static todo_status read_text(const place *where, const char *member, todo_patch_text *ret_text,
                             todo_error *error)
{
    json_object *value = NULL;
    todo_patch_text text = {find(where, member, &value), NULL};
    todo_status status = TODO_OK;

    if (text.presence == TODO_VALUE) {
        if (!json_object_is_type(value, json_type_string))
            return refuse_type(where, member, "a string", error);
        status = take_text(where, member, value, &text.value, error);
    }
    if (status == TODO_OK)
        *ret_text = text;
    return status;
}

/* Reads a text that must be there. */
static todo_status read_required(const place *where, const char *member, const char **ret_text,
                                 todo_error *error)
{
    todo_patch_text text = {TODO_ABSENT, NULL};
    todo_status status = read_text(where, member, &text, error);

    if (status != TODO_OK)
        return status;
    if (text.presence == TODO_ABSENT)
        return refuse_missing(where, member, error);
    if (text.presence == TODO_NULL)
        return refuse_type(where, member, "a string", error);
    *ret_text = text.value;
    return TODO_OK;
}

/* Reads a text of which absent and null mean the same: none. */
static todo_status read_optional(const place *where, const char *member, const char **ret_text,
                                 todo_error *error)
{
    todo_patch_text text = {TODO_ABSENT, NULL};
    todo_status status = read_text(where, member, &text, error);

    if (status == TODO_OK)
        *ret_text = text.value;
    return status;
}

/* Reads the value of a field of a todo, of the kind that its row says. */
static todo_status read_value(const place *where, const todo_field *field, json_object *json,
                              todo_value *ret_value, todo_error *error)
{
    static const struct {
        json_type type;
        const char *wanted;
    } kinds[] = {[TODO_KIND_UUID] = {json_type_string, "a string"},
                 [TODO_KIND_TEXT] = {json_type_string, "a string"},
                 [TODO_KIND_FLAG] = {json_type_boolean, "true or false"},
                 [TODO_KIND_INTEGER] = {json_type_int, "an integer"},
                 [TODO_KIND_TIME] = {json_type_string, "a string"}};

    if (!json_object_is_type(json, kinds[field->kind].type))
        return refuse_type(where, field->name, kinds[field->kind].wanted, error);
    *ret_value = (todo_value){.null = false};
    switch (field->kind) {
    case TODO_KIND_UUID:
        if (todo_uuid_parse(json_object_get_string(json), &ret_value->uuid, NULL) != TODO_OK)
            return refuse_value(where, field, "uuid_invalid", "must be a UUID", error);
        break;
    case TODO_KIND_TEXT:
        return take_text(where, field->name, json, &ret_value->text, error);
    case TODO_KIND_FLAG:
        ret_value->flag = json_object_get_boolean(json);
        break;
    case TODO_KIND_INTEGER:
        ret_value->integer = json_object_get_int64(json);
        break;
    case TODO_KIND_TIME:
        if (todo_time_parse(json_object_get_string(json), &ret_value->time, NULL) != TODO_OK)
            return refuse_value(where, field, "time_invalid", "must be a time of RFC 3339", error);
        break;
    }
    return TODO_OK;
}

/* The presence of a field's member, and its value. Null is refused where the field cannot be null. */
static todo_status read_field(const place *where, const todo_field *field, todo_presence *ret_presence,
                              todo_value *ret_value, todo_error *error)
{
    json_object *json = NULL;
    todo_presence presence = find(where, field->name, &json);
    todo_status status = TODO_OK;

    if (presence == TODO_VALUE)
        status = read_value(where, field, json, ret_value, error);
    if (status == TODO_OK)
        *ret_presence = presence;
    return status;
}

static todo_status refuse_null(const place *where, const todo_field *field, todo_error *error)
{
    char code[64];

    if (field->kind == TODO_KIND_TEXT)
        return refuse_type(where, field->name, "a string", error);
    snprintf(code, sizeof(code), "%s_null", field->name);
    return refuse_value(where, field, code, "cannot be null", error);
}

/* Puts a value into a draft. `id` keeps the draft's id. */
static void set_in_draft(const todo_field *field, const todo_value *value, todo_item_draft *draft,
                         todo_uuid *id)
{
    switch (field->kind) {
    case TODO_KIND_UUID:
        *id = value->uuid;
        TODO__MEMBER(const todo_uuid *, draft, field->draft) = id;
        break;
    case TODO_KIND_TEXT:
        TODO__MEMBER(const char *, draft, field->draft) = value->text;
        break;
    case TODO_KIND_FLAG:
        TODO__MEMBER(bool, draft, field->draft) = value->flag;
        break;
    case TODO_KIND_INTEGER:
        TODO__MEMBER(int64_t, draft, field->draft) = value->integer;
        break;
    case TODO_KIND_TIME:
        break; /* no draft has one */
    }
}

/* A member that cannot be set there is refused by its name, unless it says nothing. */
static todo_status refuse_read_only(const place *where, const todo_field *field, todo_error *error)
{
    char message[128];

    snprintf(message, sizeof(message), "%s cannot be set", field->name);
    return refuse(where, TODO_ERR_UNPROCESSABLE, "read_only", field->name, message, error);
}

static todo_status read_draft_field(const place *where, const todo_field *field, todo_item_draft *draft,
                                    todo_uuid *id, todo_error *error)
{
    todo_presence presence;
    todo_value value;
    bool settable = (field->uses & TODO_USE_DRAFT) != 0;
    bool optional = field->kind == TODO_KIND_UUID || (field->uses & TODO_USE_NULLABLE) != 0;
    todo_status status = read_field(where, field, &presence, &value, error);

    if (status != TODO_OK)
        return status;
    if (presence == TODO_VALUE && !settable)
        return refuse_read_only(where, field, error);
    if (presence == TODO_VALUE)
        set_in_draft(field, &value, draft, id);
    else if (settable && presence == TODO_NULL && !optional)
        return refuse_null(where, field, error);
    else if (settable && presence == TODO_ABSENT && !optional && field->kind == TODO_KIND_TEXT)
        return refuse_missing(where, field->name, error);
    return TODO_OK;
}

/* `id` gets the draft's id, if it has one. */
static todo_status read_draft(const place *where, todo_item_draft *draft, todo_uuid *id, todo_error *error)
{
    todo_status status = TODO_OK;

    draft->id = NULL;
    for (TODO__EACH_FIELD(row))
        if (status == TODO_OK)
            status = read_draft_field(where, &row->field, draft, id, error);
    return status;
}

todo_status todo_json_read_draft(todo_json *json, todo_item_draft *draft, todo_error *error)
{
    todo_item_draft known;
    place top;
    todo_status status = todo__struct_take(&known, sizeof(known), draft, error);

    if (status == TODO_OK)
        status = top_of(json, &top, error);
    if (status == TODO_OK)
        status = read_draft(&top, &known, &json->draft_id, error);
    if (status == TODO_OK)
        todo__struct_give(draft, &known, sizeof(known));
    return status;
}

/* The drafts of a batch, and the pointers to them that the command takes; `entries` lie behind the pointers. */
typedef struct todo__json_batch {
    size_t count;
    const todo_item_draft **drafts;
    struct batch_entry {
        todo_item_draft draft;
        todo_uuid id;
    } entries[];
} todo__json_batch;

static todo_status batch_new(size_t count, todo__json_batch **ret_batch, todo_error *error)
{
    todo__json_batch *batch =
        todo__calloc(1, sizeof(*batch) + count * (sizeof(batch->entries[0]) + sizeof(batch->drafts[0])));

    if (batch == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    batch->count = count;
    batch->drafts = (const todo_item_draft **)&batch->entries[count];
    for (size_t i = 0; i < count; i++) {
        todo_item_draft_init(&batch->entries[i].draft, sizeof(batch->entries[i].draft));
        batch->drafts[i] = &batch->entries[i].draft;
    }
    *ret_batch = batch;
    return TODO_OK;
}

static todo_status read_entries(json_object *array, todo__json_batch *batch, todo_error *error)
{
    todo_status status = TODO_OK;

    for (size_t i = 0; i < batch->count && status == TODO_OK; i++) {
        place where = {json_object_array_get_idx(array, i), "todos", i};

        status = need_object(&where, error);
        if (status == TODO_OK)
            status = read_draft(&where, &batch->entries[i].draft, &batch->entries[i].id, error);
    }
    return status;
}

static todo_status find_array(const todo_json *json, const char *member, json_object **ret_array,
                              todo_error *error)
{
    place top;
    todo_status status = top_of(json, &top, error);

    if (status != TODO_OK)
        return status;
    if (find(&top, member, ret_array) == TODO_ABSENT)
        return refuse_missing(&top, member, error);
    if (!json_object_is_type(*ret_array, json_type_array))
        return refuse_type(&top, member, "an array", error);
    return TODO_OK;
}

static todo_status read_batch(todo_json *json, todo_error *error)
{
    json_object *array = NULL;
    todo__json_batch *batch = NULL;
    todo_status status = find_array(json, "todos", &array, error);

    if (status != TODO_OK)
        return status;
    if (json_object_array_length(array) > TODO_BATCH_MAX)
        return todo_error_set(error, TODO_ERR_TOO_LARGE, "batch_too_large", "todos", "too many todos");
    status = batch_new(json_object_array_length(array), &batch, error);
    if (status == TODO_OK)
        status = read_entries(array, batch, error);
    if (status == TODO_OK)
        json->batch = batch;
    else
        todo__free(batch);
    return status;
}

todo_status todo_json_read_batch(todo_json *json, const todo_item_draft *const **ret_drafts,
                                 size_t *ret_count, todo_error *error)
{
    todo_status status = TODO_OK;

    if (!todo__given(error, json, ret_drafts, ret_count))
        return TODO_ERR_INVALID;
    if (json->batch == NULL)
        status = read_batch(json, error);
    if (status != TODO_OK)
        return status;
    *ret_drafts = json->batch->drafts;
    *ret_count = json->batch->count;
    return TODO_OK;
}

/* Puts what is said of a field into a patch. */
static void set_in_patch(const todo_field *field, todo_presence presence, const todo_value *value,
                         todo_item_patch *patch)
{
    TODO__MEMBER(todo_presence, patch, field->patch) = presence;
    if (presence != TODO_VALUE)
        return;
    switch (field->kind) {
    case TODO_KIND_TEXT:
        TODO__MEMBER(todo_patch_text, patch, field->patch).value = value->text;
        break;
    case TODO_KIND_FLAG:
        TODO__MEMBER(todo_patch_flag, patch, field->patch).value = value->flag;
        break;
    case TODO_KIND_INTEGER:
        TODO__MEMBER(todo_patch_integer, patch, field->patch).value = value->integer;
        break;
    case TODO_KIND_UUID:
    case TODO_KIND_TIME:
        break; /* no patch has one */
    }
}

static todo_status read_patch_field(const place *where, const todo_field *field, todo_item_patch *patch,
                                    todo_error *error)
{
    todo_presence presence;
    todo_value value;
    todo_status status = read_field(where, field, &presence, &value, error);

    if (status == TODO_OK && (field->uses & TODO_USE_PATCH) != 0)
        set_in_patch(field, presence, &value, patch);
    else if (status == TODO_OK && presence == TODO_VALUE && field->item == offsetof(todo_item, version))
        patch->if_version = value.integer;
    return status;
}

todo_status todo_json_read_patch(todo_json *json, todo_item_patch *patch, todo_error *error)
{
    todo_item_patch known;
    place top;
    todo_status status = todo__struct_take(&known, sizeof(known), patch, error);

    if (status == TODO_OK)
        status = top_of(json, &top, error);
    for (TODO__EACH_FIELD(row))
        if (status == TODO_OK)
            status = read_patch_field(&top, &row->field, &known, error);
    if (status == TODO_OK)
        todo__struct_give(patch, &known, sizeof(known));
    return status;
}

bool todo_json_has_read_only(const todo_json *json)
{
    if (json == NULL || !json_object_is_type(json->root, json_type_object))
        return false;
    for (TODO__EACH_FIELD(row))
        if ((row->field.uses & TODO_USE_PATCH) == 0 &&
            json_object_object_get_ex(json->root, row->field.name, NULL))
            return true;
    return false;
}

/* Whether a member that is there says what the item has. */
static todo_status check_same(const place *where, const todo_field *field, const todo_item *item,
                              bool *ret_same, todo_error *error)
{
    todo_presence presence;
    todo_value said = {.null = true}, held;
    todo_status status = read_field(where, field, &presence, &said, error);

    if (status != TODO_OK)
        return status;
    todo_field_get(field, item, &held);
    *ret_same = presence == TODO_ABSENT || (held.null == (presence == TODO_NULL) && said.flag == held.flag &&
                                            said.integer == held.integer && said.time == held.time &&
                                            todo_uuid_compare(&said.uuid, &held.uuid) == 0);
    return TODO_OK;
}

todo_status todo_json_check_read_only(const todo_json *json, const todo_item *item, todo_error *error)
{
    const todo_field *version = todo_item_field_find("version");
    place top;
    bool same = true;
    todo_status status = top_of(json, &top, error);

    if (status == TODO_OK && !todo__given(error, item))
        status = TODO_ERR_INVALID;
    if (status == TODO_OK)
        status = check_same(&top, version, item, &same, error);
    if (status == TODO_OK && !same)
        return todo_error_set(error, TODO_ERR_PRECONDITION, NULL, version->name, NULL);
    for (TODO__EACH_FIELD(row)) {
        if (status != TODO_OK)
            break;
        if ((row->field.uses & TODO_USE_PATCH) == 0)
            status = check_same(&top, &row->field, item, &same, error);
        if (status == TODO_OK && !same)
            return refuse_read_only(&top, &row->field, error);
    }
    return status;
}

todo_status todo_json_read_registration(todo_json *json, todo_registration *registration, todo_error *error)
{
    todo_registration known;
    place top;
    todo_status status = todo__struct_take(&known, sizeof(known), registration, error);

    if (status == TODO_OK)
        status = top_of(json, &top, error);
    if (status == TODO_OK)
        status = read_required(&top, "email", &known.email, error);
    if (status == TODO_OK)
        status = read_required(&top, "password", &known.password, error);
    if (status == TODO_OK)
        status = read_optional(&top, "display_name", &known.display_name, error);
    if (status == TODO_OK)
        todo__struct_give(registration, &known, sizeof(known));
    return status;
}

todo_status todo_json_read_string(todo_json *json, const char *member, const char **ret_text,
                                  todo_error *error)
{
    place top;
    todo_status status = top_of(json, &top, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, member, ret_text))
        return TODO_ERR_INVALID;
    return read_required(&top, member, ret_text, error);
}

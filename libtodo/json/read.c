#include <stdio.h>
#include <string.h>

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
    if (json == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    *ret_where = (place){json->root, NULL, 0};
    return need_object(ret_where, error);
}

static todo_presence find(const place *where, const char *member, json_object **ret_value)
{
    if (!json_object_object_get_ex(where->object, member, ret_value))
        return TODO_ABSENT;
    return *ret_value == NULL ? TODO_NULL : TODO_VALUE;
}

/* Reads a text that may be absent or null. */
static todo_status read_text(const place *where, const char *member, todo_patch_text *ret_text,
                             todo_error *error)
{
    json_object *value = NULL;
    todo_patch_text text = {find(where, member, &value), NULL};

    if (text.presence == TODO_VALUE) {
        if (!json_object_is_type(value, json_type_string))
            return refuse_type(where, member, "a string", error);
        text.value = json_object_get_string(value);
        if (strlen(text.value) != (size_t)json_object_get_string_len(value))
            return refuse(where, TODO_ERR_INVALID, "text_nul", member, "a text cannot have U+0000 in it",
                          error);
    }
    *ret_text = text;
    return TODO_OK;
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

static todo_status read_flag(const place *where, const char *member, todo_patch_flag *ret_flag,
                             todo_error *error)
{
    json_object *value = NULL;
    todo_patch_flag flag = {find(where, member, &value), false};

    if (flag.presence == TODO_VALUE) {
        if (!json_object_is_type(value, json_type_boolean))
            return refuse_type(where, member, "true or false", error);
        flag.value = json_object_get_boolean(value);
    }
    *ret_flag = flag;
    return TODO_OK;
}

/* `id` gets the draft's id, if it has one. */
static todo_status read_draft(const place *where, todo_item_draft *draft, todo_uuid *id, todo_error *error)
{
    const char *text = NULL;
    todo_patch_flag completed = {TODO_ABSENT, false};
    todo_status status = read_required(where, "title", &draft->title, error);

    if (status == TODO_OK)
        status = read_optional(where, "description", &draft->description, error);
    if (status == TODO_OK)
        status = read_optional(where, "id", &text, error);
    if (status == TODO_OK)
        status = read_flag(where, "completed", &completed, error);
    if (status != TODO_OK)
        return status;
    if (completed.presence == TODO_NULL)
        return refuse(where, TODO_ERR_INVALID, "completed_null", "completed", "completed cannot be null",
                      error);
    draft->completed = completed.value;
    if (text != NULL && todo_uuid_parse(text, id, NULL) != TODO_OK)
        return refuse(where, TODO_ERR_INVALID, "uuid_invalid", "id", "id must be a UUID", error);
    draft->id = text != NULL ? id : NULL;
    return TODO_OK;
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

    if (json == NULL || ret_drafts == NULL || ret_count == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    if (json->batch == NULL)
        status = read_batch(json, error);
    if (status != TODO_OK)
        return status;
    *ret_drafts = json->batch->drafts;
    *ret_count = json->batch->count;
    return TODO_OK;
}

todo_status todo_json_read_patch(todo_json *json, todo_item_patch *patch, todo_error *error)
{
    todo_item_patch known;
    place top;
    todo_status status = todo__struct_take(&known, sizeof(known), patch, error);

    if (status == TODO_OK)
        status = top_of(json, &top, error);
    if (status == TODO_OK)
        status = read_text(&top, "title", &known.title, error);
    if (status == TODO_OK)
        status = read_text(&top, "description", &known.description, error);
    if (status == TODO_OK)
        status = read_flag(&top, "completed", &known.completed, error);
    if (status == TODO_OK)
        todo__struct_give(patch, &known, sizeof(known));
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
    if (member == NULL || ret_text == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    return read_required(&top, member, ret_text, error);
}

#include "usecases/commands/commands.h"

#include <string.h>

#include "domain/fields.h"
#include "util/alloc.h"
#include "util/structs.h"

/* Copies of texts that a rule trimmed, which the patch points to while it is carried out. */
typedef struct trimmed {
    char *copies[TODO__ITEM_TEXT_MAX];
    size_t count;
} trimmed;

static void free_trimmed(trimmed *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        todo__free(texts->copies[i]);
}

/* Checks a text, and puts a copy in its place where its rule stores less than all of it. */
static todo_status prepare_text(const todo__field *row, todo_patch_text *text, trimmed *texts,
                                todo_error *error)
{
    todo__slice stored;
    todo_status status = todo__field_check_text(row, text->value, &stored, error);

    if (status != TODO_OK || text->value == NULL || stored.length == strlen(text->value))
        return status;
    text->value = texts->copies[texts->count] = todo__strndup(stored.text, stored.length);
    if (text->value == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    texts->count++;
    return TODO_OK;
}

static todo_status prepare_field(const todo__field *row, todo_item_patch *patch, trimmed *texts,
                                 todo_error *error)
{
    const todo_field *field = &row->field;
    todo_presence presence = todo__presence_of(field, patch);

    if (presence == TODO_NULL)
        return field->uses & TODO_USE_NULLABLE ? TODO_OK : todo__field_refuse_null(field, error);
    if (presence == TODO_ABSENT)
        return TODO_OK;
    if (field->kind == TODO_KIND_TEXT)
        return prepare_text(row, &TODO__MEMBER(todo_patch_text, patch, field->patch), texts, error);
    if (field->kind == TODO_KIND_INTEGER)
        return todo__field_check_integer(field, TODO__MEMBER(todo_patch_integer, patch, field->patch).value,
                                         error);
    return TODO_OK;
}

/* Checks a patch by the rules of its fields; `texts` is to be freed when it was carried out. */
static todo_status prepare(todo_item_patch *patch, trimmed *texts, todo_error *error)
{
    todo_status status = TODO_OK;

    for (TODO__EACH_FIELD(row))
        if (status == TODO_OK && (row->field.uses & TODO_USE_PATCH) != 0)
            status = prepare_field(row, patch, texts, error);
    return status;
}

todo_status todo_commands_update(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, const todo_item_patch *patch,
                                 const todo_item **ret_item, todo_error *error)
{
    todo_item_patch known;
    trimmed texts = {{NULL}, 0};
    todo_status status = todo__struct_take(&known, sizeof(known), patch, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, commands, user, id, ret_item))
        return TODO_ERR_INVALID;
    status = prepare(&known, &texts, error);
    if (status == TODO_OK)
        status = todo_writer_update(commands->writer, call, user, id, &known, todo_clock_now(commands->clock),
                                    ret_item, error);
    free_trimmed(&texts);
    return status;
}

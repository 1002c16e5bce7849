#include "usecases/commands/commands.h"

#include <stdio.h>

#include "domain/entity.h"
#include "domain/fields.h"
#include "util/alloc.h"
#include "util/structs.h"

/* Takes what the draft says of a field. Fields that no draft has keep their defaults. */
static void take_field(const todo_field *field, const todo_item_draft *draft, todo_item *members)
{
    switch (field->kind) {
    case TODO_KIND_TEXT:
        TODO__MEMBER(const char *, members, field->item) = TODO__MEMBER_CONST(char *, draft, field->draft);
        break;
    case TODO_KIND_FLAG:
        TODO__MEMBER(bool, members, field->item) = TODO__MEMBER_CONST(bool, draft, field->draft);
        break;
    case TODO_KIND_INTEGER:
        TODO__MEMBER(int64_t, members, field->item) = TODO__MEMBER_CONST(int64_t, draft, field->draft);
        break;
    case TODO_KIND_UUID:
    case TODO_KIND_TIME:
        break; /* the id is taken apart: a draft may have none */
    }
}

/* The item that a draft becomes: trimmed, with an id, made now. */
static todo_status item_of_draft(const todo_uuid *user, const todo_item_draft *draft, todo_time now,
                                 const todo_item **ret_item, todo_error *error)
{
    todo_item_draft known;
    todo_item members = {.user_id = *user, .created_at = now, .updated_at = now, .version = 1};
    todo_status status = todo__struct_take(&known, sizeof(known), draft, error);

    if (status != TODO_OK)
        return status;
    for (TODO__EACH_FIELD(row))
        if (row->field.uses & TODO_USE_DRAFT)
            take_field(&row->field, &known, &members);
    if (known.id != NULL)
        members.id = *known.id;
    else
        status = todo_uuid_generate(&members.id, error);
    return status == TODO_OK ? todo__item_admit(&members, ret_item, error) : status;
}

/* Stores new items; what a client reads is said here, whatever the port's own words are. */
static todo_status insert(todo_commands *commands, const todo_call *call, const todo_item *const *items,
                          size_t count, todo_error *error)
{
    todo_error reason = TODO_ERROR_INIT;
    todo_status status = todo_writer_insert(commands->writer, call, items, count, &reason);

    if (status == TODO_OK)
        return TODO_OK;
    if (status == TODO_ERR_CONFLICT)
        return todo_error_set(error, status, "id_exists", reason.field[0] != '\0' ? reason.field : "id",
                              "id already exists");
    todo_error_set(error, status, reason.code, reason.field, reason.message);
    todo_error_set_detail(error, reason.detail);
    return status;
}

todo_status todo_commands_create(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                 const todo_item_draft *draft, const todo_item **ret_item, todo_error *error)
{
    const todo_item *item = NULL;
    todo_status status;

    if (!todo__given(error, commands, user, ret_item))
        return TODO_ERR_INVALID;
    status = item_of_draft(user, draft, todo_clock_now(commands->clock), &item, error);
    if (status != TODO_OK)
        return status;
    status = insert(commands, call, &item, 1, error);
    if (status != TODO_OK) {
        todo_item_unref(item);
        return status;
    }
    *ret_item = item;
    return TODO_OK;
}

/* Says why, and which draft of a batch was refused. */
static todo_status refuse_draft(const todo_error *reason, size_t index, todo_error *error)
{
    char field[80];

    if (reason->field[0] != '\0')
        snprintf(field, sizeof(field), "todos[%zu].%s", index, reason->field);
    else
        snprintf(field, sizeof(field), "todos[%zu]", index);
    return todo_error_set(error, reason->status, reason->code, field, reason->message);
}

/* Makes the items of a batch; each later than the one before, so that the order of the batch is the order of lists. */
static todo_status items_of_drafts(const todo_uuid *user, const todo_item_draft *const *drafts, size_t count,
                                   todo_time now, todo_item_list *list, todo_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const todo_item *item = NULL;
        todo_error reason = TODO_ERROR_INIT;
        todo_status status = item_of_draft(user, drafts[i], now + (todo_time)i, &item, &reason);

        if (status != TODO_OK)
            return refuse_draft(&reason, i, error);
        status = todo__item_list_push(list, item, error);
        if (status != TODO_OK) {
            todo_item_unref(item);
            return status;
        }
    }
    return TODO_OK;
}

todo_status todo_commands_create_batch(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                       const todo_item_draft *const *drafts, size_t count,
                                       todo_item_list **ret_list, todo_error *error)
{
    todo_item_list *list = NULL;
    todo_status status;

    if (!todo__given(error, commands, user, ret_list, drafts || count == 0))
        return TODO_ERR_INVALID;
    if (count == 0)
        return todo_error_set(error, TODO_ERR_INVALID, "todos_empty", "todos", "todos cannot be empty");
    if (count > TODO_BATCH_MAX)
        return todo_error_set(error, TODO_ERR_TOO_LARGE, "batch_too_large", "todos",
                              "a batch has at most 1000 todos");
    status = todo__item_list_new(&list, error);
    if (status == TODO_OK)
        status = items_of_drafts(user, drafts, count, todo_clock_now(commands->clock), list, error);
    if (status == TODO_OK)
        status = insert(commands, call, todo__item_list_items(list), count, error);
    if (status != TODO_OK) {
        todo_item_list_free(list);
        return status;
    }
    *ret_list = list;
    return TODO_OK;
}

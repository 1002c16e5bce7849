#include "usecases/commands/commands.h"

#include "domain/rules.h"
#include "util/alloc.h"
#include "util/structs.h"

static todo_status refuse_null(const char *code, const char *field, const char *message, todo_error *error)
{
    return todo_error_set(error, TODO_ERR_INVALID, code, field, message);
}

/* Checks a patch and trims its title, which then lies in `ret_title` and is to be freed. */
static todo_status prepare(todo_item_patch *patch, char **ret_title, todo_error *error)
{
    todo__slice title;
    todo_status status = TODO_OK;

    if (patch->title.presence == TODO_NULL)
        return refuse_null("title_null", "title", "title cannot be null", error);
    if (patch->completed.presence == TODO_NULL)
        return refuse_null("completed_null", "completed", "completed cannot be null", error);
    if (patch->description.presence == TODO_VALUE)
        status = todo__rule_description(patch->description.value, error);
    if (status != TODO_OK || patch->title.presence != TODO_VALUE)
        return status;
    status = todo__rule_title(patch->title.value, &title, error);
    if (status != TODO_OK)
        return status;
    *ret_title = todo__strndup(title.text, title.length);
    if (*ret_title == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    patch->title.value = *ret_title;
    return TODO_OK;
}

todo_status todo_commands_update(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, const todo_item_patch *patch,
                                 const todo_item **ret_item, todo_error *error)
{
    todo_item_patch known;
    char *title = NULL;
    todo_status status = todo__struct_take(&known, sizeof(known), patch, error);

    if (status != TODO_OK)
        return status;
    if (commands == NULL || user == NULL || id == NULL || ret_item == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    status = prepare(&known, &title, error);
    if (status == TODO_OK)
        status = todo_writer_update(commands->writer, call, user, id, &known, todo_clock_now(commands->clock),
                                    ret_item, error);
    todo__free(title);
    return status;
}

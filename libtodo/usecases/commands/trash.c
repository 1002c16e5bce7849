/* What becomes of removed todos. */
#include "usecases/commands/commands.h"

todo_status todo_commands_restore(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                  const todo_uuid *id, int64_t if_version, const todo_item **ret_item,
                                  todo_error *error)
{
    if (!todo__given(error, commands, user, id, ret_item))
        return TODO_ERR_INVALID;
    return todo_writer_restore(commands->writer, call, user, id, if_version, todo_clock_now(commands->clock),
                               ret_item, error);
}

todo_status todo_commands_purge(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                todo_time deleted_before, uint32_t limit, uint32_t *ret_purged,
                                todo_error *error)
{
    if (!todo__given(error, commands, ret_purged))
        return TODO_ERR_INVALID;
    if (limit > TODO_PURGE_MAX)
        return todo_error_set(error, TODO_ERR_INVALID, "limit_invalid", "limit", "limit must be 1 to 1000");
    return todo_writer_purge(commands->writer, call, user, deleted_before, limit, NULL, NULL, ret_purged,
                             error);
}

#include "usecases/commands/commands.h"

/* Over a writer of an older kind, which has no trash, a removal is what it always was. */
todo_status todo_commands_remove(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, int64_t if_version, todo_error *error)
{
    int64_t version;
    todo_status status;

    if (!todo__given(error, commands, user, id))
        return TODO_ERR_INVALID;
    status = todo_writer_trash(commands->writer, call, user, id, if_version, todo_clock_now(commands->clock),
                               &version, error);
    if (status != TODO_ERR_UNSUPPORTED)
        return status;
    return todo_commands_erase(commands, call, user, id, if_version, error);
}

todo_status todo_commands_erase(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                const todo_uuid *id, int64_t if_version, todo_error *error)
{
    if (!todo__given(error, commands, user, id))
        return TODO_ERR_INVALID;
    return todo_writer_remove(commands->writer, call, user, id, if_version, error);
}

#include "usecases/commands/commands.h"

todo_status todo_commands_remove(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, int64_t if_version, todo_error *error)
{
    if (commands == NULL || user == NULL || id == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    return todo_writer_remove(commands->writer, call, user, id, if_version, error);
}

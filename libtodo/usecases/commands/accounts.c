#include "usecases/commands/commands.h"

#include <string.h>

#include "domain/rules.h"

todo_status todo_commands_set_password(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                       const char *password, todo_error *error)
{
    char hash[TODO__PASSWORD_HASH_SIZE];
    todo_status status = todo__commands_need_users(commands, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, user))
        return TODO_ERR_INVALID;
    status = todo__rule_password(password, error);
    if (status == TODO_OK)
        status = todo__commands_hash(commands, call, password, hash, error);
    if (status != TODO_OK)
        return status;
    status = todo_users_set_password_hash(commands->users, call, user, NULL, hash, error);
    explicit_bzero(hash, sizeof(hash));
    return status;
}

todo_status todo_commands_remove_user(todo_commands *commands, const todo_call *call, const todo_uuid *user,
                                      todo_error *error)
{
    todo_status status = todo__commands_need_users(commands, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, user))
        return TODO_ERR_INVALID;
    return todo_users_remove(commands->users, call, user, NULL, NULL, error);
}

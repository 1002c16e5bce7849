#include "usecases/commands/commands.h"

#include <string.h>

#include <todo/port/build.h>

#include "domain/rules.h"
#include "usecases/find_user.h"

static todo_status refuse(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "invalid_credentials", NULL,
                          "invalid credentials");
}

/*
 * Checks the password of `user`, or spends the same time when there is none: hashing with a fresh salt costs what
 * checking costs.
 */
static todo_status check(todo_commands *commands, const todo_call *call, const todo_user *user,
                         const char *password, bool *ret_match, todo_error *error)
{
    char unused[TODO__PASSWORD_HASH_SIZE];
    todo_status status;

    if (user == NULL) {
        status = todo__commands_hash(commands, call, password, unused, error);
        explicit_bzero(unused, sizeof(unused));
        *ret_match = false;
        return status;
    }
    status = todo__commands_begin_hashing(commands, call, error);
    if (status != TODO_OK)
        return status;
    status = todo__password_verify(password, todo_user_password_hash(user), ret_match, error);
    todo__commands_end_hashing(commands, call);
    return status;
}

/* A login that succeeded never fails for want of an upgrade: the next one tries again. */
static void upgrade_hash(todo_commands *commands, const todo_call *call, const todo_user *user,
                         const char *password)
{
    const char *old_hash = todo_user_password_hash(user);
    char new_hash[TODO__PASSWORD_HASH_SIZE];

    if (!todo__password_outdated(old_hash) ||
        todo__commands_hash(commands, call, password, new_hash, NULL) != TODO_OK)
        return;
    todo_users_set_password_hash(commands->users, call, &user->id, old_hash, new_hash, NULL);
    explicit_bzero(new_hash, sizeof(new_hash));
}

static todo_status check_and_upgrade(todo_commands *commands, const todo_call *call, const todo_user *user,
                                     const char *password, todo_error *error)
{
    bool match = false;
    todo_status status = check(commands, call, user, password, &match, error);

    if (status != TODO_OK)
        return status;
    if (!match)
        return refuse(error);
    upgrade_hash(commands, call, user, password);
    return TODO_OK;
}

todo_status todo_commands_login(todo_commands *commands, const todo_call *call, const char *email,
                                const char *password, const todo_user **ret_user, todo_error *error)
{
    char known_email[TODO_EMAIL_MAX + 1];
    const todo_user *user = NULL;
    todo_status status = todo__commands_need_users(commands, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, email, password, ret_user))
        return TODO_ERR_INVALID;
    /* What can be no account's e-mail or password is wrong, and says nothing about accounts: no need to spend time. */
    if (todo__rule_email(email, known_email, NULL) != TODO_OK || strlen(password) > TODO_PASSWORD_MAX_BYTES)
        return refuse(error);
    status = todo__find_user(commands->users, call, email, &user, error);
    if (status != TODO_OK && status != TODO_ERR_NOT_FOUND)
        return status;
    status = check_and_upgrade(commands, call, user, password, error);
    if (status != TODO_OK) {
        todo_user_unref(user);
        return status;
    }
    *ret_user = user;
    return TODO_OK;
}

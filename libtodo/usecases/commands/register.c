#include "usecases/commands/commands.h"

#include <string.h>

#include <todo/port/build.h>

#include "domain/rules.h"
#include "util/alloc.h"
#include "util/structs.h"

/* An absent, null or blank name is none. The copy is to be freed. */
static todo_status copy_display_name(const char *text, char **ret_name, todo_error *error)
{
    todo__slice name;
    todo_status status;

    if (text == NULL)
        return TODO_OK;
    status = todo__rule_display_name(text, &name, error);
    if (status != TODO_OK || name.length == 0)
        return status;
    *ret_name = todo__strndup(name.text, name.length);
    return *ret_name != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

static todo_status insert(todo_commands *commands, const todo_call *call, todo_user_fields *fields,
                          const todo_user **ret_user, todo_error *error)
{
    const todo_user *user = NULL;
    todo_status status = todo_uuid_generate(&fields->id, error);

    if (status != TODO_OK)
        return status;
    fields->created_at = todo_clock_now(commands->clock);
    status = todo_user_build(fields, &user, error);
    if (status != TODO_OK)
        return status;
    status = todo_users_insert(commands->users, call, user, error);
    if (status != TODO_OK) {
        todo_user_unref(user);
        return status == TODO_ERR_CONFLICT
                   ? todo_error_set(error, status, "email_exists", "email", "email already exists")
                   : status;
    }
    *ret_user = user;
    return TODO_OK;
}

/* CONFLICT when an account of a former version has the address in a spelling of its own. */
static todo_status look_for_former(todo_commands *commands, const todo_call *call, const char *text,
                                   const char *email, todo_error *error)
{
    char former[TODO_EMAIL_MAX + 1];
    const todo_user *user = NULL;
    todo_status status;

    if (!todo__email_of_former_versions(text, email, former))
        return TODO_OK;
    status = todo_users_find_by_email(commands->users, call, former, &user, error);
    todo_user_unref(user);
    if (status == TODO_OK)
        return todo_error_set(error, TODO_ERR_CONFLICT, "email_exists", "email", "email already exists");
    return status == TODO_ERR_NOT_FOUND ? TODO_OK : status;
}

todo_status todo_commands_register(todo_commands *commands, const todo_call *call,
                                   const todo_registration *registration, const todo_user **ret_user,
                                   todo_error *error)
{
    todo_registration known;
    char email[TODO_EMAIL_MAX + 1];
    char hash[TODO__PASSWORD_HASH_SIZE];
    char *display_name = NULL;
    todo_status status = todo__struct_take(&known, sizeof(known), registration, error);

    if (status == TODO_OK)
        status = todo__commands_need_users(commands, error);
    if (status == TODO_OK && !todo__given(error, ret_user))
        status = TODO_ERR_INVALID;
    if (status == TODO_OK)
        status = todo__rule_email(known.email, email, error);
    if (status == TODO_OK)
        status = todo__rule_password(known.password, error);
    if (status == TODO_OK)
        status = look_for_former(commands, call, known.email, email, error);
    if (status == TODO_OK)
        status = copy_display_name(known.display_name, &display_name, error);
    if (status == TODO_OK)
        status = todo__commands_hash(commands, call, known.password, hash, error);
    if (status == TODO_OK) {
        todo_user_fields fields = {
            .size = sizeof(fields), .email = email, .display_name = display_name, .password_hash = hash};

        status = insert(commands, call, &fields, ret_user, error);
        explicit_bzero(hash, sizeof(hash));
    }
    todo__free(display_name);
    return status;
}

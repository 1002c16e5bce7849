#include "usecases/find_user.h"

#include "domain/rules.h"

todo_status todo__find_user(todo_users *users, const todo_call *call, const char *text,
                            const todo_user **ret_user, todo_error *error)
{
    char email[TODO_EMAIL_MAX + 1], former[TODO_EMAIL_MAX + 1];
    todo_status status;

    if (todo__rule_email(text, email, NULL) != TODO_OK)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    status = todo_users_find_by_email(users, call, email, ret_user, error);
    if (status == TODO_ERR_NOT_FOUND && todo__email_of_former_versions(text, email, former))
        status = todo_users_find_by_email(users, call, former, ret_user, error);
    return status;
}

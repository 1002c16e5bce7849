#include "usecases/queries/queries.h"

#include "usecases/find_user.h"

static todo_status need_users(const todo_queries *queries, todo_error *error)
{
    if (!todo__given(error, queries))
        return TODO_ERR_INVALID;
    if (queries->users == NULL)
        return todo_error_set(error, TODO_ERR_UNSUPPORTED, "users_missing", NULL, NULL);
    return TODO_OK;
}

todo_status todo_queries_user(todo_queries *queries, const todo_call *call, const todo_uuid *id,
                              const todo_user **ret_user, todo_error *error)
{
    todo_status status = need_users(queries, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, id, ret_user))
        return TODO_ERR_INVALID;
    return todo_users_find_by_id(queries->users, call, id, ret_user, error);
}

todo_status todo_queries_user_by_email(todo_queries *queries, const todo_call *call, const char *email,
                                       const todo_user **ret_user, todo_error *error)
{
    todo_status status = need_users(queries, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, email, ret_user))
        return TODO_ERR_INVALID;
    return todo__find_user(queries->users, call, email, ret_user, error);
}

todo_status todo_queries_each_user(todo_queries *queries, const todo_call *call, todo_user_visit visit,
                                   void *arg, todo_error *error)
{
    todo_status status = need_users(queries, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, visit))
        return TODO_ERR_INVALID;
    return todo_users_list(queries->users, call, visit, arg, error);
}

#include "usecases/queries/queries.h"

todo_status todo_queries_get(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                             const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    if (!todo__given(error, queries, user, id, ret_item))
        return TODO_ERR_INVALID;
    return todo_reader_get(queries->reader, call, user, id, ret_item, error);
}

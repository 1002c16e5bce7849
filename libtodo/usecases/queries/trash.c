#include "usecases/queries/queries.h"

todo_status todo_queries_count_trash(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                     todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    if (!todo__given(error, queries, ret_count))
        return TODO_ERR_INVALID;
    return todo_reader_count_trash(queries->reader, call, user, deleted_before, ret_count, error);
}

todo_status todo_queries_get_trashed(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    if (!todo__given(error, queries, user, id, ret_item))
        return TODO_ERR_INVALID;
    return todo_reader_get_trashed(queries->reader, call, user, id, ret_item, error);
}

#include "usecases/queries/queries.h"

todo_status todo_queries_count_trash(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                     todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    if (queries == NULL || ret_count == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    return todo_reader_count_trash(queries->reader, call, user, deleted_before, ret_count, error);
}

todo_status todo_queries_get_trashed(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    if (queries == NULL || user == NULL || id == NULL || ret_item == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    return todo_reader_get_trashed(queries->reader, call, user, id, ret_item, error);
}

#include "usecases/queries/queries.h"

#include "util/alloc.h"
#include "util/structs.h"

void todo_queries_options_init(todo_queries_options *options, size_t size)
{
    todo__struct_init(options, size);
}

todo_status todo_queries_new(const todo_queries_options *options, todo_queries **ret_queries,
                             todo_error *error)
{
    todo_queries_options known;
    todo_queries *queries;
    todo_status status = todo__struct_take(&known, sizeof(known), options, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, known.reader, ret_queries))
        return TODO_ERR_INVALID;
    queries = todo__calloc(1, sizeof(*queries));
    if (queries == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    queries->reader = todo_reader_ref(known.reader);
    queries->users = todo_users_ref(known.users);
    *ret_queries = queries;
    return TODO_OK;
}

void todo_queries_free(todo_queries *queries)
{
    if (queries == NULL)
        return;
    todo_reader_unref(queries->reader);
    todo_users_unref(queries->users);
    todo__free(queries);
}

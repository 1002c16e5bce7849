#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    status = todo__pg_run(self, call, TODO__PG_TODO_GET, &params, &result, error);
    if (status != TODO_OK)
        return status;
    if (PQntuples(result) == 0)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo__pg_build_item(result, 0, user, ret_item, error);
    PQclear(result);
    return status;
}

static todo__pg_statement_id list_statement(const todo_list_query *query)
{
    if (query->sort == TODO_SORT_UPDATED_AT)
        return query->ascending ? TODO__PG_TODO_LIST_UPDATED_UP : TODO__PG_TODO_LIST_UPDATED_DOWN;
    return query->ascending ? TODO__PG_TODO_LIST_CREATED_UP : TODO__PG_TODO_LIST_CREATED_DOWN;
}

/* The position before the first item: beyond every time that is stored. */
static todo_cursor list_start(const todo_list_query *query)
{
    return query->after != NULL ? *query->after
                                : (todo_cursor){query->ascending ? INT64_MIN : INT64_MAX, {{0}}};
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    todo_cursor after = list_start(query);
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, user);
    if (query->completed == TODO_ANY)
        todo__pg_add_null(&params);
    else
        todo__pg_add_bool(&params, query->completed == TODO_ONLY_TRUE);
    todo__pg_add_time(&params, after.key);
    todo__pg_add_uuid(&params, &after.id);
    todo__pg_add_int(&params, query->limit);
    status = todo__pg_run(self, call, list_statement(query), &params, &result, error);
    if (status != TODO_OK)
        return status;
    for (int row = 0; row < PQntuples(result) && status == TODO_OK; row++) {
        todo_item item = todo__pg_row_item(result, row, user);

        status = visit(arg, &item);
    }
    PQclear(result);
    return status;
}

todo_status todo__pg_reader_new(todo__pg_pool *pool, todo_reader **ret_reader, todo_error *error)
{
    static const todo_reader_ops ops = {.size = sizeof(ops), .get = get, .list = list};

    return todo_reader_new(&ops, pool, ret_reader, error);
}

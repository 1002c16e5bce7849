#include "adapters/postgres/array.h"
#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"

static todo_status insert_one(todo__pg_pool *pool, const todo_call *call, const todo_item *item,
                              todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, &item->id);
    todo__pg_add_uuid(&params, &item->user_id);
    todo__pg_add_text(&params, item->title);
    todo__pg_add_text(&params, item->description);
    todo__pg_add_bool(&params, item->completed);
    todo__pg_add_time(&params, item->created_at);
    todo__pg_add_time(&params, item->updated_at);
    todo__pg_add_int(&params, item->version);
    status = todo__pg_run(pool, call, TODO__PG_TODO_INSERT, &params, &result, error);
    if (status == TODO_OK)
        PQclear(result);
    return status;
}

/* The columns of an insert of many, as arrays in the order of the parameters. */
enum { COLUMNS = 8 };

static void fill_columns(todo__pg_array columns[COLUMNS], const todo_item *const *items, size_t count)
{
    static const todo__pg_type types[COLUMNS] = {
        TODO__PG_UUID, TODO__PG_UUID,        TODO__PG_TEXT,        TODO__PG_TEXT,
        TODO__PG_BOOL, TODO__PG_TIMESTAMPTZ, TODO__PG_TIMESTAMPTZ, TODO__PG_INT8,
    };

    for (int i = 0; i < COLUMNS; i++)
        todo__pg_array_begin(&columns[i], types[i], count);
    for (size_t i = 0; i < count; i++) {
        todo__pg_array_uuid(&columns[0], &items[i]->id);
        todo__pg_array_uuid(&columns[1], &items[i]->user_id);
        todo__pg_array_text(&columns[2], items[i]->title);
        todo__pg_array_text(&columns[3], items[i]->description);
        todo__pg_array_bool(&columns[4], items[i]->completed);
        todo__pg_array_time(&columns[5], items[i]->created_at);
        todo__pg_array_time(&columns[6], items[i]->updated_at);
        todo__pg_array_int(&columns[7], items[i]->version);
    }
}

static todo_status insert_many(todo__pg_pool *pool, const todo_call *call, const todo_item *const *items,
                               size_t count, todo_error *error)
{
    todo__pg_array columns[COLUMNS] = {{0}};
    todo__pg_params params = {0};
    bool failed = false;
    PGresult *result;
    todo_status status;

    fill_columns(columns, items, count);
    for (int i = 0; i < COLUMNS; i++) {
        failed = failed || columns[i].failed;
        todo__pg_add_bytes(&params, columns[i].bytes, columns[i].length);
    }
    status = failed ? todo__pg_nomem(error)
                    : todo__pg_run(pool, call, TODO__PG_TODO_INSERT_MANY, &params, &result, error);
    if (status == TODO_OK)
        PQclear(result);
    for (int i = 0; i < COLUMNS; i++)
        todo__pg_array_free(&columns[i]);
    return status;
}

/* A single statement is a transaction of its own: all or none. */
static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    return count == 1 ? insert_one(self, call, items[0], error)
                      : insert_many(self, call, items, count, error);
}

/*
 * Why a change found nothing to change. It was decided by the statement that changed nothing; this only finds the
 * words for it, so that it does not matter what others did in between.
 */
static todo_status explain_miss(todo__pg_pool *pool, const todo_call *call, const todo_uuid *user,
                                const todo_uuid *id, int64_t if_version, todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    bool user_exists, todo_exists;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    status = todo__pg_run(pool, call, TODO__PG_TODO_EXISTS, &params, &result, error);
    if (status != TODO_OK)
        return status;
    user_exists = todo__pg_row_bool(result, 0, 0);
    todo_exists = todo__pg_row_bool(result, 0, 1);
    PQclear(result);
    if (!user_exists)
        return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
    if (todo_exists && if_version != 0)
        return todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    todo__pg_add_int(&params, patch->if_version);
    todo__pg_add_text(&params, patch->title.presence == TODO_VALUE ? patch->title.value : NULL);
    todo__pg_add_bool(&params, patch->description.presence != TODO_ABSENT);
    todo__pg_add_text(&params, patch->description.presence == TODO_VALUE ? patch->description.value : NULL);
    if (patch->completed.presence == TODO_VALUE)
        todo__pg_add_bool(&params, patch->completed.value);
    else
        todo__pg_add_null(&params);
    todo__pg_add_time(&params, now);
    status = todo__pg_run(self, call, TODO__PG_TODO_UPDATE, &params, &result, error);
    if (status != TODO_OK)
        return status;
    if (PQntuples(result) == 0)
        status = explain_miss(self, call, user, id, patch->if_version, error);
    else
        status = todo__pg_build_item(result, 0, user, ret_item, error);
    PQclear(result);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    todo__pg_add_int(&params, if_version);
    status = todo__pg_run(self, call, TODO__PG_TODO_DELETE, &params, &result, error);
    if (status != TODO_OK)
        return status;
    if (*PQcmdTuples(result) == '0')
        status = explain_miss(self, call, user, id, if_version, error);
    PQclear(result);
    return status;
}

todo_status todo__pg_writer_new(todo__pg_pool *pool, todo_writer **ret_writer, todo_error *error)
{
    static const todo_writer_ops ops = {
        .size = sizeof(ops), .insert = insert, .update = update, .remove = remove_item};

    return todo_writer_new(&ops, pool, ret_writer, error);
}

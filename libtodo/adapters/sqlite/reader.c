#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "domain/entity.h"

/* Of a read that found nothing: fails unless there is such a user. */
static todo_status need_user(todo__sqlite_connection *connection, const todo_uuid *user, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_USER_EXISTS, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, user);
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_ROW)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    else if (sqlite3_column_int(statement, 0) == 0)
        status = todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
    todo__sqlite_done(statement);
    return status;
}

static todo_status find(todo__sqlite_connection *connection, todo__sqlite_statement_id which,
                        const todo_uuid *user, const todo_uuid *id, const todo_item **ret_item,
                        todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, which, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    todo_item row;
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, id);
    todo__sqlite_bind_uuid(&binder, user);
    rc = todo__sqlite_start(&binder);
    if (rc == SQLITE_ROW)
        status = todo__sqlite_item_of_row(statement, &row, error);
    else if (rc != SQLITE_DONE)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    if (status == TODO_OK && rc == SQLITE_ROW)
        status = todo__item_new(&row, ret_item, error);
    todo__sqlite_done(statement);
    if (status != TODO_OK || rc == SQLITE_ROW)
        return status;
    status = need_user(connection, user, error);
    return status == TODO_OK ? todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL) : status;
}

static todo_status get_by(todo__sqlite *db, const todo_call *call, todo__sqlite_statement_id which,
                          const todo_uuid *user, const todo_uuid *id, const todo_item **ret_item,
                          todo_error *error)
{
    todo__sqlite_connection *connection = NULL;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = find(connection, which, user, id, ret_item, error);
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    return get_by(self, call, TODO__SQLITE_TODO_FIND, user, id, ret_item, error);
}

static todo_status get_trashed(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error)
{
    return get_by(self, call, TODO__SQLITE_TODO_FIND_TRASHED, user, id, ret_item, error);
}

/* Hands each row to `visit` as it is read: nothing is copied. */
static todo_status visit_rows(todo__sqlite_connection *connection, const todo__sqlite_binder *binder,
                              todo_item_visit visit, void *arg, bool *ret_empty, todo_error *error)
{
    todo_status status = TODO_OK;
    todo_item row;
    int rc;

    *ret_empty = true;
    for (rc = todo__sqlite_start(binder); rc == SQLITE_ROW; rc = sqlite3_step(binder->statement)) {
        *ret_empty = false;
        status = todo__sqlite_item_of_row(binder->statement, &row, error);
        if (status == TODO_OK)
            status = visit(arg, &row);
        if (status != TODO_OK)
            return status;
    }
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    sqlite3_stmt *statement = NULL;
    todo__sqlite_binder binder;
    bool empty;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = todo__sqlite_statement(connection, todo__sqlite_list_statement(query), &statement, error);
    if (status == TODO_OK) {
        binder = todo__sqlite_binder_of(statement);
        todo__sqlite_bind_uuid(&binder, user);
        todo__sqlite_bind_integer(&binder, query->limit);
        todo__sqlite_bind_integer(&binder, query->deleted);
        if (query->after != NULL) {
            todo__sqlite_bind_integer(&binder, query->after->key);
            todo__sqlite_bind_uuid(&binder, &query->after->id);
        }
        status = visit_rows(connection, &binder, visit, arg, &empty, error);
        todo__sqlite_done(statement);
        if (status == TODO_OK && empty)
            status = need_user(connection, user, error);
    }
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

static todo_status count(todo__sqlite_connection *connection, const todo_uuid *user, todo_time deleted_before,
                         uint64_t *ret_count, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(
        connection, user != NULL ? TODO__SQLITE_TODO_COUNT_TRASH_USER : TODO__SQLITE_TODO_COUNT_TRASH,
        &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_integer(&binder, deleted_before);
    if (user != NULL)
        todo__sqlite_bind_uuid(&binder, user);
    rc = todo__sqlite_start(&binder);
    if (rc == SQLITE_ROW)
        *ret_count = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        status = todo__sqlite_error(connection->sqlite, rc, error);
    todo__sqlite_done(statement);
    return status;
}

static todo_status count_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = count(connection, user, deleted_before, ret_count, error);
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

const todo_reader_ops todo__sqlite_reader_ops = {
    .size = sizeof(todo_reader_ops),
    .get = get,
    .list = list,
    .count_trash = count_trash,
    .get_trashed = get_trashed,
};

#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "adapters/sqlite/sequence.h"
#include "domain/call.h"
#include "domain/entity.h"

/* A read of one user's todos, in one snapshot. */
typedef struct snapshot {
    todo__sqlite *db;
    todo__sqlite_connection *connection;
    sqlite3_stmt *sequence; /* as long as it is not done, the snapshot stays */
} snapshot;

static void end(snapshot *opened)
{
    todo__sqlite_done(opened->sequence);
    todo__sqlite_pool_give(&opened->db->pool, opened->connection);
}

/* A file has one state: one that is too old stays so. */
static todo_status check_demand(const todo_call *call, const todo_sequence *shown, todo_error *error)
{
    if (call != NULL && call->at_least != NULL && !todo__is_now(call->at_least) &&
        todo_sequence_compare(shown, call->at_least) < 0)
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "sequence_unavailable", NULL, NULL);
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = *shown;
    return TODO_OK;
}

/* With TODO_OK, `end` must follow. */
static todo_status begin(todo__sqlite *db, const todo_call *call, const todo_uuid *user, snapshot *ret_opened,
                         todo_error *error)
{
    todo_sequence shown;
    todo_status status;

    *ret_opened = (snapshot){.db = db};
    status = todo__sqlite_reader(db, call, &ret_opened->connection, error);
    if (status != TODO_OK)
        return status;
    status = todo__sqlite_sequence_begin(ret_opened->connection, user, &ret_opened->sequence, &shown, error);
    if (status == TODO_OK)
        status = check_demand(call, &shown, error);
    if (status != TODO_OK)
        end(ret_opened);
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
    else if (rc == SQLITE_DONE)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo__sqlite_error(connection->sqlite, rc, error);
    if (status == TODO_OK)
        status = todo__item_new(&row, ret_item, error);
    todo__sqlite_done(statement);
    return status;
}

static todo_status get_by(todo__sqlite *db, const todo_call *call, todo__sqlite_statement_id which,
                          const todo_uuid *user, const todo_uuid *id, const todo_item **ret_item,
                          todo_error *error)
{
    snapshot opened;
    todo_status status = begin(db, call, user, &opened, error);

    if (status != TODO_OK)
        return status;
    status = find(opened.connection, which, user, id, ret_item, error);
    end(&opened);
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
                              todo_item_visit visit, void *arg, todo_error *error)
{
    todo_status status = TODO_OK;
    todo_item row;
    int rc;

    for (rc = todo__sqlite_start(binder); rc == SQLITE_ROW; rc = sqlite3_step(binder->statement)) {
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
    snapshot opened;
    sqlite3_stmt *statement = NULL;
    todo__sqlite_binder binder;
    todo_status status = begin(self, call, user, &opened, error);

    if (status != TODO_OK)
        return status;
    status = todo__sqlite_statement(opened.connection, todo__sqlite_list_statement(query), &statement, error);
    if (status == TODO_OK) {
        binder = todo__sqlite_binder_of(statement);
        todo__sqlite_bind_uuid(&binder, user);
        todo__sqlite_bind_integer(&binder, query->limit);
        todo__sqlite_bind_integer(&binder, query->deleted);
        if (query->after != NULL) {
            todo__sqlite_bind_integer(&binder, query->after->key);
            todo__sqlite_bind_uuid(&binder, &query->after->id);
        }
        status = visit_rows(opened.connection, &binder, visit, arg, error);
        todo__sqlite_done(statement);
    }
    end(&opened);
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

#include "adapters/sqlite/sequence.h"

#include "adapters/sqlite/error.h"

todo_status todo__sqlite_sequence_begin(todo__sqlite_connection *connection, const todo_uuid *user,
                                        sqlite3_stmt **ret_statement, todo_sequence *ret_sequence,
                                        todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_SEQUENCE, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, user);
    rc = todo__sqlite_start(&binder);
    if (rc == SQLITE_ROW) {
        ret_sequence->epoch = (uint64_t)sqlite3_column_int64(statement, 0);
        ret_sequence->number = (uint64_t)sqlite3_column_int64(statement, 1);
        *ret_statement = statement;
        return TODO_OK;
    }
    if (rc == SQLITE_DONE)
        status = todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
    else
        status = todo__sqlite_error(connection->sqlite, rc, error);
    todo__sqlite_done(statement);
    return status;
}

todo_status todo__sqlite_sequence_read(todo__sqlite_connection *connection, const todo_uuid *user,
                                       todo_sequence *ret_sequence, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_sequence_begin(connection, user, &statement, ret_sequence, error);

    todo__sqlite_done(statement);
    return status;
}

todo_status todo__sqlite_sequence_store(todo__sqlite_connection *connection, const todo_uuid *user,
                                        uint64_t number, bool vanished, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_SEQUENCE_STORE, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, user);
    todo__sqlite_bind_integer(&binder, (int64_t)number);
    todo__sqlite_bind_integer(&binder, vanished);
    rc = todo__sqlite_start(&binder);
    todo__sqlite_done(statement);
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

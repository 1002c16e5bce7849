#include "adapters/sqlite/schema.h"

#include <stdio.h>
#include <string.h>

#include "adapters/sqlite/error.h"

todo_status todo__sqlite_schema_prepare(todo__sqlite_connection *connection, const char *sql,
                                        sqlite3_stmt **ret_statement, todo_error *error)
{
    int rc = sqlite3_prepare_v2(connection->sqlite, sql, -1, ret_statement, NULL);

    return rc == SQLITE_OK ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

todo_status todo__sqlite_schema_run(todo__sqlite_connection *connection, const todo__sqlite_binder *binder,
                                    todo_error *error)
{
    int rc = todo__sqlite_start(binder);
    todo_status status = rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);

    sqlite3_finalize(binder->statement);
    return status;
}

static todo_status has_record(todo__sqlite_connection *connection, bool *ret_has, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_schema_prepare(
        connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
        &statement, error);
    int rc;

    if (status != TODO_OK)
        return status;
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        *ret_has = rc == SQLITE_ROW;
    else
        status = todo__sqlite_error(connection->sqlite, rc, error);
    sqlite3_finalize(statement);
    return status;
}

/* Compares a recorded migration with the library's; `expected` is the number that has to come. */
static todo_status check(int64_t number, uint32_t expected, const char *checksum, todo_error *error)
{
    char detail[128];

    if (number > todo__sqlite_migrations_count)
        return todo_error_set(error, TODO_ERR_INTERNAL, "schema_newer", NULL,
                              "the database is of a later version of this software");
    if (number == expected && checksum != NULL &&
        strcmp(checksum, todo__sqlite_migrations[number - 1].checksum) == 0)
        return TODO_OK;
    todo_error_set(error, TODO_ERR_INTERNAL, "migration_changed", NULL,
                   "the database was made by another variant of this version");
    snprintf(detail, sizeof(detail), "migration %lld, expected as number %u, has another checksum",
             (long long)number, expected);
    todo_error_set_detail(error, detail);
    return TODO_ERR_INTERNAL;
}

todo_status todo__sqlite_schema_read(todo__sqlite_connection *connection, uint32_t *ret_count,
                                     todo_time *ret_times, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    bool has = false;
    todo_status status = has_record(connection, &has, error);
    int rc = SQLITE_DONE;

    *ret_count = 0;
    if (status != TODO_OK || !has)
        return status;
    status = todo__sqlite_schema_prepare(
        connection, "SELECT number, checksum, applied_at FROM schema_migrations ORDER BY number", &statement,
        error);
    while (status == TODO_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        status = check(sqlite3_column_int64(statement, 0), *ret_count + 1,
                       (const char *)sqlite3_column_text(statement, 1), error);
        if (status == TODO_OK && ret_times != NULL)
            ret_times[*ret_count] = sqlite3_column_int64(statement, 2);
        ++*ret_count;
    }
    if (status == TODO_OK && rc != SQLITE_DONE)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    sqlite3_finalize(statement);
    return status;
}

todo_status todo__sqlite_schema_apply(todo__sqlite_connection *connection,
                                      const todo__migration_source *migration, const char *sql,
                                      todo_error *error)
{
    int rc = sqlite3_exec(connection->sqlite, sql, NULL, NULL, NULL);
    todo_status status;
    char detail[256];

    if (rc == SQLITE_OK)
        return TODO_OK;
    status = todo__sqlite_error(connection->sqlite, rc, error);
    if (status != TODO_ERR_INTERNAL)
        return status;
    snprintf(detail, sizeof(detail), "%u (%s): SQLite %d: %s", migration->number, migration->name, rc,
             sqlite3_errmsg(connection->sqlite));
    todo_error_set(error, TODO_ERR_INTERNAL, "migration_failed", NULL, "a migration of the database failed");
    todo_error_set_detail(error, detail);
    return TODO_ERR_INTERNAL;
}

#include "adapters/postgres/schema.h"

#include <stdio.h>
#include <string.h>

#include "adapters/postgres/row.h"

int64_t todo__pg_schema_deadline(const todo_call *call)
{
    return call != NULL && call->deadline != 0 ? call->deadline : INT64_MAX;
}

todo_status todo__pg_schema_end(todo__pg_connection *connection, int64_t deadline, todo_status status,
                                todo_error *error)
{
    if (status == TODO_OK)
        status = todo__pg_execute_text(connection, deadline, "COMMIT", error);
    /* Closing the connection rolls back, whatever state it is in. */
    if (status != TODO_OK)
        connection->verdict = TODO__PG_LOST;
    return status;
}

todo_status todo__pg_schema_run(todo__pg_connection *connection, int64_t deadline, const char *sql,
                                const todo__pg_params *params, todo_error *error)
{
    PGresult *result;
    todo_status status = todo__pg_execute_once(connection, deadline, sql, params, &result, error);

    if (status == TODO_OK)
        PQclear(result);
    return status;
}

/* Compares a recorded migration with the library's. */
static todo_status check(const PGresult *result, int row, todo_error *error)
{
    int64_t number = todo__pg_row_int(result, row, 0);
    char detail[128];

    if (number > todo__postgres_migrations_count)
        return todo_error_set(error, TODO_ERR_INTERNAL, "schema_newer", NULL,
                              "the database is of a later version of this software");
    if (number == row + 1 &&
        strcmp(todo__pg_row_text(result, row, 1), todo__postgres_migrations[row].checksum) == 0)
        return TODO_OK;
    todo_error_set(error, TODO_ERR_INTERNAL, "migration_changed", NULL,
                   "the database was made by another variant of this version");
    snprintf(detail, sizeof(detail), "migration %lld is not the one of that number in this library",
             (long long)number);
    todo_error_set_detail(error, detail);
    return TODO_ERR_INTERNAL;
}

todo_status todo__pg_schema_read(todo__pg_connection *connection, int64_t deadline,
                                 todo__pg_schema *ret_schema, todo_error *error)
{
    static const char sql[] = "SELECT number, checksum, applied_at FROM schema_migrations ORDER BY number";
    static const todo__pg_params none = {0};
    PGresult *result;
    todo_status status = todo__pg_execute_once(connection, deadline, sql, &none, &result, error);

    if (status != TODO_OK)
        return status;
    ret_schema->count = 0;
    for (int row = 0; row < PQntuples(result) && status == TODO_OK; row++) {
        status = check(result, row, error);
        if (status == TODO_OK)
            ret_schema->applied_at[ret_schema->count++] = todo__pg_row_time(result, row, 2);
    }
    PQclear(result);
    return status;
}

todo_status todo__pg_schema_look_up(todo__pg_connection *connection, int64_t deadline,
                                    todo__pg_schema *ret_schema, todo_error *error)
{
    static const char sql[] = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    static const todo__pg_params none = {0};
    PGresult *result;
    todo_status status = todo__pg_execute_once(connection, deadline, sql, &none, &result, error);
    bool exists;

    if (status != TODO_OK)
        return status;
    exists = todo__pg_row_bool(result, 0, 0);
    PQclear(result);
    ret_schema->count = 0;
    return exists ? todo__pg_schema_read(connection, deadline, ret_schema, error) : TODO_OK;
}

todo_status todo__pg_schema_apply(todo__pg_connection *connection, int64_t deadline,
                                  const todo__migration_source *migration, const char *sql, todo_error *error)
{
    todo_status status = todo__pg_execute_text(connection, deadline, sql, error);
    char detail[256];

    if (status != TODO_ERR_INTERNAL && status != TODO_ERR_CONFLICT && status != TODO_ERR_UNAUTHENTICATED)
        return status;
    snprintf(detail, sizeof(detail), "%u %s: %.200s", migration->number, migration->name,
             error != NULL && error->size >= sizeof(*error) ? error->detail : "");
    todo_error_set(error, TODO_ERR_INTERNAL, "migration_failed", NULL, "a migration of the database failed");
    todo_error_set_detail(error, detail);
    return TODO_ERR_INTERNAL;
}

#include "adapters/postgres/migrate.h"

#include <stdio.h>
#include <string.h>

#include "adapters/migrations.h"
#include "adapters/postgres/row.h"

#define MIGRATIONS_MAX 256

/*
 * The lock belongs to the transaction and not to the session, for behind a pooler each transaction may have another
 * session. It is taken before anything is looked up, so that what is seen stays true.
 */
#define BEGIN                                                                   \
    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"       \
    " SELECT pg_advisory_xact_lock(7449369230912111);"                          \
    " CREATE TABLE IF NOT EXISTS schema_migrations (number bigint PRIMARY KEY," \
    " name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL)"

/* What the database says it has: migrations 1 to `count`. */
typedef struct record {
    uint32_t count;
    todo_time applied_at[MIGRATIONS_MAX];
} record;

/* A migration may take long: its only limit is one that the caller sets. */
static int64_t migration_deadline(const todo_call *call)
{
    return call != NULL && call->deadline != 0 ? call->deadline : INT64_MAX;
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

/* Reads what was applied. */
static todo_status read_record(todo__pg_connection *connection, int64_t deadline, record *ret_record,
                               todo_error *error)
{
    static const char sql[] = "SELECT number, checksum, applied_at FROM schema_migrations ORDER BY number";
    static const todo__pg_params none = {0};
    PGresult *result;
    todo_status status = todo__pg_execute_once(connection, deadline, sql, &none, &result, error);

    if (status != TODO_OK)
        return status;
    ret_record->count = 0;
    for (int row = 0; row < PQntuples(result) && status == TODO_OK; row++) {
        status = check(result, row, error);
        if (status == TODO_OK)
            ret_record->applied_at[ret_record->count++] = todo__pg_row_time(result, row, 2);
    }
    PQclear(result);
    return status;
}

/* The same where there may be no record yet. */
static todo_status look_up(todo__pg_connection *connection, int64_t deadline, record *ret_record,
                           todo_error *error)
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
    ret_record->count = 0;
    return exists ? read_record(connection, deadline, ret_record, error) : TODO_OK;
}

static todo_status apply_sql(todo__pg_connection *connection, int64_t deadline,
                             const todo__migration_source *migration, todo_error *error)
{
    todo_status status = todo__pg_execute_text(connection, deadline, migration->sql, error);
    char detail[256];

    if (status != TODO_ERR_INTERNAL && status != TODO_ERR_CONFLICT && status != TODO_ERR_UNAUTHENTICATED)
        return status;
    snprintf(detail, sizeof(detail), "%u %s: %.200s", migration->number, migration->name,
             error != NULL && error->size >= sizeof(*error) ? error->detail : "");
    todo_error_set(error, TODO_ERR_INTERNAL, "migration_failed", NULL, "a migration of the database failed");
    todo_error_set_detail(error, detail);
    return TODO_ERR_INTERNAL;
}

static todo_status record_applied(todo__pg_connection *connection, int64_t deadline,
                                  const todo__migration_source *migration, todo_error *error)
{
    static const char sql[] = "INSERT INTO schema_migrations (number, name, checksum, applied_at)"
                              " VALUES ($1::bigint, $2::text, $3::text, now())";
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_int(&params, migration->number);
    todo__pg_add_text(&params, migration->name);
    todo__pg_add_text(&params, migration->checksum);
    status = todo__pg_execute_once(connection, deadline, sql, &params, &result, error);
    if (status == TODO_OK)
        PQclear(result);
    return status;
}

/* Applies the first outstanding migration, if there is one, in the transaction under way. */
static todo_status apply_next(todo__pg_connection *connection, int64_t deadline, bool *ret_applied,
                              todo_error *error)
{
    const todo__migration_source *migration;
    record applied;
    todo_status status = read_record(connection, deadline, &applied, error);

    *ret_applied = false;
    if (status != TODO_OK || applied.count == todo__postgres_migrations_count)
        return status;
    migration = &todo__postgres_migrations[applied.count];
    status = apply_sql(connection, deadline, migration, error);
    if (status == TODO_OK)
        status = record_applied(connection, deadline, migration, error);
    *ret_applied = status == TODO_OK;
    return status;
}

/* One transaction: the first outstanding migration, whole or not at all. */
static todo_status step(todo__pg_connection *connection, int64_t deadline, bool *ret_applied,
                        todo_error *error)
{
    todo_status status = todo__pg_execute_text(connection, deadline, BEGIN, error);

    if (status == TODO_OK)
        status = apply_next(connection, deadline, ret_applied, error);
    if (status == TODO_OK)
        return todo__pg_execute_text(connection, deadline, "COMMIT", error);
    /* Closing the connection rolls back, whatever state it is in. */
    connection->verdict = TODO__PG_LOST;
    return status;
}

static todo_status migrate(todo__pg_connection *connection, int64_t deadline, uint32_t *ret_count,
                           todo_error *error)
{
    record applied;
    bool again = true;
    todo_status status = look_up(connection, deadline, &applied, error);

    /* With nothing to do, no lock is taken and no right to create tables is needed. */
    if (status != TODO_OK || applied.count == todo__postgres_migrations_count)
        return status;
    while (status == TODO_OK && again) {
        status = step(connection, deadline, &again, error);
        *ret_count += status == TODO_OK && again;
    }
    return status;
}

todo_status todo__pg_migrate(todo__pg_pool *pool, const todo_call *call, uint32_t *ret_applied,
                             todo_error *error)
{
    todo_error failure =
        TODO_ERROR_INIT; /* apply_sql reads the detail, and the caller's error may be short or NULL */
    todo__pg_connection *connection;
    uint32_t count = 0;
    todo_status status = todo__pg_acquire(pool, todo__pg_deadline(pool, call), &connection, error);

    if (status != TODO_OK)
        return status;
    status = migrate(connection, migration_deadline(call), &count, &failure);
    todo__pg_release(pool, connection);
    if (status != TODO_OK) {
        todo_error_set(error, status, failure.code, NULL, failure.message);
        todo_error_set_detail(error, failure.detail);
    } else if (ret_applied != NULL) {
        *ret_applied = count;
    }
    return status;
}

todo_status todo__pg_migrations(todo__pg_pool *pool, const todo_call *call, todo_migration_visit visit,
                                void *arg, todo_error *error)
{
    int64_t deadline = todo__pg_deadline(pool, call);
    todo__pg_connection *connection;
    record applied;
    todo_status status = todo__pg_acquire(pool, deadline, &connection, error);

    if (status != TODO_OK)
        return status;
    status = look_up(connection, deadline, &applied, error);
    todo__pg_release(pool, connection);
    if (status != TODO_OK)
        return status;
    for (uint32_t i = 0; i < todo__postgres_migrations_count; i++) {
        bool is_applied = i < applied.count;
        todo_migration migration = {sizeof(migration), i + 1, todo__postgres_migrations[i].name, is_applied,
                                    is_applied ? applied.applied_at[i] : 0};

        visit(arg, &migration);
    }
    return TODO_OK;
}

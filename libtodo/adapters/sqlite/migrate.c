#include "adapters/migrations.h"

#include <stdio.h>
#include <string.h>

#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "util/alloc.h"

/* One migration, if one is outstanding: a write like others, so that nobody can come in between. */
typedef struct step {
    todo__sqlite_write write;
    bool applied;
} step;

static const char record_table[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                   " number     INTEGER PRIMARY KEY,"
                                   " name       TEXT    NOT NULL,"
                                   " checksum   TEXT    NOT NULL,"
                                   " applied_at INTEGER NOT NULL) STRICT";

static todo_status prepare(todo__sqlite_connection *connection, const char *sql, sqlite3_stmt **ret_statement,
                           todo_error *error)
{
    int rc = sqlite3_prepare_v2(connection->sqlite, sql, -1, ret_statement, NULL);

    return rc == SQLITE_OK ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

static todo_status has_record(todo__sqlite_connection *connection, bool *ret_has, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status =
        prepare(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
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

/* How many migrations the database has, and when each was applied (`ret_times` may be NULL). */
static todo_status read_record(todo__sqlite_connection *connection, uint32_t *ret_count, todo_time *ret_times,
                               todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    bool has = false;
    todo_status status = has_record(connection, &has, error);
    int rc = SQLITE_DONE;

    *ret_count = 0;
    if (status != TODO_OK || !has)
        return status;
    status = prepare(connection, "SELECT number, checksum, applied_at FROM schema_migrations ORDER BY number",
                     &statement, error);
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

static todo_status record(todo__sqlite_connection *connection, const todo__migration_source *migration,
                          todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = prepare(
        connection, "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
        &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_integer(&binder, migration->number);
    todo__sqlite_bind_text(&binder, migration->name);
    todo__sqlite_bind_text(&binder, migration->checksum);
    todo__sqlite_bind_integer(&binder, todo_time_now());
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_DONE)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    sqlite3_finalize(statement);
    return status;
}

static todo_status run(todo__sqlite_connection *connection, const todo__migration_source *migration,
                       todo_error *error)
{
    int rc = sqlite3_exec(connection->sqlite, migration->sql, NULL, NULL, NULL);
    todo_status status;
    char detail[256];

    if (rc == SQLITE_OK)
        return record(connection, migration, error);
    status = todo__sqlite_error(connection->sqlite, rc, error);
    if (status != TODO_ERR_INTERNAL)
        return status;
    snprintf(detail, sizeof(detail), "%u (%s): SQLite %d: %s", migration->number, migration->name, rc,
             sqlite3_errmsg(connection->sqlite));
    todo_error_set(error, TODO_ERR_INTERNAL, "migration_failed", NULL,
                   "the database's schema can't be brought up to date");
    todo_error_set_detail(error, detail);
    return TODO_ERR_INTERNAL;
}

static todo_status apply_step(todo__sqlite_connection *connection, todo__sqlite_write *write,
                              todo_error *error)
{
    step *this = (step *)write;
    uint32_t count;
    int rc = sqlite3_exec(connection->sqlite, record_table, NULL, NULL, NULL);
    todo_status status;

    if (rc != SQLITE_OK)
        return todo__sqlite_error(connection->sqlite, rc, error);
    status = read_record(connection, &count, NULL, error);
    if (status != TODO_OK || count == todo__sqlite_migrations_count)
        return status;
    status = run(connection, &todo__sqlite_migrations[count], error);
    this->applied = status == TODO_OK;
    return status;
}

/* Looks without a lock first, so that a database that is up to date opens beside a busy writer. */
todo_status todo__sqlite_migrate(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    uint32_t count = 0, applied = 0;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = read_record(connection, &count, NULL, error);
    todo__sqlite_pool_give(&db->pool, connection);
    while (status == TODO_OK && count < todo__sqlite_migrations_count) {
        step this = {.write = {.apply = apply_step, .alone = true}};

        status = todo__sqlite_submit(db, &this.write, call, error);
        applied += status == TODO_OK && this.applied;
        count++;
    }
    if (status == TODO_OK && ret_applied != NULL)
        *ret_applied = applied;
    return status;
}

todo_status todo__sqlite_migrations_visit(void *self, const todo_call *call, todo_migration_visit visit,
                                          void *arg, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    todo_time *times = todo__calloc(todo__sqlite_migrations_count, sizeof(*times));
    uint32_t count = 0;
    todo_status status;

    if (times == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = todo__sqlite_reader(db, call, &connection, error);
    if (status == TODO_OK) {
        status = read_record(connection, &count, times, error);
        todo__sqlite_pool_give(&db->pool, connection);
    }
    for (uint32_t i = 0; status == TODO_OK && i < todo__sqlite_migrations_count; i++) {
        const todo_migration migration = {
            .size = sizeof(migration),
            .number = todo__sqlite_migrations[i].number,
            .name = todo__sqlite_migrations[i].name,
            .applied = i < count,
            .applied_at = times[i],
        };

        visit(arg, &migration);
    }
    todo__free(times);
    return status;
}

#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "adapters/sqlite/schema.h"
#include "util/alloc.h"

/* One migration, if one is outstanding, and the marks: a write like others, so that no other comes in between. */
typedef struct step {
    todo__sqlite_write write;
    bool applied;
} step;

static const char record_table[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                   " number     INTEGER PRIMARY KEY,"
                                   " name       TEXT    NOT NULL,"
                                   " checksum   TEXT    NOT NULL,"
                                   " applied_at INTEGER NOT NULL) STRICT";

static todo_status record(todo__sqlite_connection *connection, const todo__migration_source *migration,
                          todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_schema_prepare(
        connection, "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
        &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_integer(&binder, migration->number);
    todo__sqlite_bind_text(&binder, migration->name);
    todo__sqlite_bind_text(&binder, migration->checksum);
    todo__sqlite_bind_integer(&binder, todo_time_now());
    return todo__sqlite_schema_run(connection, &binder, error);
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
    status = todo__sqlite_schema_read(connection, &count, NULL, error);
    if (status == TODO_OK && count < todo__sqlite_migrations_count) {
        status = todo__sqlite_schema_apply(connection, &todo__sqlite_migrations[count],
                                           todo__sqlite_migrations[count].sql, error);
        if (status == TODO_OK)
            status = record(connection, &todo__sqlite_migrations[count], error);
        this->applied = status == TODO_OK;
        count++;
    }
    return status == TODO_OK ? todo__sqlite_stamp(connection->sqlite, count, error) : status;
}

/* Looks without a lock first, so that a database that is up to date opens beside a busy writer. */
todo_status todo__sqlite_migrate(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    uint32_t count = 0, applied = 0;
    bool stamped = false;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = todo__sqlite_schema_read(connection, &count, NULL, error);
    if (status == TODO_OK)
        status = todo__sqlite_is_stamped(connection->sqlite, count, &stamped, error);
    todo__sqlite_pool_give(&db->pool, connection);
    while (status == TODO_OK && (count < todo__sqlite_migrations_count || !stamped)) {
        step this = {.write = {.apply = apply_step, .alone = true}};

        status = todo__sqlite_submit(db, &this.write, call, error);
        applied += status == TODO_OK && this.applied;
        stamped = true;
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
        status = todo__sqlite_schema_read(connection, &count, times, error);
        todo__sqlite_pool_give(&db->pool, connection);
    }
    for (uint32_t i = 0; status == TODO_OK && i < todo__sqlite_migrations_count; i++)
        todo__migration_report(&todo__sqlite_migrations[i], i < count, times[i], visit, arg);
    todo__free(times);
    return status;
}

/* Taking migrations back, the latest first. */
#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "adapters/sqlite/schema.h"
#include "util/alloc.h"

/* The latest migration taken back, if it is to be: a write like others, so that nobody can come in between. */
typedef struct step {
    todo__sqlite_write write;
    const todo_revert_options *options;
    uint32_t number; /* which one it was; 0: none */
    int64_t lost;    /* what went with it */
} step;

/* How many things go with a migration. */
static todo_status count_lost(todo__sqlite_connection *connection, const todo__migration_source *migration,
                              int64_t *ret_lost, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = TODO_OK;
    int rc;

    *ret_lost = 0;
    if (migration->loss_query == NULL)
        return TODO_OK;
    status = todo__sqlite_schema_prepare(connection, migration->loss_query, &statement, error);
    if (status != TODO_OK)
        return status;
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret_lost = sqlite3_column_int64(statement, 0);
    else
        status = todo__sqlite_error(connection->sqlite, rc, error);
    sqlite3_finalize(statement);
    return status;
}

static todo_status forget(todo__sqlite_connection *connection, uint32_t number, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_schema_prepare(
        connection, "DELETE FROM schema_migrations WHERE number = ?", &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_integer(&binder, number);
    return todo__sqlite_schema_run(connection, &binder, error);
}

static todo_status apply_step(todo__sqlite_connection *connection, todo__sqlite_write *write,
                              todo_error *error)
{
    step *this = (step *)write;
    const todo__migration_source *migration;
    uint32_t count;
    todo_status status = todo__sqlite_schema_read(connection, &count, NULL, error);

    if (status != TODO_OK || count <= this->options->target)
        return status;
    migration = &todo__sqlite_migrations[count - 1];
    status = count_lost(connection, migration, &this->lost, error);
    if (status == TODO_OK)
        status = todo__migration_may_revert(migration, this->lost, this->options->lose_data, error);
    if (status == TODO_OK)
        status = todo__sqlite_schema_apply(connection, migration, migration->down, error);
    if (status == TODO_OK)
        status = forget(connection, count, error);
    if (status == TODO_OK)
        status = todo__sqlite_stamp(connection->sqlite, count - 1, error);
    this->number = count;
    return status;
}

/* Whether all may be taken back that is to be, before anything is. */
static todo_status look_ahead(todo__sqlite_connection *connection, const todo_revert_options *options,
                              todo_migration_visit visit, void *arg, todo_error *error)
{
    todo_time *times = todo__calloc(todo__sqlite_migrations_count, sizeof(*times));
    uint32_t count = 0;
    todo_status status;

    if (times == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = todo__sqlite_schema_read(connection, &count, times, error);
    for (; status == TODO_OK && count > options->target; count--) {
        const todo__migration_source *migration = &todo__sqlite_migrations[count - 1];
        int64_t lost;

        status = count_lost(connection, migration, &lost, error);
        if (status == TODO_OK && !options->dry_run)
            status = todo__migration_may_revert(migration, lost, options->lose_data, error);
        else if (status == TODO_OK)
            todo__migration_report_revert(migration, true, times[count - 1], lost, visit, arg);
    }
    todo__free(times);
    return status;
}

todo_status todo__sqlite_revert(void *self, const todo_call *call, const todo_revert_options *options,
                                todo_migration_visit visit, void *arg, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    uint32_t number = 1;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = look_ahead(connection, options, visit, arg, error);
    todo__sqlite_pool_give(&db->pool, connection);
    while (status == TODO_OK && !options->dry_run && number != 0) {
        step this = {.write = {.apply = apply_step, .alone = true}, .options = options};

        status = todo__sqlite_submit(db, &this.write, call, error);
        number = this.number;
        if (status == TODO_OK && number != 0)
            todo__migration_report_revert(&todo__sqlite_migrations[number - 1], false, 0, this.lost, visit,
                                          arg);
    }
    return status;
}

/* Taking migrations back, the latest first. */
#include "adapters/postgres/migrate.h"

#include "adapters/postgres/row.h"
#include "adapters/postgres/schema.h"

typedef struct reverting {
    const todo_revert_options *options;
    todo_migration_visit visit;
    void *arg;
} reverting;

/* How many things go with a migration. */
static todo_status count_lost(todo__pg_connection *connection, int64_t deadline,
                              const todo__migration_source *migration, int64_t *ret_lost, todo_error *error)
{
    static const todo__pg_params none = {0};
    PGresult *result;
    todo_status status;

    *ret_lost = 0;
    if (migration->loss_query == NULL)
        return TODO_OK;
    status = todo__pg_execute_once(connection, deadline, migration->loss_query, &none, &result, error);
    if (status != TODO_OK)
        return status;
    *ret_lost = todo__pg_row_int(result, 0, 0);
    PQclear(result);
    return TODO_OK;
}

/* Whether all may be taken back that is to be, before anything is. */
static todo_status look_ahead(todo__pg_connection *connection, int64_t deadline, const reverting *this,
                              const todo__pg_schema *applied, todo_error *error)
{
    todo_status status = TODO_OK;

    for (uint32_t number = applied->count; number > this->options->target && status == TODO_OK; number--) {
        const todo__migration_source *migration = &todo__postgres_migrations[number - 1];
        int64_t lost;

        status = count_lost(connection, deadline, migration, &lost, error);
        if (status == TODO_OK && !this->options->dry_run)
            status = todo__migration_may_revert(migration, lost, this->options->lose_data, error);
        else if (status == TODO_OK)
            todo__migration_report_revert(migration, true, applied->applied_at[number - 1], lost, this->visit,
                                          this->arg);
    }
    return status;
}

static todo_status forget(todo__pg_connection *connection, int64_t deadline, uint32_t number,
                          todo_error *error)
{
    static const char sql[] = "DELETE FROM schema_migrations WHERE number = $1::bigint";
    todo__pg_params params = {0};

    todo__pg_add_int(&params, number);
    return todo__pg_schema_run(connection, deadline, sql, &params, error);
}

/* Takes the latest back if it is to be, in the transaction under way. `ret_number`: which one it was; 0: none. */
static todo_status revert_latest(todo__pg_connection *connection, int64_t deadline, const reverting *this,
                                 uint32_t *ret_number, int64_t *ret_lost, todo_error *error)
{
    const todo__migration_source *migration;
    todo__pg_schema applied;
    todo_status status = todo__pg_schema_read(connection, deadline, &applied, error);

    *ret_number = 0;
    if (status != TODO_OK || applied.count <= this->options->target)
        return status;
    migration = &todo__postgres_migrations[applied.count - 1];
    status = count_lost(connection, deadline, migration, ret_lost, error);
    if (status == TODO_OK)
        status = todo__migration_may_revert(migration, *ret_lost, this->options->lose_data, error);
    if (status == TODO_OK)
        status = todo__pg_schema_apply(connection, deadline, migration, migration->down, error);
    if (status == TODO_OK)
        status = forget(connection, deadline, applied.count, error);
    *ret_number = applied.count;
    return status;
}

/* One transaction: one migration, whole or not at all. */
static todo_status step(todo__pg_connection *connection, int64_t deadline, const reverting *this,
                        uint32_t *ret_number, todo_error *error)
{
    int64_t lost = 0;
    todo_status status = todo__pg_execute_text(connection, deadline, TODO__PG_SCHEMA_BEGIN, error);

    if (status == TODO_OK)
        status = revert_latest(connection, deadline, this, ret_number, &lost, error);
    status = todo__pg_schema_end(connection, deadline, status, error);
    if (status == TODO_OK && *ret_number != 0)
        todo__migration_report_revert(&todo__postgres_migrations[*ret_number - 1], false, 0, lost,
                                      this->visit, this->arg);
    return status;
}

static todo_status revert(todo__pg_connection *connection, int64_t deadline, const reverting *this,
                          todo_error *error)
{
    todo__pg_schema applied;
    uint32_t number = 1;
    todo_status status = todo__pg_schema_look_up(connection, deadline, &applied, error);

    if (status == TODO_OK)
        status = look_ahead(connection, deadline, this, &applied, error);
    if (status != TODO_OK || this->options->dry_run || applied.count <= this->options->target)
        return status;
    while (status == TODO_OK && number != 0)
        status = step(connection, deadline, this, &number, error);
    return status;
}

todo_status todo__pg_revert(todo__pg_pool *pool, const todo_call *call, const todo_revert_options *options,
                            todo_migration_visit visit, void *arg, todo_error *error)
{
    const reverting this = {options, visit, arg};
    todo_error failure = TODO_ERROR_INIT; /* as for todo__pg_migrate */
    todo__pg_connection *connection;
    todo_status status = todo__pg_acquire(pool, todo__pg_deadline(pool, call), &connection, error);

    if (status != TODO_OK)
        return status;
    status = revert(connection, todo__pg_schema_deadline(call), &this, &failure);
    todo__pg_release(pool, connection);
    return todo__pg_pass_on(status, &failure, error);
}

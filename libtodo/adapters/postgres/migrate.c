#include "adapters/postgres/migrate.h"

#include "adapters/postgres/schema.h"

static todo_status record_applied(todo__pg_connection *connection, int64_t deadline,
                                  const todo__migration_source *migration, todo_error *error)
{
    static const char sql[] = "INSERT INTO schema_migrations (number, name, checksum, applied_at)"
                              " VALUES ($1::bigint, $2::text, $3::text, now())";
    todo__pg_params params = {0};

    todo__pg_add_int(&params, migration->number);
    todo__pg_add_text(&params, migration->name);
    todo__pg_add_text(&params, migration->checksum);
    return todo__pg_schema_run(connection, deadline, sql, &params, error);
}

/* Applies the first outstanding migration, if there is one, in the transaction under way. */
static todo_status apply_next(todo__pg_connection *connection, int64_t deadline, bool *ret_applied,
                              todo_error *error)
{
    const todo__migration_source *migration;
    todo__pg_schema applied;
    todo_status status = todo__pg_schema_read(connection, deadline, &applied, error);

    *ret_applied = false;
    if (status != TODO_OK || applied.count == todo__postgres_migrations_count)
        return status;
    migration = &todo__postgres_migrations[applied.count];
    status = todo__pg_schema_apply(connection, deadline, migration, migration->sql, error);
    if (status == TODO_OK)
        status = record_applied(connection, deadline, migration, error);
    *ret_applied = status == TODO_OK;
    return status;
}

/* One transaction: the first outstanding migration, whole or not at all. */
static todo_status step(todo__pg_connection *connection, int64_t deadline, bool *ret_applied,
                        todo_error *error)
{
    todo_status status = todo__pg_execute_text(connection, deadline, TODO__PG_SCHEMA_BEGIN, error);

    if (status == TODO_OK)
        status = apply_next(connection, deadline, ret_applied, error);
    return todo__pg_schema_end(connection, deadline, status, error);
}

static todo_status migrate(todo__pg_connection *connection, int64_t deadline, uint32_t *ret_count,
                           todo_error *error)
{
    todo__pg_schema applied;
    bool again = true;
    todo_status status = todo__pg_schema_look_up(connection, deadline, &applied, error);

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
        TODO_ERROR_INIT; /* todo__pg_schema_apply reads the detail, and the caller's error may be short or NULL */
    todo__pg_connection *connection;
    uint32_t count = 0;
    todo_status status = todo__pg_acquire(pool, todo__pg_deadline(pool, call), &connection, error);

    if (status != TODO_OK)
        return status;
    status = migrate(connection, todo__pg_schema_deadline(call), &count, &failure);
    todo__pg_release(pool, connection);
    if (status == TODO_OK && ret_applied != NULL)
        *ret_applied = count;
    return todo__pg_pass_on(status, &failure, error);
}

todo_status todo__pg_migrations(todo__pg_pool *pool, const todo_call *call, todo_migration_visit visit,
                                void *arg, todo_error *error)
{
    int64_t deadline = todo__pg_deadline(pool, call);
    todo__pg_connection *connection;
    todo__pg_schema applied;
    todo_status status = todo__pg_acquire(pool, deadline, &connection, error);

    if (status != TODO_OK)
        return status;
    status = todo__pg_schema_look_up(connection, deadline, &applied, error);
    todo__pg_release(pool, connection);
    if (status != TODO_OK)
        return status;
    for (uint32_t i = 0; i < todo__postgres_migrations_count; i++)
        todo__migration_report(&todo__postgres_migrations[i], i < applied.count, applied.applied_at[i], visit,
                               arg);
    return TODO_OK;
}

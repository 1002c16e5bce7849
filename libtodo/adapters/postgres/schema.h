/* What migrating a schema and taking it back share: the lock, and the record of what was applied. */
#ifndef TODO_ADAPTERS_POSTGRES_SCHEMA_H
#define TODO_ADAPTERS_POSTGRES_SCHEMA_H

#include "adapters/migrations.h"
#include "adapters/postgres/connection.h"

#define TODO__PG_MIGRATIONS_MAX 256

/*
 * The lock belongs to the transaction and not to the session, for behind a pooler each transaction may have another
 * session. It is taken before anything is looked up, so that what is seen stays true.
 */
#define TODO__PG_SCHEMA_BEGIN                                                   \
    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"       \
    " SELECT pg_advisory_xact_lock(7449369230912111);"                          \
    " CREATE TABLE IF NOT EXISTS schema_migrations (number bigint PRIMARY KEY," \
    " name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL)"

/* Ends it: with COMMIT if all went well (`status`), else nothing stays. Returns how that ended. */
todo_status todo__pg_schema_end(todo__pg_connection *connection, int64_t deadline, todo_status status,
                                todo_error *error);

/* Runs a statement without rows that is not worth preparing. */
todo_status todo__pg_schema_run(todo__pg_connection *connection, int64_t deadline, const char *sql,
                                const todo__pg_params *params, todo_error *error);

/* What the database says it has: migrations 1 to `count`. */
typedef struct todo__pg_schema {
    uint32_t count;
    todo_time applied_at[TODO__PG_MIGRATIONS_MAX];
} todo__pg_schema;

/* A migration may take long: its only limit is one that the caller sets. */
int64_t todo__pg_schema_deadline(const todo_call *call);

/* Reads what was applied, in a transaction that TODO__PG_SCHEMA_BEGIN began. As todo_store_migrate. */
todo_status todo__pg_schema_read(todo__pg_connection *connection, int64_t deadline,
                                 todo__pg_schema *ret_schema, todo_error *error);

/* The same without a lock, where there may be no record yet. */
todo_status todo__pg_schema_look_up(todo__pg_connection *connection, int64_t deadline,
                                    todo__pg_schema *ret_schema, todo_error *error);

/* Runs the statements of a migration, or those that take it back. INTERNAL ("migration_failed"). */
todo_status todo__pg_schema_apply(todo__pg_connection *connection, int64_t deadline,
                                  const todo__migration_source *migration, const char *sql,
                                  todo_error *error);

#endif

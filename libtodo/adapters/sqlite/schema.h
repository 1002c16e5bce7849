/* What migrating a schema and taking it back share: the record of what was applied. */
#ifndef TODO_ADAPTERS_SQLITE_SCHEMA_H
#define TODO_ADAPTERS_SQLITE_SCHEMA_H

#include "adapters/migrations.h"
#include "adapters/sqlite/connection.h"

/* A statement that is not kept. */
todo_status todo__sqlite_schema_prepare(todo__sqlite_connection *connection, const char *sql,
                                        sqlite3_stmt **ret_statement, todo_error *error);

/* Runs a bound statement of todo__sqlite_schema_prepare that gives no rows, and finalizes it. */
todo_status todo__sqlite_schema_run(todo__sqlite_connection *connection, const todo__sqlite_binder *binder,
                                    todo_error *error);

/* How many migrations the database has, and when each was applied (`ret_times` may be NULL). As todo_store_migrate. */
todo_status todo__sqlite_schema_read(todo__sqlite_connection *connection, uint32_t *ret_count,
                                     todo_time *ret_times, todo_error *error);

/* Runs the statements of a migration, or those that take it back. INTERNAL ("migration_failed"). */
todo_status todo__sqlite_schema_apply(todo__sqlite_connection *connection,
                                      const todo__migration_source *migration, const char *sql,
                                      todo_error *error);

#endif

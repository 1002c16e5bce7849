/* The schema's migrations. */
#ifndef TODO_ADAPTERS_POSTGRES_MIGRATE_H
#define TODO_ADAPTERS_POSTGRES_MIGRATE_H

#include "adapters/postgres/pool.h"

/* As todo_store_migrate, todo_store_migrations and todo_store_revert. Without a deadline of the call there is none. */
todo_status todo__pg_migrate(todo__pg_pool *pool, const todo_call *call, uint32_t *ret_applied,
                             todo_error *error);
todo_status todo__pg_migrations(todo__pg_pool *pool, const todo_call *call, todo_migration_visit visit,
                                void *arg, todo_error *error);
todo_status todo__pg_revert(todo__pg_pool *pool, const todo_call *call, const todo_revert_options *options,
                            todo_migration_visit visit, void *arg, todo_error *error);

#endif

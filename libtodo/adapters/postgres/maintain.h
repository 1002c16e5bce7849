/* As todo_store_check and todo_store_vacuum. Without a deadline of the call there is none. */
#ifndef TODO_ADAPTERS_POSTGRES_MAINTAIN_H
#define TODO_ADAPTERS_POSTGRES_MAINTAIN_H

#include "adapters/postgres/pool.h"

todo_status todo__pg_check(todo__pg_pool *pool, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                           todo_error *error);
todo_status todo__pg_vacuum(todo__pg_pool *pool, const todo_call *call, todo_error *error);

#endif

/* The three ports over pools. Each handle is the caller's; the pool must outlive it. */
#ifndef TODO_ADAPTERS_POSTGRES_PORTS_H
#define TODO_ADAPTERS_POSTGRES_PORTS_H

#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

#include "adapters/postgres/pool.h"

todo_status todo__pg_reader_new(todo__pg_pool *pool, todo_reader **ret_reader, todo_error *error);
todo_status todo__pg_writer_new(todo__pg_pool *pool, todo_writer **ret_writer, todo_error *error);
todo_status todo__pg_users_new(todo__pg_pool *pool, todo_users **ret_users, todo_error *error);

#endif

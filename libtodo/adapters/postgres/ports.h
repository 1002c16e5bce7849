/* The three ports over pools. Each handle is the caller's; pools and positions must outlive it. */
#ifndef TODO_ADAPTERS_POSTGRES_PORTS_H
#define TODO_ADAPTERS_POSTGRES_PORTS_H

#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

#include "adapters/postgres/pool.h"
#include "adapters/postgres/positions.h"

/* Where reads go. */
typedef struct todo__pg_source {
    todo__pg_pool *pool;
    todo__pg_positions *positions; /* of changes that a standby may not have yet; NULL: this is no standby */
    bool replicated;               /* whether there is a standby at all, so that positions matter */
} todo__pg_source;

/* Reads that a standby is too far behind for fail with UNAVAILABLE. */
todo_status todo__pg_reader_new(todo__pg_source gets, todo__pg_source lists, todo_reader **ret_reader,
                                todo_error *error);

/* Notes the positions of changes, unless `positions` is NULL. */
todo_status todo__pg_writer_new(todo__pg_pool *pool, todo__pg_positions *positions, todo_writer **ret_writer,
                                todo_error *error);

/* Notes the positions of removals, unless `positions` is NULL. */
todo_status todo__pg_users_new(todo__pg_pool *pool, todo__pg_positions *positions, todo_users **ret_users,
                               todo_error *error);

#endif

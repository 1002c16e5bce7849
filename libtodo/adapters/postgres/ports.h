/* The three ports over pools. Each handle is the caller's; pools and positions must outlive it. */
#ifndef TODO_ADAPTERS_POSTGRES_PORTS_H
#define TODO_ADAPTERS_POSTGRES_PORTS_H

#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

#include "adapters/postgres/lag.h"
#include "adapters/postgres/pool.h"
#include "adapters/postgres/positions.h"

/* Where reads go. */
typedef struct todo__pg_source {
    todo__pg_pool *pool;
    todo__pg_positions *positions; /* of changes that a standby may not have yet; NULL: this is no standby */
    /*
     * Of a standby before the primary: it declines what it is too late for, and what is so new that the primary may not
     * show it yet, for a client that follows what it sees. NULL: there is nobody behind this one.
     */
    todo__pg_lag *lag;
    bool replicated; /* whether there is a standby at all, so that positions matter */
} todo__pg_source;

/* What a standby can't answer, or declines to, fails with UNAVAILABLE. */
todo_status todo__pg_reader_new(todo__pg_source source, todo_reader **ret_reader, todo_error *error);

/*
 * Reads with a fresh consistency token go to `exact`, all others to `spread`; with `gets_are_exact` only those of lists
 * do. References are taken.
 */
todo_status todo__pg_route_new(todo_reader *exact, todo_reader *spread, bool gets_are_exact,
                               todo_reader **ret_reader, todo_error *error);

/* Notes the positions of changes, unless `positions` is NULL. */
todo_status todo__pg_writer_new(todo__pg_pool *pool, todo__pg_positions *positions, todo_writer **ret_writer,
                                todo_error *error);

/* Notes the positions of removals, unless `positions` is NULL. */
todo_status todo__pg_users_new(todo__pg_pool *pool, todo__pg_positions *positions, todo_users **ret_users,
                               todo_error *error);

#endif

/* The connections to one endpoint, shared by all threads. */
#ifndef TODO_ADAPTERS_POSTGRES_POOL_H
#define TODO_ADAPTERS_POSTGRES_POOL_H

#include "adapters/postgres/connection.h"

typedef struct todo__pg_pool todo__pg_pool;

/* Makes a pool, which takes over the endpoint. Nothing is connected yet. NOMEM. */
todo_status todo__pg_pool_new(todo__pg_endpoint *endpoint, const todo_store_options *options,
                              todo__pg_pool **ret_pool, todo_error *error);

/* Closes everything; no connection may be in use. NULL is fine. */
void todo__pg_pool_free(todo__pg_pool *pool);

const todo__pg_endpoint *todo__pg_pool_endpoint(const todo__pg_pool *pool);

/* The deadline of a call (CLOCK_MONOTONIC in microseconds): its own, or the pool's default from now. */
int64_t todo__pg_deadline(const todo__pg_pool *pool, const todo_call *call);

/*
 * Takes a connection: an idle one, a new one, or, when all are in use, one that is given back before the deadline.
 * After a failure to connect the next attempt waits a little, and calls fail at once meanwhile.
 * UNAVAILABLE, TIMEOUT, NOMEM.
 */
todo_status todo__pg_acquire(todo__pg_pool *pool, int64_t deadline, todo__pg_connection **ret_connection,
                             todo_error *error);

/* Gives a connection back, or closes it if its verdict says so. */
void todo__pg_release(todo__pg_pool *pool, todo__pg_connection *connection);

/*
 * Runs a statement once, on any connection, and gives its result, which the caller clears. `ret_verdict` is
 * TODO__PG_LOST when there was no connection, too. With `users`, an array of ids, the sequences of these users are locked
 * first, in the same transaction, so that the statement sees all their changes.
 */
todo_status todo__pg_try(todo__pg_pool *pool, int64_t deadline, todo__pg_statement_id id,
                         const todo__pg_params *params, const todo__pg_params *users, PGresult **ret_result,
                         todo__pg_verdict *ret_verdict, todo_error *error);

/*
 * The same, but repeats the statement when it was surely not carried out, or, if it only reads, when the connection
 * was lost.
 */
todo_status todo__pg_run(todo__pg_pool *pool, int64_t deadline, todo__pg_statement_id id,
                         const todo__pg_params *params, const todo__pg_params *users, PGresult **ret_result,
                         todo_error *error);

#endif

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

/* Whether its servers say how far they are in the log, as far as is known. */
bool todo__pg_pool_tells_positions(todo__pg_pool *pool);

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

/* What a statement has to do with positions in the log. Zeroed: nothing. */
typedef struct todo__pg_log {
    uint64_t
        least; /* a read is not sent to a server that is not this far: UNAVAILABLE, code "replica_behind" */
    uint64_t most;    /* a read asks how far the server is, if that is not known to be this far */
    bool wanted;      /* whether to ask for the position behind the statement */
    uint64_t reached; /* the outcome: how far a read's server was before it */
    uint64_t behind;  /* the outcome, if wanted: no earlier than what was written, or seen */
} todo__pg_log;

/*
 * Runs a statement once, on any connection, and gives its result, which the caller clears. `ret_verdict` is
 * TODO__PG_LOST when there was no connection, too. `log` may be NULL.
 */
todo_status todo__pg_try(todo__pg_pool *pool, int64_t deadline, todo__pg_statement_id id,
                         const todo__pg_params *params, todo__pg_log *log, PGresult **ret_result,
                         todo__pg_verdict *ret_verdict, todo_error *error);

/*
 * The same, but repeats the statement when it was surely not carried out, or, if it only reads, when the connection
 * was lost.
 */
todo_status todo__pg_run(todo__pg_pool *pool, int64_t deadline, todo__pg_statement_id id,
                         const todo__pg_params *params, todo__pg_log *log, PGresult **ret_result,
                         todo_error *error);

/* Behind which position the statement is that has just been carried out; beyond all when that can't be learned. */
uint64_t todo__pg_position_after(todo__pg_connection *connection, int64_t deadline);

#endif

/*
 * Requests of many threads, carried out together.
 *
 * While a statement is under way, the requests that arrive wait; the next statement carries them all, each an element
 * of its arrays (`unnest ... WITH ORDINALITY`). One statement for many costs the server, and the two processes that
 * take turns at talking, little more than one for one; writes share their commit too. No request waits for more to
 * come: one that finds a turn free goes at once, alone.
 *
 * The leader of a statement (util/queue.h) is, of its requests, the one that can wait longest, so that none is kept
 * beyond its own deadline.
 */
#ifndef TODO_ADAPTERS_POSTGRES_COMBINE_H
#define TODO_ADAPTERS_POSTGRES_COMBINE_H

#include "adapters/postgres/array.h"
#include "adapters/postgres/pool.h"
#include "util/queue.h"

#define TODO__PG_BATCH_MAX   128 /* requests in a statement */
#define TODO__PG_USER_COLUMN 1   /* of each kind: whose todos a statement reads, or locks and changes */

/* A kind of requests that may share a statement. */
typedef struct todo__pg_kind {
    const todo__pg_type *columns; /* the types of the statement's arrays */
    int column_count;
    unsigned turns; /* statements under way at once, as a rule */
    bool writes;
    /* Appends elements to each column for request `number` (from 1) of the statement, which its rows name last. */
    void (*add)(todo__pg_array *columns, const void *subject, int number);
    /* Whether two can't be in the same statement; NULL: any two can. */
    bool (*conflict)(const void *subject, const void *other);
} todo__pg_kind;

/* A result that several requests share. */
typedef struct todo__pg_shared todo__pg_shared;

/* A request, on the stack of the thread that waits for it. */
typedef struct todo__pg_request {
    const void *subject; /* what `add` reads */
    todo__pg_statement_id statement;
    uint32_t cost; /* in rows, at most; a statement is not burdened with more than so many */
    int64_t deadline;
    const todo_parking *parking; /* how it waits; NULL: its thread sleeps */
    todo_error *error;

    /* The outcome. */
    todo_status status;
    const PGresult *result; /* rows `first` to `first + count - 1` are the answer */
    int first;
    int count;

    /* The combiner's own. */
    todo__waiter waiter;
    todo__pg_shared *shared;
    struct todo__pg_batch *batch;
    int index;
    bool divided; /* it is to be carried out alone */
} todo__pg_request;

typedef struct todo__pg_combiner todo__pg_combiner;

/* NOMEM. */
todo_status todo__pg_combiner_new(todo__pg_pool *pool, const todo__pg_kind *kind,
                                  todo__pg_combiner **ret_combiner, todo_error *error);

/* Nobody may be waiting. NULL is fine. */
void todo__pg_combiner_free(todo__pg_combiner *combiner);

/* Carries a request out and returns its status. With TODO_OK, todo__pg_request_end must follow. */
todo_status todo__pg_combine(todo__pg_combiner *combiner, todo__pg_request *request);

/* Gives up the request's share of the result. */
void todo__pg_request_end(todo__pg_request *request);

#endif

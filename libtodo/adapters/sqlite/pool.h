/* Connections to read with: as many as may be busy at once, opened when first needed. */
#ifndef TODO_ADAPTERS_SQLITE_POOL_H
#define TODO_ADAPTERS_SQLITE_POOL_H

#include "adapters/sqlite/connection.h"
#include "util/queue.h"

typedef struct todo__sqlite_pool {
    todo__queue queue;             /* a caller with a connection leads; the lock guards `idle` */
    todo__sqlite_connection *idle; /* the one used last comes first: its cache is the warmest */
    char *path;
    todo__sqlite_mode mode;
} todo__sqlite_pool;

/* `path` is only read during the call. NOMEM. */
todo_status todo__sqlite_pool_init(todo__sqlite_pool *pool, const char *path, todo__sqlite_mode mode,
                                   unsigned limit, todo_error *error);

/* Closes the connections; all must have been given back. */
void todo__sqlite_pool_destroy(todo__sqlite_pool *pool);

/* Hands an open connection to the pool. */
void todo__sqlite_pool_adopt(todo__sqlite_pool *pool, todo__sqlite_connection *connection);

/*
 * A connection for the caller alone, whose statements end at `deadline`; until then it waits for one, parked if it has
 * a `parking`. TIMEOUT, UNAVAILABLE, NOMEM.
 */
todo_status todo__sqlite_pool_take(todo__sqlite_pool *pool, const todo_parking *parking, int64_t deadline,
                                   todo__sqlite_connection **ret_connection, todo_error *error);

void todo__sqlite_pool_give(todo__sqlite_pool *pool, todo__sqlite_connection *connection);

#endif

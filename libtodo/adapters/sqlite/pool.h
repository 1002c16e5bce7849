/* Connections to read with: as many as may be busy at once, opened when first needed. */
#ifndef TODO_ADAPTERS_SQLITE_POOL_H
#define TODO_ADAPTERS_SQLITE_POOL_H

#include <pthread.h>

#include "adapters/sqlite/connection.h"

typedef struct todo__sqlite_pool {
    pthread_mutex_t lock;
    pthread_cond_t given;          /* a connection came back, or may be opened again */
    todo__sqlite_connection *idle; /* the one used last comes first: its cache is the warmest */
    unsigned open, limit;
    char *path;
} todo__sqlite_pool;

/* `path` is only read during the call. NOMEM. */
todo_status todo__sqlite_pool_init(todo__sqlite_pool *pool, const char *path, unsigned limit,
                                   todo_error *error);

/* Closes the connections; all must have been given back. */
void todo__sqlite_pool_destroy(todo__sqlite_pool *pool);

/* Hands an open connection to the pool. */
void todo__sqlite_pool_adopt(todo__sqlite_pool *pool, todo__sqlite_connection *connection);

/* A connection for the caller alone, whose statements end at `deadline`. TIMEOUT, UNAVAILABLE, NOMEM. */
todo_status todo__sqlite_pool_take(todo__sqlite_pool *pool, int64_t deadline,
                                   todo__sqlite_connection **ret_connection, todo_error *error);

void todo__sqlite_pool_give(todo__sqlite_pool *pool, todo__sqlite_connection *connection);

#endif

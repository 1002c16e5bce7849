#include "adapters/sqlite/pool.h"

#include <errno.h>

#include "adapters/sqlite/error.h"
#include "util/alloc.h"
#include "util/monotonic.h"

todo_status todo__sqlite_pool_init(todo__sqlite_pool *pool, const char *path, unsigned limit,
                                   todo_error *error)
{
    pool->path = todo__strdup(path);
    if (pool->path == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    todo__monotonic_cond_init(&pool->given);
    pool->idle = NULL;
    pool->open = 0;
    pool->limit = limit;
    return TODO_OK;
}

void todo__sqlite_pool_destroy(todo__sqlite_pool *pool)
{
    todo__sqlite_connection *connection;

    if (pool->path == NULL)
        return;
    while ((connection = pool->idle) != NULL) {
        pool->idle = connection->next;
        todo__sqlite_disconnect(connection);
    }
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->lock);
    todo__free(pool->path);
}

void todo__sqlite_pool_adopt(todo__sqlite_pool *pool, todo__sqlite_connection *connection)
{
    pthread_mutex_lock(&pool->lock);
    pool->open++;
    pthread_mutex_unlock(&pool->lock);
    todo__sqlite_pool_give(pool, connection);
}

static todo_status open_one_more(todo__sqlite_pool *pool, int64_t deadline,
                                 todo__sqlite_connection **ret_connection, todo_error *error)
{
    todo_status status = todo__sqlite_connect(pool->path, deadline, ret_connection, error);

    if (status != TODO_OK) {
        pthread_mutex_lock(&pool->lock);
        pool->open--;
        pthread_cond_signal(&pool->given);
        pthread_mutex_unlock(&pool->lock);
    }
    return status;
}

todo_status todo__sqlite_pool_take(todo__sqlite_pool *pool, int64_t deadline,
                                   todo__sqlite_connection **ret_connection, todo_error *error)
{
    struct timespec until = todo__monotonic_timespec(deadline);
    todo__sqlite_connection *connection;
    bool late = todo__monotonic_us() >= deadline;

    pthread_mutex_lock(&pool->lock);
    while (!late && pool->idle == NULL && pool->open == pool->limit)
        late = pthread_cond_timedwait(&pool->given, &pool->lock, &until) == ETIMEDOUT;
    connection = late ? NULL : pool->idle;
    if (connection != NULL)
        pool->idle = connection->next;
    else if (!late)
        pool->open++;
    pthread_mutex_unlock(&pool->lock);
    if (late)
        return todo__sqlite_timeout(error);
    if (connection == NULL)
        return open_one_more(pool, deadline, ret_connection, error);
    connection->deadline = deadline;
    *ret_connection = connection;
    return TODO_OK;
}

void todo__sqlite_pool_give(todo__sqlite_pool *pool, todo__sqlite_connection *connection)
{
    pthread_mutex_lock(&pool->lock);
    connection->next = pool->idle;
    pool->idle = connection;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}

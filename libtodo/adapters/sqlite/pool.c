#include "adapters/sqlite/pool.h"

#include "adapters/sqlite/error.h"
#include "util/alloc.h"
#include "util/monotonic.h"

/* A caller that wants a connection. */
typedef struct taker {
    todo__waiter waiter;
    todo__sqlite_connection *connection; /* NULL: to be opened */
} taker;

/* Gives the first waiter a connection. The lock is held. */
static todo__waiter *elect(void *owner)
{
    todo__sqlite_pool *pool = owner;
    todo__waiter *first = TAILQ_FIRST(&pool->queue.waiting);
    todo__sqlite_connection *connection = pool->idle;

    todo__queue_take(&pool->queue, first);
    ((taker *)first)->connection = connection;
    if (connection != NULL)
        pool->idle = connection->next;
    return first;
}

todo_status todo__sqlite_pool_init(todo__sqlite_pool *pool, const char *path, todo__sqlite_mode mode,
                                   unsigned limit, todo_error *error)
{
    pool->path = todo__strdup(path);
    if (pool->path == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    todo__queue_init(&pool->queue, &(todo__queue_rules){.leaders = limit, .elect = elect}, pool);
    pool->idle = NULL;
    pool->mode = mode;
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
    todo__queue_destroy(&pool->queue);
    todo__free(pool->path);
}

void todo__sqlite_pool_adopt(todo__sqlite_pool *pool, todo__sqlite_connection *connection)
{
    todo__queue_lock(&pool->queue);
    connection->next = pool->idle;
    pool->idle = connection;
    todo__queue_unlock(&pool->queue);
}

static todo_status open_one_more(todo__sqlite_pool *pool, int64_t deadline,
                                 todo__sqlite_connection **ret_connection, todo_error *error)
{
    todo_status status = todo__sqlite_connect(pool->path, pool->mode, true, deadline, ret_connection, error);

    if (status != TODO_OK) {
        todo__queue_lock(&pool->queue);
        todo__queue_hand_over(&pool->queue);
    }
    return status;
}

todo_status todo__sqlite_pool_take(todo__sqlite_pool *pool, const todo_parking *parking, int64_t deadline,
                                   todo__sqlite_connection **ret_connection, todo_error *error)
{
    taker self;

    if (todo__monotonic_us() >= deadline)
        return todo__sqlite_timeout(error);
    todo__waiter_init(&self.waiter, parking, deadline);
    todo__queue_lock(&pool->queue);
    if (todo__queue_wait(&pool->queue, &self.waiter) == TODO__TURN_LATE)
        return todo__sqlite_timeout(error);
    if (self.connection == NULL)
        return open_one_more(pool, deadline, ret_connection, error);
    self.connection->deadline = deadline;
    *ret_connection = self.connection;
    return TODO_OK;
}

void todo__sqlite_pool_give(todo__sqlite_pool *pool, todo__sqlite_connection *connection)
{
    todo__queue_lock(&pool->queue);
    connection->next = pool->idle;
    pool->idle = connection;
    todo__queue_hand_over(&pool->queue);
}

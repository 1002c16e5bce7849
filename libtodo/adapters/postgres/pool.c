#include "adapters/postgres/pool.h"

#include <pthread.h>
#include <stdatomic.h>

#include "util/alloc.h"
#include "util/monotonic.h"

#define BACKOFF_FIRST 50000 /* microseconds */
#define BACKOFF_LAST  500000
#define ATTEMPTS      3

struct todo__pg_pool {
    todo__pg_endpoint *endpoint;
    unsigned size;
    int64_t call_timeout; /* microseconds */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    todo__pg_connection *idle; /* the one used last is first, so that the others may rest */
    unsigned open;             /* connections in use, idle, or being made */
    unsigned generation;       /* connections of an older one are closed when they come back */
    bool unnamed;              /* prepared statements do not last here */
    int64_t backoff;           /* 0: the last attempt to connect succeeded */
    int64_t closed_until;      /* no attempt to connect before */
    todo_error failure;        /* of the last attempt */
};

todo_status todo__pg_pool_new(todo__pg_endpoint *endpoint, const todo_store_options *options,
                              todo__pg_pool **ret_pool, todo_error *error)
{
    todo__pg_pool *pool = todo__calloc(1, sizeof(*pool));

    if (pool == NULL)
        return todo__pg_nomem(error);
    pool->endpoint = endpoint;
    pool->size = options->pool_size;
    pool->call_timeout = (int64_t)options->call_timeout_ms * 1000;
    todo_error_init(&pool->failure, sizeof(pool->failure));
    pthread_mutex_init(&pool->lock, NULL);
    todo__monotonic_cond_init(&pool->changed);
    *ret_pool = pool;
    return TODO_OK;
}

static void disconnect_all(todo__pg_connection *connection)
{
    while (connection != NULL) {
        todo__pg_connection *next = connection->next;

        todo__pg_disconnect(connection);
        connection = next;
    }
}

void todo__pg_pool_free(todo__pg_pool *pool)
{
    if (pool == NULL)
        return;
    disconnect_all(pool->idle);
    todo__pg_endpoint_free(pool->endpoint);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    todo__free(pool);
}

const todo__pg_endpoint *todo__pg_pool_endpoint(const todo__pg_pool *pool)
{
    return pool->endpoint;
}

int64_t todo__pg_deadline(const todo__pg_pool *pool, const todo_call *call)
{
    return call != NULL && call->deadline != 0 ? call->deadline : todo__monotonic_us() + pool->call_timeout;
}

/* Removes the idle connections that are of no use any more, for the caller to close. The lock is held. */
static todo__pg_connection *take_dead(todo__pg_pool *pool)
{
    todo__pg_connection *dead = NULL, **at = &pool->idle;

    while (*at != NULL) {
        todo__pg_connection *connection = *at;

        if (connection->generation == pool->generation && todo__pg_alive(connection)) {
            at = &connection->next;
            continue;
        }
        *at = connection->next;
        connection->next = dead;
        dead = connection;
        pool->open--;
    }
    return dead;
}

/* Keeps others from trying for a while; the lock is held. */
static void back_off(todo__pg_pool *pool, const todo_error *failure)
{
    pool->failure = *failure;
    pool->backoff = pool->backoff == 0 ? BACKOFF_FIRST : 2 * pool->backoff;
    if (pool->backoff > BACKOFF_LAST)
        pool->backoff = BACKOFF_LAST;
    pool->closed_until = todo__monotonic_us() + pool->backoff;
}

/* Makes a connection; the lock is held, but not while connecting. */
static todo_status connect_new(todo__pg_pool *pool, int64_t deadline, todo__pg_connection **ret_connection,
                               todo_error *error)
{
    todo_error failure = TODO_ERROR_INIT;
    todo_status status;

    pool->open++;
    pthread_mutex_unlock(&pool->lock);
    status = todo__pg_connect(pool->endpoint, deadline, ret_connection, &failure);
    pthread_mutex_lock(&pool->lock);
    if (status == TODO_OK) {
        (*ret_connection)->generation = pool->generation;
        (*ret_connection)->unnamed = pool->unnamed;
        pool->backoff = 0;
        return TODO_OK;
    }
    pool->open--;
    if (status == TODO_ERR_UNAVAILABLE)
        back_off(pool, &failure);
    pthread_cond_broadcast(&pool->changed);
    return todo__pg_pass_on(status, &failure, error);
}

/* Whether there is time left; the lock is held. Whoever gives up passes on the signal that it may have used up. */
static bool wait_changed(todo__pg_pool *pool, int64_t deadline)
{
    struct timespec until = todo__monotonic_timespec(deadline);

    pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
    if (todo__monotonic_us() < deadline)
        return true;
    pthread_cond_signal(&pool->changed);
    return false;
}

typedef enum turn { TURN_TAKE, TURN_CONNECT, TURN_WAIT, TURN_FAIL } turn;

/*
 * What a caller without a connection does next; the lock is held. While connecting fails, those in use are worth
 * waiting for: the server may only be out of connections. With none in use there is nothing to wait for.
 */
static turn next_turn(const todo__pg_pool *pool)
{
    bool closed = pool->backoff != 0 && todo__monotonic_us() < pool->closed_until;

    if (pool->idle != NULL)
        return TURN_TAKE;
    if (!closed && pool->open < pool->size)
        return TURN_CONNECT;
    return closed && pool->open == 0 ? TURN_FAIL : TURN_WAIT;
}

/* The first idle connection, or NULL if it is dead; the lock is held, but not while closing. */
static todo__pg_connection *take_idle(todo__pg_pool *pool)
{
    todo__pg_connection *connection = pool->idle;

    if (todo__pg_alive(connection)) {
        pool->idle = connection->next;
        connection->unnamed = pool->unnamed;
        return connection;
    }
    connection = take_dead(pool);
    pthread_mutex_unlock(&pool->lock);
    disconnect_all(connection);
    pthread_mutex_lock(&pool->lock);
    return NULL;
}

/* An error that was overcome is not to be seen. */
static void forget(todo_error *error)
{
    if (error != NULL)
        todo_error_init(error, error->size);
}

/* One step towards a connection: TODO_OK may mean that there is none yet. The lock is held. */
static todo_status step(todo__pg_pool *pool, int64_t deadline, todo__pg_connection **ret_connection,
                        todo_error *error)
{
    todo_status status;

    switch (next_turn(pool)) {
    case TURN_TAKE:
        *ret_connection = take_idle(pool);
        return TODO_OK;
    case TURN_CONNECT:
        status = connect_new(pool, deadline, ret_connection, error);
        if (status != TODO_ERR_UNAVAILABLE || pool->open == 0)
            return status;
        forget(error);
        return TODO_OK;
    case TURN_WAIT:
        return wait_changed(pool, deadline) ? TODO_OK : todo__pg_timeout(error);
    default:
        return todo__pg_pass_on(TODO_ERR_UNAVAILABLE, &pool->failure, error);
    }
}

todo_status todo__pg_acquire(todo__pg_pool *pool, int64_t deadline, todo__pg_connection **ret_connection,
                             todo_error *error)
{
    todo__pg_connection *connection = NULL;
    todo_status status = todo__monotonic_us() < deadline ? TODO_OK : todo__pg_timeout(error);

    pthread_mutex_lock(&pool->lock);
    while (status == TODO_OK && connection == NULL)
        status = step(pool, deadline, &connection, error);
    pthread_mutex_unlock(&pool->lock);
    if (status == TODO_OK)
        *ret_connection = connection;
    return status;
}

void todo__pg_release(todo__pg_pool *pool, todo__pg_connection *connection)
{
    todo__pg_connection *dead = NULL;
    todo__pg_verdict verdict = connection->verdict;

    connection->verdict = TODO__PG_KEEP;
    pthread_mutex_lock(&pool->lock);
    if (verdict == TODO__PG_UNNAMED)
        pool->unnamed = true;
    if (verdict == TODO__PG_DEMOTED && connection->generation == pool->generation)
        pool->generation++;
    if ((verdict == TODO__PG_KEEP || verdict == TODO__PG_LOCKED || verdict == TODO__PG_UNNAMED) &&
        connection->generation == pool->generation) {
        connection->next = pool->idle;
        pool->idle = connection;
        pthread_cond_signal(&pool->changed);
    } else {
        /* Where one connection broke, others that rest may have broken too. */
        connection->next = take_dead(pool);
        dead = connection;
        pool->open--;
        pthread_cond_broadcast(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    disconnect_all(dead);
}

todo_status todo__pg_try(todo__pg_pool *pool, int64_t deadline, todo__pg_statement_id id,
                         const todo__pg_params *params, const todo__pg_params *users, PGresult **ret_result,
                         todo__pg_verdict *ret_verdict, todo_error *error)
{
    todo__pg_connection *connection;
    todo_status status = todo__pg_acquire(pool, deadline, &connection, error);

    *ret_verdict = TODO__PG_LOST;
    if (status != TODO_OK)
        return status;
    if (users != NULL)
        status = todo__pg_execute_locked(connection, deadline, users, id, params, ret_result, error);
    else
        status = todo__pg_execute(connection, deadline, id, params, ret_result, error);
    *ret_verdict = connection->verdict;
    todo__pg_release(pool, connection);
    return status;
}

/* Whether a statement may be sent again after this verdict, `attempt` times having failed. */
static bool may_repeat(todo__pg_verdict verdict, todo_status status, int attempt,
                       const todo__pg_statement *statement)
{
    if (verdict == TODO__PG_LOCKED)
        return true;
    if (verdict == TODO__PG_LOST && (statement->writes || status != TODO_ERR_UNAVAILABLE))
        return false;
    return verdict != TODO__PG_KEEP && attempt < ATTEMPTS;
}

todo_status todo__pg_run(todo__pg_pool *pool, int64_t deadline, todo__pg_statement_id id,
                         const todo__pg_params *params, const todo__pg_params *users, PGresult **ret_result,
                         todo_error *error)
{
    for (int attempt = 1;; attempt++) {
        todo__pg_verdict verdict;
        todo_status status = todo__pg_try(pool, deadline, id, params, users, ret_result, &verdict, error);

        if (status == TODO_OK || !may_repeat(verdict, status, attempt, &todo__pg_statements[id]))
            return status;
        forget(error);
    }
}

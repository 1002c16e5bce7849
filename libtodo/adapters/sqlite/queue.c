#include "adapters/sqlite/queue.h"

#include <errno.h>

#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "util/monotonic.h"

/* Writes in one group, so that the first of them need not wait long for the last. */
#define GROUP_MAX 256

void todo__sqlite_queue_init(todo__sqlite_queue *queue)
{
    pthread_mutex_init(&queue->lock, NULL);
    queue->first = NULL;
    queue->last = &queue->first;
    queue->led = false;
}

void todo__sqlite_queue_destroy(todo__sqlite_queue *queue)
{
    pthread_mutex_destroy(&queue->lock);
}

static void append(todo__sqlite_queue *queue, todo__sqlite_write *write)
{
    write->next = NULL;
    *queue->last = write;
    queue->last = &write->next;
}

static void take_out(todo__sqlite_queue *queue, todo__sqlite_write *write)
{
    todo__sqlite_write **link = &queue->first;

    while (*link != write)
        link = &(*link)->next;
    *link = write->next;
    if (write->next == NULL)
        queue->last = link;
    write->next = NULL;
}

/* Gives a waiting write up. False when it is too late for that. */
static bool withdraw(todo__sqlite_queue *queue, todo__sqlite_write *write)
{
    bool possible;

    pthread_mutex_lock(&queue->lock);
    possible = !write->claimed;
    if (possible)
        take_out(queue, write);
    pthread_mutex_unlock(&queue->lock);
    return possible;
}

/* Cuts the leader's write, which is the first, and those behind it that can share its transaction off the queue. */
static void take_group(todo__sqlite_queue *queue, todo__sqlite_write *own)
{
    todo__sqlite_write *end = own;

    pthread_mutex_lock(&queue->lock);
    for (unsigned count = 1; !own->alone && count < GROUP_MAX; count++) {
        if (end->next == NULL || end->next->alone)
            break;
        end = end->next;
        end->claimed = true;
    }
    queue->first = end->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    end->next = NULL;
    pthread_mutex_unlock(&queue->lock);
}

/* Whether SQLite rolled the whole transaction back by itself, as it does when the disk is full or fails. */
static bool is_lost(const todo__sqlite_connection *connection)
{
    return sqlite3_get_autocommit(connection->sqlite) != 0;
}

/* Applies one of several: when it fails, the others are none the worse. */
static todo_status apply_one(todo__sqlite_connection *connection, todo__sqlite_write *write)
{
    todo_status status;

    if (todo__monotonic_us() >= write->deadline)
        return todo__sqlite_timeout(write->error);
    status = todo__sqlite_run(connection, TODO__SQLITE_SAVE, write->error);
    if (status != TODO_OK)
        return status;
    status = write->apply(connection, write, write->error);
    if (status != TODO_OK && !is_lost(connection))
        todo__sqlite_run(connection, TODO__SQLITE_UNDO, NULL);
    if (!is_lost(connection))
        todo__sqlite_run(connection, TODO__SQLITE_RELEASE, NULL);
    return status;
}

static todo_status not_committed(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL,
                          "the database is temporarily unavailable");
}

/* Applies the group inside the open transaction. Whether there is something to commit. */
static bool apply_group(todo__sqlite_connection *connection, todo__sqlite_write *group)
{
    bool several = group->next != NULL, any = false;

    connection->deadline = group->alone ? group->deadline : TODO__SQLITE_NO_DEADLINE;
    for (todo__sqlite_write *write = group; write != NULL; write = write->next) {
        if (is_lost(connection))
            write->status = not_committed(write->error);
        else if (several)
            write->status = apply_one(connection, write);
        else
            write->status = write->apply(connection, write, write->error);
        any = any || write->status == TODO_OK;
    }
    connection->deadline = TODO__SQLITE_NO_DEADLINE;
    return any;
}

static void commit_group(todo__sqlite_connection *connection, todo__sqlite_write *group)
{
    bool any = apply_group(connection, group), lost = is_lost(connection);
    todo_error error = TODO_ERROR_INIT;
    todo_status status = TODO_OK;

    if (lost)
        status = not_committed(&error);
    else if (any)
        status = todo__sqlite_run(connection, TODO__SQLITE_COMMIT, &error);
    if (!is_lost(connection))
        todo__sqlite_run(connection, TODO__SQLITE_ROLLBACK, NULL);
    for (todo__sqlite_write *write = group; write != NULL && status != TODO_OK; write = write->next) {
        if (write->status != TODO_OK)
            continue;
        write->status = todo_error_set(write->error, status, error.code, error.field, error.message);
        todo_error_set_detail(write->error, error.detail);
    }
}

/* The one connection that writes, inside a transaction: it waits for other processes, while the group may grow. */
static todo_status begin(todo__sqlite *db, const todo__sqlite_write *write,
                         todo__sqlite_connection **ret_connection)
{
    todo__sqlite_connection *connection = db->writer;
    todo_status status = TODO_OK;

    if (todo__monotonic_us() >= write->deadline)
        return todo__sqlite_timeout(write->error);
    if (connection == NULL)
        status = todo__sqlite_pool_take(&db->pool, write->deadline, &connection, write->error);
    if (status != TODO_OK)
        return status;
    connection->deadline = write->deadline;
    status = todo__sqlite_run(connection, TODO__SQLITE_BEGIN, write->error);
    if (status == TODO_OK)
        *ret_connection = connection;
    else if (db->writer == NULL)
        todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

/* Tells a thread that waits. Its write may be gone as soon as the lock is free. */
static void wake(todo__sqlite_write *write, todo__sqlite_turn turn)
{
    pthread_mutex_lock(&write->lock);
    write->turn = turn;
    pthread_cond_signal(&write->turned);
    pthread_mutex_unlock(&write->lock);
}

static void pass_the_lead_on(todo__sqlite_queue *queue)
{
    todo__sqlite_write *next;

    pthread_mutex_lock(&queue->lock);
    next = queue->first;
    queue->led = next != NULL;
    if (next != NULL)
        next->claimed = true;
    pthread_mutex_unlock(&queue->lock);
    if (next != NULL)
        wake(next, TODO__SQLITE_LEAD);
}

/* Tells the rest of the leader's group. */
static void dismiss(todo__sqlite_write *own)
{
    todo__sqlite_write *next;

    for (todo__sqlite_write *write = own->next; write != NULL; write = next) {
        next = write->next;
        wake(write, TODO__SQLITE_END);
    }
    own->next = NULL;
}

/* Gives the connection back, after what it may have to do while nobody of this group waits for it. */
static void end(todo__sqlite *db, todo__sqlite_connection *connection, todo__sqlite_write *own)
{
    if (todo__sqlite_log_is_due(connection)) {
        dismiss(own);
        todo__sqlite_log_checkpoint(connection);
    }
    if (db->writer == NULL)
        todo__sqlite_pool_give(&db->pool, connection);
}

/* Commits a group that begins with `own`. */
static void lead(todo__sqlite *db, todo__sqlite_write *own)
{
    todo__sqlite_connection *connection = NULL;

    own->status = begin(db, own, &connection);
    if (connection != NULL) {
        take_group(&db->queue, own);
        commit_group(connection, own);
        end(db, connection, own);
    } else {
        pthread_mutex_lock(&db->queue.lock);
        take_out(&db->queue, own);
        pthread_mutex_unlock(&db->queue.lock);
    }
    /* The next group is under way while this one is told. */
    pass_the_lead_on(&db->queue);
    dismiss(own);
}

/* Until the write is over, was given up at its deadline, or has to lead. */
static todo__sqlite_turn await_turn(todo__sqlite_queue *queue, todo__sqlite_write *write)
{
    struct timespec until = todo__monotonic_timespec(write->deadline);
    bool late = false;

    pthread_mutex_lock(&write->lock);
    while (write->turn == TODO__SQLITE_WAIT && !late)
        late = pthread_cond_timedwait(&write->turned, &write->lock, &until) == ETIMEDOUT;
    if (write->turn == TODO__SQLITE_WAIT) {
        pthread_mutex_unlock(&write->lock);
        if (withdraw(queue, write)) {
            write->status = todo__sqlite_timeout(write->error);
            return TODO__SQLITE_END;
        }
        pthread_mutex_lock(&write->lock);
    }
    while (write->turn == TODO__SQLITE_WAIT)
        pthread_cond_wait(&write->turned, &write->lock);
    pthread_mutex_unlock(&write->lock);
    return write->turn;
}

todo_status todo__sqlite_submit(todo__sqlite *db, todo__sqlite_write *write, const todo_call *call,
                                todo_error *error)
{
    todo__sqlite_queue *queue = &db->queue;

    write->deadline = todo__sqlite_deadline(db, call);
    write->error = error;
    pthread_mutex_init(&write->lock, NULL);
    todo__monotonic_cond_init(&write->turned);
    pthread_mutex_lock(&queue->lock);
    append(queue, write);
    write->claimed = !queue->led;
    write->turn = queue->led ? TODO__SQLITE_WAIT : TODO__SQLITE_LEAD;
    queue->led = true;
    pthread_mutex_unlock(&queue->lock);
    if (await_turn(queue, write) == TODO__SQLITE_LEAD)
        lead(db, write);
    pthread_cond_destroy(&write->turned);
    pthread_mutex_destroy(&write->lock);
    return write->status;
}

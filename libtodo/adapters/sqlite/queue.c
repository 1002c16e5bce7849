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

static void withdraw(todo__sqlite_queue *queue, todo__sqlite_write *write)
{
    todo__sqlite_write **link = &queue->first;

    while (*link != write)
        link = &(*link)->next;
    *link = write->next;
    if (write->next == NULL)
        queue->last = link;
}

/* Takes the first write and those behind it that can share its transaction, as a list of their own. */
static todo__sqlite_write *take_group(todo__sqlite_queue *queue)
{
    todo__sqlite_write *group = queue->first, *end = group;

    end->state = TODO__SQLITE_TAKEN;
    for (unsigned count = 1; !group->alone && count < GROUP_MAX; count++) {
        if (end->next == NULL || end->next->alone)
            break;
        end = end->next;
        end->state = TODO__SQLITE_TAKEN;
    }
    queue->first = end->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    end->next = NULL;
    return group;
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

/* Tells the group, in which the leader itself is the first, and passes the lead on. */
static void dismiss(todo__sqlite_queue *queue, todo__sqlite_write *group)
{
    todo__sqlite_write *next;

    /* The other threads' writes are gone as soon as they wake, which is not before the lock is free. */
    for (todo__sqlite_write *write = group; write != NULL; write = next) {
        next = write->next;
        write->state = TODO__SQLITE_ENDED;
        pthread_cond_signal(&write->woken);
    }
    queue->led = queue->first != NULL;
    if (queue->led) {
        queue->first->state = TODO__SQLITE_LEADING;
        pthread_cond_signal(&queue->first->woken);
    }
}

/* Commits a group that begins with `own`. The lock is held before and after. */
static void lead(todo__sqlite *db, todo__sqlite_write *own)
{
    todo__sqlite_queue *queue = &db->queue;
    todo__sqlite_connection *connection = NULL;
    todo__sqlite_write *group = own;

    pthread_mutex_unlock(&queue->lock);
    own->status = begin(db, own, &connection);
    pthread_mutex_lock(&queue->lock);
    if (connection == NULL) {
        withdraw(queue, own);
        own->next = NULL;
    } else {
        group = take_group(queue);
        pthread_mutex_unlock(&queue->lock);
        commit_group(connection, group);
        if (db->writer == NULL)
            todo__sqlite_pool_give(&db->pool, connection);
        pthread_mutex_lock(&queue->lock);
    }
    dismiss(queue, group);
}

todo_status todo__sqlite_submit(todo__sqlite *db, todo__sqlite_write *write, const todo_call *call,
                                todo_error *error)
{
    todo__sqlite_queue *queue = &db->queue;
    struct timespec until;

    write->deadline = todo__sqlite_deadline(db, call);
    write->error = error;
    until = todo__monotonic_timespec(write->deadline);
    todo__monotonic_cond_init(&write->woken);
    pthread_mutex_lock(&queue->lock);
    append(queue, write);
    write->state = queue->led ? TODO__SQLITE_WAITING : TODO__SQLITE_LEADING;
    queue->led = true;
    while (write->state == TODO__SQLITE_WAITING || write->state == TODO__SQLITE_TAKEN) {
        if (write->state == TODO__SQLITE_TAKEN) {
            pthread_cond_wait(&write->woken, &queue->lock);
        } else if (pthread_cond_timedwait(&write->woken, &queue->lock, &until) == ETIMEDOUT &&
                   write->state == TODO__SQLITE_WAITING) {
            withdraw(queue, write);
            write->status = todo__sqlite_timeout(error);
            write->state = TODO__SQLITE_ENDED;
        }
    }
    if (write->state == TODO__SQLITE_LEADING)
        lead(db, write);
    pthread_mutex_unlock(&queue->lock);
    pthread_cond_destroy(&write->woken);
    return write->status;
}

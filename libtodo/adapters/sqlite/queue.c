#include "adapters/sqlite/queue.h"

#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "util/monotonic.h"

/* Writes in one group, so that the first of them need not wait long for the last. */
#define GROUP_MAX 256

void todo__sqlite_queue_init(todo__queue *queue)
{
    todo__queue_init(queue, &(todo__queue_rules){.leaders = 1}, NULL);
}

static todo__sqlite_write *write_of(todo__waiter *waiter)
{
    return (todo__sqlite_write *)((char *)waiter - offsetof(todo__sqlite_write, waiter));
}

/* Moves the writes that can share the leader's transaction from the queue into its group. */
static void take_group(todo__queue *queue, todo__sqlite_write *own, todo__waiters *group)
{
    todo__waiter *first;

    todo__queue_lock(queue);
    for (unsigned count = 1; !own->alone && count < GROUP_MAX; count++) {
        first = TAILQ_FIRST(&queue->waiting);
        if (first == NULL || write_of(first)->alone)
            break;
        todo__queue_take(queue, first);
        TAILQ_INSERT_TAIL(group, first, next);
    }
    todo__queue_unlock(queue);
}

/* Whether SQLite rolled the whole transaction back by itself, as it does when the disk is full or fails. */
static bool is_lost(const todo__sqlite_connection *connection)
{
    return sqlite3_get_autocommit(connection->sqlite) != 0;
}

/* Applies one of several: its failure does not harm the others. */
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
static bool apply_group(todo__sqlite_connection *connection, todo__waiters *group)
{
    todo__waiter *first = TAILQ_FIRST(group), *waiter;
    bool several = TAILQ_NEXT(first, next) != NULL, any = false;

    connection->deadline = write_of(first)->alone ? write_of(first)->deadline : TODO__SQLITE_NO_DEADLINE;
    TAILQ_FOREACH(waiter, group, next)
    {
        todo__sqlite_write *write = write_of(waiter);

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

static void commit_group(todo__sqlite_connection *connection, todo__waiters *group)
{
    todo__waiter *waiter;
    bool any = apply_group(connection, group), lost = is_lost(connection);
    todo_error error = TODO_ERROR_INIT;
    todo_status status = TODO_OK;

    if (lost)
        status = not_committed(&error);
    else if (any)
        status = todo__sqlite_run(connection, TODO__SQLITE_COMMIT, &error);
    if (!is_lost(connection))
        todo__sqlite_run(connection, TODO__SQLITE_ROLLBACK, NULL);
    if (status == TODO_OK)
        return;
    TAILQ_FOREACH(waiter, group, next)
    {
        todo__sqlite_write *write = write_of(waiter);

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
        status = todo__sqlite_pool_take(&db->pool, write->waiter.parking, write->deadline, &connection,
                                        write->error);
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

/* Ends the waits of the group. */
static void dismiss(todo__queue *queue, todo__waiters *group)
{
    todo__waiter *waiter = TAILQ_FIRST(group), *next;

    TAILQ_INIT(group);
    for (; waiter != NULL; waiter = next) {
        next = TAILQ_NEXT(waiter, next);
        todo__wake(todo__queue_end(queue, waiter));
    }
}

/* Commits a group that begins with `own`, and gives the connection back. */
static void commit(todo__sqlite *db, todo__sqlite_connection *connection, todo__sqlite_write *own,
                   todo__waiters *group)
{
    take_group(&db->queue, own, group);
    commit_group(connection, group);
    /* A checkpoint takes long, and the group need not wait for it. */
    if (todo__sqlite_log_is_due(connection)) {
        dismiss(&db->queue, group);
        todo__sqlite_log_checkpoint(connection);
    }
    if (db->writer == NULL)
        todo__sqlite_pool_give(&db->pool, connection);
}

/* The next group is under way while this one is told. */
static void lead(todo__sqlite *db, todo__sqlite_write *own)
{
    const todo_parking *parking = own->waiter.parking;
    todo__sqlite_connection *connection = NULL;
    todo__waiters group = TAILQ_HEAD_INITIALIZER(group);

    TAILQ_INSERT_TAIL(&group, &own->waiter, next);
    todo__blocking(parking, true);
    own->status = begin(db, own, &connection);
    if (connection != NULL)
        commit(db, connection, own, &group);
    todo__blocking(parking, false);
    todo__queue_lock(&db->queue);
    todo__queue_hand_over(&db->queue);
    dismiss(&db->queue, &group);
}

todo_status todo__sqlite_submit(todo__sqlite *db, todo__sqlite_write *write, const todo_call *call,
                                todo_error *error)
{
    if (todo__sqlite_reads_only(db))
        return todo__sqlite_refuse_write(error);
    write->deadline = todo__sqlite_deadline(db, call);
    write->error = error;
    todo__waiter_init(&write->waiter, todo__parking_of(call), write->deadline);
    todo__queue_lock(&db->queue);
    switch (todo__queue_wait(&db->queue, &write->waiter)) {
    case TODO__TURN_LEAD:
        lead(db, write);
        break;
    case TODO__TURN_LATE:
        write->status = todo__sqlite_timeout(error);
        break;
    default:
        break;
    }
    return write->status;
}

/*
 * Writes, one after the other and committed in groups. Every writing thread puts its write into the queue
 * (util/queue.h). The leader opens a transaction, applies all that wait, each behind a savepoint of its own, commits once,
 * and hands over. While it waits for the disk, the next group gathers. So a commit's sync is shared by all the writes that
 * would otherwise queue for it, and a write returns only once it is durable.
 */
#ifndef TODO_ADAPTERS_SQLITE_QUEUE_H
#define TODO_ADAPTERS_SQLITE_QUEUE_H

#include "adapters/sqlite/connection.h"
#include "util/queue.h"

struct todo__sqlite;
typedef struct todo__sqlite_write todo__sqlite_write;

/* A write, on the stack of the thread that wants it: the first member of a struct with its inputs and outputs. */
struct todo__sqlite_write {
    /*
     * Does the write inside a transaction, in whichever thread leads. Ends with TODO_OK, or leaves the undoing of a
     * part to the caller. Not the last word: the commit may still fail, so outputs are for the thread that waits.
     */
    todo_status (*apply)(todo__sqlite_connection *connection, todo__sqlite_write *write, todo_error *error);
    /* May take long: a group of its own, interrupted at its deadline. Others are short and run to their end. */
    bool alone;

    /* the queue's own */
    todo__waiter waiter;
    int64_t deadline;
    todo_status status;
    todo_error *error;
};

void todo__sqlite_queue_init(todo__queue *queue);

/*
 * Applies and commits a write, of which `apply` and `alone` are set. Returns what `apply` returned, or TIMEOUT (not
 * applied), UNAVAILABLE, NOMEM, INTERNAL (not committed).
 */
todo_status todo__sqlite_submit(struct todo__sqlite *db, todo__sqlite_write *write, const todo_call *call,
                                todo_error *error);

#endif

/*
 * Writes, one after the other and committed in groups. Every writing thread puts its write into the queue. One of
 * them leads: it opens a transaction, applies all that wait, each behind a savepoint of its own, commits once, and
 * tells the others. While it waits for the disk, the next group gathers; its first becomes the next leader. So a commit's
 * sync is shared by all who would otherwise queue for it, and a write returns only once it is durable.
 */
#ifndef TODO_ADAPTERS_SQLITE_QUEUE_H
#define TODO_ADAPTERS_SQLITE_QUEUE_H

#include <pthread.h>

#include "adapters/sqlite/connection.h"

struct todo__sqlite;
typedef struct todo__sqlite_write todo__sqlite_write;

typedef enum todo__sqlite_turn {
    TODO__SQLITE_WAIT,
    TODO__SQLITE_LEAD, /* the thread of this write is to commit the next group */
    TODO__SQLITE_END   /* it is over, and `status` says how */
} todo__sqlite_turn;

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
    int64_t deadline;
    todo_status status;
    todo_error *error;
    todo__sqlite_write *next; /* under the queue's lock, */
    bool claimed;             /* as is this: a leader has it or it leads, so it can't be withdrawn */
    todo__sqlite_turn
        turn; /* under a lock of the write's own, so that a woken thread has no other to wait for */
    pthread_mutex_t lock;
    pthread_cond_t turned;
};

typedef struct todo__sqlite_queue {
    pthread_mutex_t lock;
    todo__sqlite_write *first, **last;
    bool led; /* somebody leads; the leader's write is the first one until its group is taken */
} todo__sqlite_queue;

void todo__sqlite_queue_init(todo__sqlite_queue *queue);
void todo__sqlite_queue_destroy(todo__sqlite_queue *queue);

/*
 * Applies and commits a write, of which `apply` and `alone` are set. Returns what `apply` returned, or TIMEOUT (not
 * applied), UNAVAILABLE, NOMEM, INTERNAL (not committed).
 */
todo_status todo__sqlite_submit(struct todo__sqlite *db, todo__sqlite_write *write, const todo_call *call,
                                todo_error *error);

#endif

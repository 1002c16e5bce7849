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

typedef enum todo__sqlite_write_state {
    TODO__SQLITE_WAITING,
    TODO__SQLITE_LEADING, /* its thread is to commit the next group */
    TODO__SQLITE_TAKEN,   /* part of the group under way: no longer to be withdrawn */
    TODO__SQLITE_ENDED
} todo__sqlite_write_state;

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
    todo__sqlite_write_state state;
    int64_t deadline;
    todo_status status;
    todo_error *error;
    pthread_cond_t woken;
    todo__sqlite_write *next;
};

typedef struct todo__sqlite_queue {
    pthread_mutex_t lock;
    todo__sqlite_write *first, **last;
    bool led; /* somebody leads; a leader's write is the first one until it is taken */
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

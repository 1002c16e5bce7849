/*
 * A fiber: a request that may leave its thread while it waits, and go on in another one.
 *
 * civetweb has a thread for each connection, the worker. A fiber runs on the stack of its worker, which leaves that stack
 * as it is for a small one, where it watches the connection meanwhile. docs/internals/waiting.md draws the states.
 */
#ifndef TODO_SERVER_FIBER_H
#define TODO_SERVER_FIBER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <todo/call.h>

#include "context.h"

typedef enum fiber_state {
    FIBER_RUNNING,
    FIBER_EXPECTED, /* and it was woken before it parked */
    FIBER_PARKED,
    FIBER_READY, /* woken: on the list of the fiber threads */
    FIBER_ENDED  /* by a fiber thread: only its worker goes on */
} fiber_state;

typedef struct fiber {
    todo_parking ops;              /* what goes down with a call */
    struct fiber_threads *threads; /* those that may go on with it */
    struct fiber_thread *thread;   /* the one that runs it; NULL: its worker does */
    stack_context request;         /* the worker's stack */
    stack_context watch;           /* the small one */
    void *watch_stack;
    int fd; /* the connection's socket */
    bool ended;
    bool yields; /* ready fibers go first */
    atomic_llong until;
    atomic_uint state;           /* fiber_state */
    atomic_bool worker_sleeping; /* its worker sleeps on `state` */
    TAILQ_ENTRY(fiber) next;
} fiber;

/* Changes the state. False: it is another one than `before`. */
static inline bool fiber_change(fiber *self, fiber_state before, fiber_state after)
{
    unsigned expected = before;

    return atomic_compare_exchange_strong(&self->state, &expected, after);
}

#endif

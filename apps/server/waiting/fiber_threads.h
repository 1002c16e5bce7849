/* The threads that go on with fibers that were parked and woken. */
#ifndef TODO_SERVER_FIBER_THREADS_H
#define TODO_SERVER_FIBER_THREADS_H

#include "fiber.h"

typedef struct fiber_threads fiber_threads;
typedef struct fiber_thread fiber_thread;

/* Starts so many threads. NULL: out of memory or threads. */
fiber_threads *fiber_threads_start(unsigned count);

/* No fiber may be parked any more. NULL is fine. */
void fiber_threads_stop(fiber_threads *self);

/* Puts a fiber that is PARKED on the list: it is READY then. False: it is not parked (any more). */
bool fiber_threads_push(fiber_threads *self, fiber *woken);

/* Takes one that is READY off again: it is RUNNING then. False: a fiber thread has it. */
bool fiber_threads_take_back(fiber_threads *self, fiber *ready);

/* The fiber thread is about to block, or goes on. */
void fiber_threads_blocking(fiber_threads *self, bool begins);

/* Where a fiber goes that leaves its fiber thread. */
stack_context *fiber_threads_home(const fiber *running);

/*
 * For the stack that a fiber has just been left for: lets it be taken up. True: it goes on where it is, for it was woken
 * already or no ready fiber wants to go first.
 */
bool fiber_threads_settle(fiber *left);

#endif

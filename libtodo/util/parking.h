/* Waiting for a word to change in the way that the call asks for (todo_parking): parked, or asleep on the word. */
#ifndef TODO_UTIL_PARKING_H
#define TODO_UTIL_PARKING_H

#include <todo/call.h>

#include "util/futex.h"

/* A caller that waits; a copy of it may outlive the call. */
typedef struct todo__sleeper {
    atomic_uint *word;           /* NULL: there is none */
    const todo_parking *parking; /* NULL: the thread sleeps */
} todo__sleeper;

static inline const todo_parking *todo__parking_of(const todo_call *call)
{
    return call != NULL ? call->parking : NULL;
}

/* Waits while the word has this value, until `deadline`; may return for no reason. */
static inline void todo__sleep(todo__sleeper sleeper, unsigned value, int64_t deadline)
{
    if (sleeper.parking == NULL)
        todo__futex_wait(sleeper.word, value, deadline);
    else if (atomic_load_explicit(sleeper.word, memory_order_acquire) == value)
        sleeper.parking->park(sleeper.parking->arg, deadline);
}

/* Wakes the caller, after the word was changed. The word may be gone already. */
static inline void todo__wake(todo__sleeper sleeper)
{
    if (sleeper.word == NULL)
        return;
    if (sleeper.parking == NULL)
        todo__futex_wake(sleeper.word);
    else
        sleeper.parking->unpark(sleeper.parking->arg);
}

/* Lets callers that were woken go first. No lock may be held. */
static inline void todo__yield(const todo_parking *parking)
{
    if (parking != NULL && parking->yield != NULL)
        parking->yield(parking->arg);
}

/* Says that the thread is about to wait for a server, a disk or a lock, or has done so. */
static inline void todo__blocking(const todo_parking *parking, bool begins)
{
    if (parking != NULL && parking->blocking != NULL)
        parking->blocking(parking->arg, begins);
}

#endif

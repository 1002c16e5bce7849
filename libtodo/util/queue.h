/*
 * Leader and waiters: many callers want something of one server, file or resource, and a few of them at a time, the
 * leaders, carry out what all of them want. There is no thread behind it.
 *
 * A caller enters as a waiter and awaits its turn, parked or asleep. Its turn is to lead, or to hear that a leader has
 * carried its request out, or that its deadline has passed. A leader takes waiters from the queue, works without the lock,
 * ends the waits of those that it has served, and hands over. The next leader is chosen at that moment: leading never
 * depends on a new caller.
 *
 * The owner, which embeds the queue, keeps what goes with the waiters under the same lock. docs/internals/waiting.md
 * draws the states.
 */
#ifndef TODO_UTIL_QUEUE_H
#define TODO_UTIL_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "util/export.h"
#include "util/parking.h"

#define TODO__NO_DEADLINE INT64_MAX

/* What a waiter is told. */
typedef enum todo__turn {
    TODO__TURN_NONE, /* it has not entered yet */
    TODO__TURN_WAIT,
    TODO__TURN_LEAD, /* it must lead, and then hand over */
    TODO__TURN_END,  /* a leader has seen to it */
    TODO__TURN_LATE  /* its deadline has passed, and it has left the queue */
} todo__turn;

/* A caller that waits. Zeroed, then todo__waiter_init. */
typedef struct todo__waiter {
    const todo_parking *parking;    /* how it waits; NULL: its thread sleeps */
    atomic_int_fast64_t deadline;   /* CLOCK_MONOTONIC in microseconds; may be changed while it waits */
    atomic_uint turn;               /* todo__turn */
    bool queued;                    /* it is in the queue: not taken by a leader */
    TAILQ_ENTRY(todo__waiter) next; /* in the queue, or as its taker likes */
} todo__waiter;

typedef TAILQ_HEAD(todo__waiters, todo__waiter) todo__waiters;

/* How a queue is led. Zeroed but for `leaders`: the first waiter leads next. */
typedef struct todo__queue_rules {
    unsigned leaders;     /* at once, as a rule */
    unsigned leaders_max; /* at once, when the latest has led for longer than `patience`; 0: as `leaders` */
    int64_t patience;     /* microseconds */
    /*
     * Gives the waiter that leads next, and takes it (todo__queue_take), with those that it is to serve if they are known
     * already. The queue is not empty. The lock is held.
     */
    todo__waiter *(*elect)(void *owner);
    /* Whether a waiter whose deadline has passed may leave though a leader took it. The lock is held. NULL: it stays. */
    bool (*leave)(void *owner, todo__waiter *waiter);
} todo__queue_rules;

typedef struct todo__queue {
    pthread_mutex_t lock; /* guards what follows, and what the owner keeps with it */
    todo__queue_rules rules;
    void *owner; /* for the functions of the rules */
    todo__waiters waiting;
    unsigned length;
    unsigned leaders; /* at this moment */
    int64_t led_since;
} todo__queue;

TODO__EXPORT void todo__queue_init(todo__queue *queue, const todo__queue_rules *rules, void *owner);

/* It must be empty. */
TODO__EXPORT void todo__queue_destroy(todo__queue *queue);

static inline void todo__queue_lock(todo__queue *queue)
{
    pthread_mutex_lock(&queue->lock);
}

static inline void todo__queue_unlock(todo__queue *queue)
{
    pthread_mutex_unlock(&queue->lock);
}

TODO__EXPORT void todo__waiter_init(todo__waiter *waiter, const todo_parking *parking, int64_t deadline);

/* Appends a waiter, and makes one of the waiters a leader if one may lead. Called with the lock, which it releases. */
void todo__queue_enter(todo__queue *queue, todo__waiter *waiter);

/* Waits for the turn of a waiter that has entered: LEAD, END or LATE. Without the lock. */
todo__turn todo__queue_await(todo__queue *queue, todo__waiter *waiter);

/* Both. Called with the lock, which it releases. */
TODO__EXPORT todo__turn todo__queue_wait(todo__queue *queue, todo__waiter *waiter);

/* Takes a waiter out of the queue, for a leader that will end its wait. The lock is held. */
TODO__EXPORT void todo__queue_take(todo__queue *queue, todo__waiter *waiter);

/*
 * Ends the wait of a waiter, which may be gone after this, and gives what todo__wake is to be called with. Also for a
 * waiter that leads, has left or has not entered: then no caller is woken. For one that was taken and may not leave, the
 * lock is not needed; for any other it is held.
 */
TODO__EXPORT todo__sleeper todo__queue_end(todo__queue *queue, todo__waiter *waiter);

/* The caller's lead is over: the next begins, if there is a waiter. Called with the lock, which it releases. */
TODO__EXPORT void todo__queue_hand_over(todo__queue *queue);

#endif

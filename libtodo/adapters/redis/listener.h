/*
 * A thread that hears from Redis of every change of a user's todos: a connection on which Redis' server-assisted
 * client-side caching broadcasts the user keys that changed (CLIENT TRACKING ON BCAST, redirected to itself, which is what RESP2
 * can do). It pings, reconnects when the connection is lost, and says what happened; all functions of the caller are
 * called in the thread.
 */
#ifndef TODO_ADAPTERS_REDIS_LISTENER_H
#define TODO_ADAPTERS_REDIS_LISTENER_H

#include <todo/types.h>

#include "adapters/redis/url.h"

#define TODO__LISTENER_PING_US  (100 * 1000)
#define TODO__LISTENER_LEASE_US (600 * 1000)

typedef struct todo__listener todo__listener;

/* Whoever changes this key tells everybody to forget all that they hold: there is no key for most lists. */
#define TODO__REDIS_FLUSH_KEY "todo:flush"

typedef struct todo__listener_options {
    const todo__redis_url *url; /* must outlive the listener */
    unsigned connect_timeout_ms;
    void *arg;
    void (*gained)(void *arg);                         /* every change is heard of from here on */
    void (*lost)(void *arg);                           /* changes may be missed from here on */
    void (*refused)(void *arg);                        /* Redis is there, but does not let us listen */
    void (*changed)(void *arg, const todo_uuid *user); /* something of the user's; NULL: of all */
    void (*renewed)(void *arg, int64_t until); /* all changes are known up to the lease before `until` */
    void (*ticked)(void *arg);                 /* a few times a second while connected */
} todo__listener_options;

/* Starts the thread. NOMEM; INTERNAL when there can be no more threads. */
todo_status todo__listener_start(const todo__listener_options *options, todo__listener **ret_listener,
                                 todo_error *error);

/* Ends the thread and waits for it. NULL is fine. */
void todo__listener_stop(todo__listener *listener);

#endif

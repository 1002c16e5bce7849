/*
 * Requests that give up their thread while they wait.
 *
 * civetweb has a thread for each connection. When a request waits for the store, its thread leaves it (on the stack
 * that both share, which stays as it is) for a small stack of its own, the lounge, and waits there for the client's next
 * request. Whoever has what the request waits for puts it on a list; one of a few carrier threads goes on with it and
 * sends the answer. So a request costs one change of threads, the one that the client's data causes, instead of two;
 * and the answers of many requests that one statement carried are sent one after the other by a thread that is awake.
 *
 * The thread of the connection takes its request back when it comes to an end, or when nobody carries it on in time.
 */
#ifndef TODO_SERVER_PARKING_H
#define TODO_SERVER_PARKING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <todo/call.h>

#include "context.h"

typedef struct carriers carriers;
typedef struct carrier carrier;

typedef enum parking_state {
    PARKING_RUNNING,  /* some thread is in the request */
    PARKING_EXPECTED, /* and it was woken before it parked */
    PARKING_PARKED,
    PARKING_READY, /* woken: on the list of the carriers */
    PARKING_ENDED  /* by a carrier: only its own thread goes on */
} parking_state;

/* What a thread of civetweb has for its requests. */
typedef struct parking {
    todo_parking ops; /* what goes down with a call */
    carriers *carriers;
    stack_context request; /* the stack of the thread */
    stack_context lounge;
    void *lounge_stack;
    carrier *carrier; /* who runs the request; NULL: its own thread */
    int fd;           /* the connection's socket */
    bool ended;
    bool yields; /* others go first */
    atomic_llong until;
    atomic_uint state;        /* parking_state */
    atomic_bool own_sleeping; /* its own thread sleeps on `state` */
    TAILQ_ENTRY(parking) next;
} parking;

/* From now on requests of the connection with this socket may be parked. Called by its thread. False: out of memory. */
bool parking_prepare(parking *self, carriers *all, int fd);

void parking_clear(parking *self);

/* A request begins, on its own thread, that may be parked. */
void parking_begin(parking *self);

/*
 * The answer is sent: goes back to the request's own thread, which comes when the client sends something; with
 * `at_once`, now.
 */
void parking_end(parking *self, bool at_once);

/*
 * For whoever a request has just been left to, the lounge or a carrier: lets others take it up. True: it goes on where
 * it is, for it was woken already or nobody else wants to go first.
 */
bool parking_settle(parking *self);

/* For a carrier whose request came back: it has ended. */
void parking_give_back(parking *self);

#endif

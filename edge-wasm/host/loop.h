/* One thread's event loop: sockets, times, and work that other threads send. All but loop_post belongs to that thread. */
#ifndef EDGE_HOST_LOOP_H
#define EDGE_HOST_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timer.h"

/* A descriptor that the loop watches, edge-triggered: an event says that something changed, not that something is there. */
struct watch {
    void (*ready)(struct watch *watch, uint32_t events); /* events of epoll(7) */
    struct watch *next_dead;
};

/* Work for the loop, later in the same round or in the next one. Embedded in what it is about; queued once at a time. */
struct job {
    void (*run)(struct job *job);
    struct job *next, **link; /* `link` points to what points here */
    bool queued;
};

struct loop {
    int64_t now; /* milliseconds, when this round began */
    struct timers timers;

    /* The rest is loop.c's. */
    int epoll, wake;
    bool ended;
    struct job *jobs, **jobs_end;
    struct watch *dead;
    pthread_mutex_t mutex;
    struct job *posted, **posted_end;
    struct watch wake_watch;
};

/* False when the system has no more descriptors. */
bool loop_open(struct loop *loop);
void loop_close(struct loop *loop);

/* Runs until loop_end. */
void loop_run(struct loop *loop);
void loop_end(struct loop *loop);

/* Watches a descriptor until it is closed. */
bool loop_watch(struct loop *loop, int fd, struct watch *watch);

/*
 * Frees the memory that `watch` begins when the round is over: events for it may still be on their way. Its descriptor is closed
 * by the caller.
 */
void loop_release(struct loop *loop, struct watch *watch);

/* Runs a job when the events at hand have been handled. */
void loop_later(struct loop *loop, struct job *job);

/* It is not run after all. */
void loop_cancel(struct loop *loop, struct job *job);

/* The same as loop_later, from any thread; cannot be cancelled. */
void loop_post(struct loop *loop, struct job *job);

/* Monotonic time in milliseconds. */
int64_t clock_ms(void);

#endif

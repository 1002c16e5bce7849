/* Times at which something is to be looked at: a pairing heap, so that setting one needs no memory. Belongs to one thread. */
#ifndef EDGE_HOST_TIMER_H
#define EDGE_HOST_TIMER_H

#include <stdint.h>

#define TIMER_NEVER INT64_MAX

struct timer {
    void (*run)(struct timer *timer); /* called once for each timer_set */
    int64_t due;                      /* milliseconds; TIMER_NEVER: not set */

    /* The rest is timer.c's. */
    int64_t key; /* by which it lies in the heap: `due`, or earlier */
    struct timer *child, *next, *previous;
    int in_heap;
};

struct timers {
    struct timer *root;
};

/* Sets it anew. Moving a timer later, or to TIMER_NEVER, costs two stores: the heap notices when the old time comes. */
void timer_set(struct timers *timers, struct timer *timer, int64_t due);

/* Takes it out of the heap; before its memory is released. */
void timer_remove(struct timers *timers, struct timer *timer);

/* Runs what is due. */
void timers_run(struct timers *timers, int64_t now);

/* When timers_run is to be called next; TIMER_NEVER when nothing is set. */
int64_t timers_next(const struct timers *timers);

#endif

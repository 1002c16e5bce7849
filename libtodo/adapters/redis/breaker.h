/*
 * A circuit breaker: after several failures in a row it stands aside for a pause, then lets one call through to see.
 * Each further failure doubles the pause, up to a cap; a success closes it. It knows no clock and no lock: the caller
 * passes the time (microseconds, monotonic) and keeps other threads out.
 */
#ifndef TODO_ADAPTERS_REDIS_BREAKER_H
#define TODO_ADAPTERS_REDIS_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define TODO__BREAKER_THRESHOLD    3u
#define TODO__BREAKER_PAUSE_MIN_US (100 * 1000)
#define TODO__BREAKER_PAUSE_MAX_US (5 * 1000 * 1000)

typedef struct todo__breaker {
    unsigned failures; /* in a row */
    int64_t pause;     /* the current one; 0: closed */
    int64_t retry_at;  /* when the next call may pass */
} todo__breaker;

/* Whether a call may pass now. While open, a yes is given once for each pause. */
bool todo__breaker_allows(todo__breaker *breaker, int64_t now);

void todo__breaker_succeeded(todo__breaker *breaker);

/* Returns whether this failure opened a closed breaker. */
bool todo__breaker_failed(todo__breaker *breaker, int64_t now);

static inline bool todo__breaker_is_open(const todo__breaker *breaker)
{
    return breaker->pause != 0;
}

#endif

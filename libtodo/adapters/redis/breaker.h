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
static inline bool todo__breaker_allows(todo__breaker *breaker, int64_t now)
{
    if (breaker->pause == 0)
        return true;
    if (now < breaker->retry_at)
        return false;
    /* Should the probe never report back, the next one may go after another pause. */
    breaker->retry_at = now + breaker->pause;
    return true;
}

static inline void todo__breaker_succeeded(todo__breaker *breaker)
{
    *breaker = (todo__breaker){0};
}

/* Returns whether this failure opened a closed breaker. */
static inline bool todo__breaker_failed(todo__breaker *breaker, int64_t now)
{
    bool was_open = breaker->pause != 0;

    if (breaker->failures < TODO__BREAKER_THRESHOLD)
        breaker->failures++;
    if (breaker->failures < TODO__BREAKER_THRESHOLD)
        return false;
    breaker->pause = was_open ? breaker->pause * 2 : TODO__BREAKER_PAUSE_MIN_US;
    if (breaker->pause > TODO__BREAKER_PAUSE_MAX_US)
        breaker->pause = TODO__BREAKER_PAUSE_MAX_US;
    breaker->retry_at = now + breaker->pause;
    return !was_open;
}

static inline bool todo__breaker_is_open(const todo__breaker *breaker)
{
    return breaker->pause != 0;
}

#endif

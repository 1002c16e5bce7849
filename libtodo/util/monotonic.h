/* The clock of deadlines: CLOCK_MONOTONIC in microseconds, as todo_call counts. */
#ifndef TODO_UTIL_MONOTONIC_H
#define TODO_UTIL_MONOTONIC_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static inline int64_t todo__monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The form that pthread_cond_timedwait takes. */
static inline struct timespec todo__monotonic_timespec(int64_t us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000};

    return time;
}

/* Prepares a condition whose timed waits go by this clock. */
static inline void todo__monotonic_cond_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

#endif

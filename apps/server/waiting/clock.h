/* The clock of deadlines. */
#ifndef TODO_SERVER_CLOCK_H
#define TODO_SERVER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in microseconds, as deadlines are measured. */
static inline int64_t app_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif

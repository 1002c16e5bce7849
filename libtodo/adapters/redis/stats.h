/* What the Redis cache counts. Every member may be read and written by any thread at once. */
#ifndef TODO_ADAPTERS_REDIS_STATS_H
#define TODO_ADAPTERS_REDIS_STATS_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct todo__redis_stats {
    atomic_uint_fast64_t hits;
    atomic_uint_fast64_t misses;     /* unreadable values included */
    atomic_uint_fast64_t unreadable; /* values that are no item of ours */
    atomic_uint_fast64_t puts;       /* stored */
    atomic_uint_fast64_t stale_puts; /* held back, because a newer version or a removal was known */
    atomic_uint_fast64_t removes;
    atomic_uint_fast64_t errors;   /* calls that Redis did not answer or refused */
    atomic_uint_fast64_t connects; /* connections made */
    atomic_uint_fast64_t breaker_opened;
    atomic_bool breaker_open;
} todo__redis_stats;

static inline void todo__count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

#endif

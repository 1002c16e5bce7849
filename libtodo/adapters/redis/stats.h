/* What the Redis cache counts. Every member may be read and written by any thread at once. */
#ifndef TODO_ADAPTERS_REDIS_STATS_H
#define TODO_ADAPTERS_REDIS_STATS_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct todo__redis_stats {
    atomic_uint_fast64_t local_hits; /* answered by this process */
    atomic_uint_fast64_t shared;     /* answered by somebody else's load */
    atomic_uint_fast64_t hits;       /* answered by Redis */
    atomic_uint_fast64_t misses;     /* unreadable values and stale ones included */
    atomic_uint_fast64_t unreadable; /* values that are no item of ours */
    atomic_uint_fast64_t stale_hits; /* values that were older than what this process knew */
    atomic_uint_fast64_t bypassed;   /* Redis was not asked, because it could not be trusted at the time */
    atomic_uint_fast64_t puts;       /* stored */
    atomic_uint_fast64_t stale_puts; /* held back, because a newer version or a removal was known */
    atomic_uint_fast64_t removes;
    atomic_uint_fast64_t errors;   /* calls that Redis did not answer or refused */
    atomic_uint_fast64_t connects; /* connections made */
    atomic_uint_fast64_t breaker_opened;
    atomic_bool breaker_open;
    atomic_uint_fast64_t changes;       /* of todos, heard of */
    atomic_uint_fast64_t user_changes;  /* of users, heard of: any of their todos */
    atomic_uint_fast64_t listener_lost; /* times that changes may have been missed */
    atomic_bool listening;
    atomic_uint_fast64_t list_hits; /* lists answered by this process */
    atomic_uint_fast64_t
        list_misses; /* lists read from the database; those not even asked of the cache are not counted */
} todo__redis_stats;

static inline void todo__count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

#endif

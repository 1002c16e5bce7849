/* What the Redis cache counts. Every member may be read and written by any thread at once. */
#ifndef TODO_ADAPTERS_REDIS_STATS_H
#define TODO_ADAPTERS_REDIS_STATS_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct todo__redis_stats {
    atomic_uint_fast64_t local_hits;  /* todos answered by this process */
    atomic_uint_fast64_t hits;        /* todos answered by Redis */
    atomic_uint_fast64_t misses;      /* unreadable records and old ones included */
    atomic_uint_fast64_t unreadable;  /* values that are no record of this format */
    atomic_uint_fast64_t old_records; /* that showed less than the latest change */
    atomic_uint_fast64_t bypassed;    /* Redis was not asked, because it could not be believed at the time */
    atomic_uint_fast64_t fills;       /* todos read from the database and stored */
    atomic_uint_fast64_t refused_fills; /* a change had overtaken them */
    atomic_uint_fast64_t errors;        /* calls that Redis did not answer or refused */
    atomic_uint_fast64_t connects;      /* connections made */
    atomic_uint_fast64_t breaker_opened;
    atomic_bool breaker_open;
    atomic_uint_fast64_t changes;       /* messages about users */
    atomic_uint_fast64_t listener_lost; /* times that changes may have been missed */
    atomic_bool listening;
    atomic_uint_fast64_t list_hits;   /* lists answered by this process */
    atomic_uint_fast64_t list_misses; /* lists read from the database */
} todo__redis_stats;

static inline void todo__count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

#endif

/*
 * The Redis cache: what this process holds (local.h), kept up to date by a listener (listener.h), in front of Redis
 * (remote.h). docs/decisions/0009-cache-coherence.md says why it is never wrong for long.
 */
#ifndef TODO_ADAPTERS_REDIS_CACHE_H
#define TODO_ADAPTERS_REDIS_CACHE_H

#include <todo/port/cache.h>
#include <todo/store.h>

#include "adapters/redis/listener.h"
#include "adapters/redis/local.h"
#include "adapters/redis/notes.h"
#include "adapters/redis/pages.h"

#define TODO__REDIS_CONNECT_TIMEOUT_MS 200u
#define TODO__REDIS_COMMAND_TIMEOUT_MS 50u
#define TODO__REDIS_GRACE_MS           1000u
#define TODO__REDIS_LOCAL_BYTES        (8u * 1024 * 1024)

typedef struct todo__redis_options {
    const char *url;
    unsigned connect_timeout_ms;
    unsigned command_timeout_ms;
    unsigned grace_ms;  /* for how long Redis is not believed after it could not be reached */
    size_t local_bytes; /* what this process may hold; only with a listener is anything held */
    bool listen;        /* run the listener's thread */
    bool replicated;    /* lists may be read from a standby, which may lag */
} todo__redis_options;

typedef struct todo__redis_cache {
    todo__redis_url url;
    char *redacted_url;
    unsigned grace_ms;
    bool replicated;
    todo__redis_stats stats;
    todo__remote remote;
    todo__hold *hold;
    todo__local *local;                      /* the items on it */
    todo__pages *pages;                      /* and the lists */
    todo__floors *floors;                    /* of items, which Redis could not be told */
    todo__floors *notes;                     /* of users, likewise: their notes are the versions */
    todo__listener *listener;                /* NULL: none */
    atomic_int_fast64_t listener_trust_from; /* Redis is not believed before (todo__monotonic_us) */
} todo__redis_cache;

/* Makes the cache; it need not be reachable. INVALID and UNSUPPORTED as todo__redis_url_parse, NOMEM, INTERNAL. */
todo_status todo__redis_cache_new(const todo__redis_options *options, todo_cache **ret_cache,
                                  todo_error *error);

/* Whether what Redis holds may be believed now. */
bool todo__redis_believes(todo__redis_cache *cache);

/* The cache behind a handle that todo__redis_cache_new made. */
todo__redis_cache *todo__redis_cache_of(const todo_cache *cache);

/* The functions of todo__cache_ops. */
void todo__redis_probe(todo_cache *cache, const todo_call *call, todo_store_part_visit visit, void *arg);
void todo__redis_stats_of(todo_cache *cache, todo_store_stats *stats);
todo_status todo__redis_usage_of(todo_cache *cache, const todo_call *call, todo_cache_usage *ret_usage,
                                 todo_error *error);
todo_status todo__redis_flush(todo_cache *cache, const todo_call *call, uint64_t *ret_flushed,
                              todo_error *error);

#endif

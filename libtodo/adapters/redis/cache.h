/*
 * The Redis cache as a whole: the cache port, made of what the process holds (held.h), the commands (remote.h) and the
 * listener. docs/internals/cache.md says what may be answered from where.
 */
#ifndef TODO_ADAPTERS_REDIS_CACHE_H
#define TODO_ADAPTERS_REDIS_CACHE_H

#include <todo/port/cache.h>
#include <todo/store.h>

#include "adapters/redis/held.h"
#include "adapters/redis/listener.h"
#include "adapters/redis/remote.h"
#include "adapters/redis/untold.h"

#define TODO__REDIS_CONNECT_TIMEOUT_MS 300u
#define TODO__REDIS_COMMAND_TIMEOUT_MS 50u
#define TODO__REDIS_GRACE_MS           1000u
#define TODO__REDIS_LOCAL_BYTES        (8u * 1024 * 1024)
#define TODO__REDIS_TTL_SECONDS        300u
#define TODO__REDIS_HELD_PART          10u /* of the time that Redis keeps a record, the process holds an answer */

typedef struct todo__redis_options {
    const char *url;
    unsigned connect_timeout_ms;
    unsigned command_timeout_ms;
    unsigned grace_ms;    /* for how long Redis is not believed after it could not be reached */
    unsigned ttl_seconds; /* of a record; 0: TODO__REDIS_TTL_SECONDS */
    size_t local_bytes;   /* what this process may hold; only with a listener is anything held */
    bool listen;          /* run the listener's thread */
    bool replicated;      /* the database may be read from a standby, which may lag */
} todo__redis_options;

typedef struct todo__redis_cache {
    todo__redis_url url;
    char *redacted_url;
    unsigned grace_ms;
    bool replicated;
    todo__redis_stats stats;
    todo__redis_link *link;
    todo__remote remote;
    todo__held *held;
    todo__untold *untold;
    todo__listener *listener;                /* NULL: none */
    atomic_int_fast64_t listener_trust_from; /* Redis is not believed before (todo__monotonic_us) */
} todo__redis_cache;

/* Makes the cache; it need not be reachable. INVALID and UNSUPPORTED as todo__redis_url_parse, NOMEM, INTERNAL. */
todo_status todo__redis_cache_new(const todo__redis_options *options, todo_cache **ret_cache,
                                  todo_error *error);

/* The cache behind a handle that todo__redis_cache_new made. */
todo__redis_cache *todo__redis_cache_of(const todo_cache *cache);

/* The functions of the port (answers.c). `self` is a todo__redis_cache. */
todo_status todo__redis_load(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                             todo_cache_loader loader, void *loader_arg, const todo_item **ret_item,
                             todo_error *error);
todo_status todo__redis_list(void *self, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                             todo_item_visit visit, void *arg, todo_error *error);
todo_status todo__redis_change(void *self, const todo_call *call, const todo_cache_change *change,
                               todo_error *error);

/* The functions of the table (inspect.c). */
void todo__redis_probe(todo_cache *cache, const todo_call *call, todo_store_part_visit visit, void *arg);
todo_status todo__redis_usage_of(todo_cache *cache, const todo_call *call, todo_cache_usage *ret_usage,
                                 todo_error *error);
todo_status todo__redis_flush(todo_cache *cache, const todo_call *call, uint64_t *ret_flushed,
                              todo_error *error);

/* Tells Redis of the changes that it could not be told of when they were made. */
void todo__redis_repair(todo__redis_cache *cache);

#endif

/* The Redis cache as the other files of this folder and the tests see it. */
#ifndef TODO_ADAPTERS_REDIS_CACHE_H
#define TODO_ADAPTERS_REDIS_CACHE_H

#include <todo/port/cache.h>

#include "adapters/redis/link.h"

#define TODO__REDIS_TTL_SECONDS        300u
#define TODO__REDIS_CONNECT_TIMEOUT_MS 200u
#define TODO__REDIS_COMMAND_TIMEOUT_MS 50u

typedef struct todo__redis_cache {
    todo__redis_url url;
    char *redacted_url;
    todo__redis_stats stats;
    todo__redis_link *link;
} todo__redis_cache;

/* Makes the cache with timeouts of one's own. As todo__redis_open. */
todo_status todo__redis_cache_new(const char *url, unsigned connect_timeout_ms, unsigned command_timeout_ms,
                                  todo_cache **ret_cache, todo_error *error);

/* The cache behind a handle that todo__redis_cache_new made. */
todo__redis_cache *todo__redis_cache_of(const todo_cache *cache);

#endif

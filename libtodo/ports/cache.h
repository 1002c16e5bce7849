/* What adapters and decorators need of the cache port beside <todo/port/cache.h>. */
#ifndef TODO_PORTS_CACHE_H
#define TODO_PORTS_CACHE_H

#include <todo/port/cache.h>

#include "util/export.h"

/* The implementation behind a handle, for the adapter that made it. */
TODO__EXPORT void *todo__cache_self(const todo_cache *cache);

/* Whether a change that failed like this may have been applied after all. */
static inline bool todo__outcome_unknown(todo_status status)
{
    return status == TODO_ERR_UNAVAILABLE || status == TODO_ERR_TIMEOUT || status == TODO_ERR_INTERNAL ||
           status == TODO_ERR_NOMEM;
}

#endif

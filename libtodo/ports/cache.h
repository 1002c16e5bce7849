/* What an adapter needs of the cache port beside <todo/port/cache.h>. */
#ifndef TODO_PORTS_CACHE_H
#define TODO_PORTS_CACHE_H

#include <todo/port/cache.h>

#include "util/export.h"

/* The implementation behind a handle, for the adapter that made it. */
TODO__EXPORT void *todo__cache_self(const todo_cache *cache);

#endif

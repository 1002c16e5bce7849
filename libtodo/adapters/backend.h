/*
 * What an adapter offers to the composition root. A database adapter fills a todo__backend; the root never sees
 * more of it than this.
 */
#ifndef TODO_ADAPTERS_BACKEND_H
#define TODO_ADAPTERS_BACKEND_H

#include <string.h>

#include <todo/port/adapter.h>
#include <todo/port/cache.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>
#include <todo/store.h>

/* `size` and `open` are not looked at in a table of the library's own. */
typedef todo_store_ops todo__backend_ops;

typedef struct todo__backend {
    const todo__backend_ops *ops;
    void *self;
    todo_reader *reader; /* one reference each, which the composition root releases */
    todo_writer *writer;
    todo_users *users;
} todo__backend;

/* Whether reads may come from another endpoint than the one that is written to, which may lag behind it. */
static inline bool todo__is_replicated(const todo_store_options *options)
{
    return options->reader_url != NULL && strcmp(options->reader_url, options->url) != 0;
}

/* Each connects, but applies no migrations. `options` is complete: every default has been filled in. */
todo_status todo__sqlite_open(const todo_store_options *options, todo__backend *ret_backend,
                              todo_error *error);
todo_status todo__postgres_open(const todo_store_options *options, todo__backend *ret_backend,
                                todo_error *error);

/* What a cache adapter offers beside the port; `cache` is its own. */
typedef struct todo__cache_ops {
    /* Reports the part "cache". */
    void (*probe)(todo_cache *cache, const todo_call *call, todo_store_part_visit visit, void *arg);
    /* Fills the members that begin with cache_. */
    void (*get_stats)(todo_cache *cache, todo_store_stats *stats);
    /* As todo_store_cache_usage and todo_store_cache_flush. */
    todo_status (*usage)(todo_cache *cache, const todo_call *call, todo_cache_usage *ret_usage,
                         todo_error *error);
    todo_status (*flush)(todo_cache *cache, const todo_call *call, uint64_t *ret_flushed, todo_error *error);
} todo__cache_ops;

typedef struct todo__cache_backend {
    const todo__cache_ops *ops;
    todo_cache *cache; /* one reference, which the composition root releases */
} todo__cache_backend;

/* Makes the Redis cache. It need not be reachable. INVALID, code "cache_url_invalid". */
todo_status todo__redis_open(const todo_store_options *options, todo__cache_backend *ret_cache,
                             todo_error *error);

/* An adapter: a database, a cache, or both. What it is not is NULL. */
typedef struct todo__adapter {
    todo_status (*open)(const todo_store_options *options, todo__backend *ret_backend, todo_error *error);
    todo_status (*open_cache)(const todo_store_options *options, todo__cache_backend *ret_cache,
                              todo_error *error);
    const todo_store_ops *registered; /* of one from outside, in place of `open` */
} todo__adapter;

/* Of a plug-in: its one symbol. The version is that of the library which it was built with, and is to be loaded by. */
typedef struct todo__plugin {
    const char *version;
    todo__adapter adapter;
} todo__plugin;

/*
 * Finds the adapter of a URL's scheme, and loads its plug-in if it has one. `field` is where the URL comes from: "url" or
 * "cache_url". INVALID ("store_url_invalid", "cache_url_invalid") for a scheme that no adapter has; UNSUPPORTED
 * ("adapter_missing").
 */
todo_status todo__adapter_find(const char *url, const char *field, todo__adapter *ret_adapter,
                               todo_error *error);

/* Opens a database by an adapter that was found for "url". */
todo_status todo__adapter_open(const todo__adapter *adapter, const todo_store_options *options,
                               todo__backend *ret_backend, todo_error *error);

#endif

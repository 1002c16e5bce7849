/*
 * What an adapter offers to the composition root. A database adapter fills a todo__backend; the root never sees
 * more of it than this.
 */
#ifndef TODO_ADAPTERS_BACKEND_H
#define TODO_ADAPTERS_BACKEND_H

#include <string.h>

#include <todo/port/cache.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>
#include <todo/store.h>

typedef struct todo__backend_ops {
    /* Closes the backend, after its ports have been released. */
    void (*close)(void *self);
    /* As todo_store_migrate and todo_store_migrations. */
    todo_status (*migrate)(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error);
    todo_status (*migrations)(void *self, const todo_call *call, todo_migration_visit visit, void *arg,
                              todo_error *error);
    /* As todo_store_revert; `options` is complete. */
    todo_status (*revert)(void *self, const todo_call *call, const todo_revert_options *options,
                          todo_migration_visit visit, void *arg, todo_error *error);
    /* Reports "writer", and "reader" if it has a pool of its own. TODO_OK when commands or queries can be served. */
    todo_status (*probe)(void *self, const todo_call *call, todo_store_part_visit visit, void *arg,
                         todo_error *error);
    /* As todo_store_check and todo_store_vacuum. */
    todo_status (*check)(void *self, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                         todo_error *error);
    todo_status (*vacuum)(void *self, const todo_call *call, todo_error *error);
} todo__backend_ops;

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

/* Makes the Redis cache. It need not be reachable. INVALID, code "cache_url_invalid". */
todo_status todo__redis_open(const todo_store_options *options, todo_cache **ret_cache, todo_error *error);

/* Reports the part "cache". `cache` is one that todo__redis_open made. */
void todo__redis_probe(todo_cache *cache, const todo_call *call, todo_store_part_visit visit, void *arg);

/* Fills the members that begin with cache_. `cache` as for todo__redis_probe. */
void todo__redis_stats_of(todo_cache *cache, todo_store_stats *stats);

/* As todo_store_cache_usage and todo_store_cache_flush. `cache` as for todo__redis_probe. */
todo_status todo__redis_usage_of(todo_cache *cache, const todo_call *call, todo_cache_usage *ret_usage,
                                 todo_error *error);
todo_status todo__redis_flush(todo_cache *cache, const todo_call *call, uint64_t *ret_flushed,
                              todo_error *error);

#endif

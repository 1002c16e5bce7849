/*
 * The composition root: it finds the adapters by URL (adapters/schemes.c). It reads like the architecture:
 *
 *   reader = cached_reader(backend.reader, cache)      queries  = queries(reader, users)
 *   writer = caching_writer(backend.writer, cache)     commands = commands(writer, users)
 *   users  = caching_users(backend.users, cache)
 */
#include <todo/store.h>

#include <todo/port/decorators.h>

#include "adapters/backend.h"
#include "domain/call.h"
#include "util/alloc.h"
#include "util/structs.h"

#define DEFAULT_URL                "sqlite:todo.db"
#define DEFAULT_POOL_SIZE          16u
#define DEFAULT_CONNECT_TIMEOUT_MS 5000u
#define DEFAULT_CALL_TIMEOUT_MS    30000u

struct todo_store {
    todo__backend backend;
    todo__cache_backend cache; /* zero: none */
    todo_reader *reader;
    todo_writer *writer;
    todo_users *users;
    todo_commands *commands;
    todo_queries *queries;
};

void todo_store_options_init(todo_store_options *options, size_t size)
{
    todo__struct_init(options, size);
}

static todo_status open_backend(const todo_store_options *options, todo__backend *ret_backend,
                                todo_error *error)
{
    todo__adapter adapter;
    todo_status status = todo__adapter_find(options->url, "url", &adapter, error);

    return status == TODO_OK ? todo__adapter_open(&adapter, options, ret_backend, error) : status;
}

static todo_status open_cache(const todo_store_options *options, todo__cache_backend *ret_cache,
                              todo_error *error)
{
    todo__adapter adapter;
    todo_status status;

    if (options->cache_url == NULL)
        return TODO_OK;
    status = todo__adapter_find(options->cache_url, "cache_url", &adapter, error);
    return status == TODO_OK ? adapter.open_cache(options, ret_cache, error) : status;
}

/* Puts the cache, if there is one, in front of the backend's ports. */
static todo_status decorate(todo_store *store, todo_error *error)
{
    if (store->cache.cache != NULL) {
        todo_status status =
            todo_cached_reader_new(store->backend.reader, store->cache.cache, &store->reader, error);

        if (status == TODO_OK)
            status =
                todo_caching_writer_new(store->backend.writer, store->cache.cache, &store->writer, error);
        if (status == TODO_OK)
            status = todo_caching_users_new(store->backend.users, store->cache.cache, &store->users, error);
        return status;
    }
    store->reader = todo_reader_ref(store->backend.reader);
    store->writer = todo_writer_ref(store->backend.writer);
    store->users = todo_users_ref(store->backend.users);
    return TODO_OK;
}

static todo_status make_use_cases(todo_store *store, const todo_store_options *options, todo_error *error)
{
    todo_commands_options commands = TODO_COMMANDS_OPTIONS_INIT;
    todo_queries_options queries = TODO_QUERIES_OPTIONS_INIT;
    todo_status status;

    commands.writer = store->writer;
    commands.users = store->users;
    commands.hash_slots = options->hash_slots;
    commands.hash_queue = options->hash_queue;
    queries.reader = store->reader;
    queries.users = store->users;
    status = todo_commands_new(&commands, &store->commands, error);
    if (status == TODO_OK)
        status = todo_queries_new(&queries, &store->queries, error);
    return status;
}

static todo_status complete_options(const todo_store_options *given, todo_store_options *options,
                                    todo_error *error)
{
    todo_status status = todo__take_struct(options, sizeof(*options), given, "options", error);

    if (status != TODO_OK)
        return status;
    if (options->url == NULL)
        options->url = DEFAULT_URL;
    if (options->pool_size == 0)
        options->pool_size = DEFAULT_POOL_SIZE;
    if (options->connect_timeout_ms == 0)
        options->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    if (options->call_timeout_ms == 0)
        options->call_timeout_ms = DEFAULT_CALL_TIMEOUT_MS;
    return TODO_OK;
}

todo_status todo_store_open(const todo_store_options *given, todo_store **ret_store, todo_error *error)
{
    todo_store_options options;
    todo_store *store;
    todo_status status = complete_options(given, &options, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, ret_store))
        return TODO_ERR_INVALID;
    store = todo__calloc(1, sizeof(*store));
    if (store == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = open_cache(&options, &store->cache, error);
    if (status == TODO_OK)
        status = open_backend(&options, &store->backend, error);
    if (status == TODO_OK && !options.skip_migrations && options.mode != TODO_STORE_READ)
        status = todo_store_migrate(store, NULL, NULL, error);
    if (status == TODO_OK)
        status = decorate(store, error);
    if (status == TODO_OK)
        status = make_use_cases(store, &options, error);
    if (status != TODO_OK) {
        todo_store_close(store);
        return status;
    }
    *ret_store = store;
    return TODO_OK;
}

void todo_store_close(todo_store *store)
{
    if (store == NULL)
        return;
    todo_commands_free(store->commands);
    todo_queries_free(store->queries);
    todo_reader_unref(store->reader);
    todo_writer_unref(store->writer);
    todo_users_unref(store->users);
    todo_cache_unref(store->cache.cache);
    todo_reader_unref(store->backend.reader);
    todo_writer_unref(store->backend.writer);
    todo_users_unref(store->backend.users);
    if (store->backend.ops != NULL)
        store->backend.ops->close(store->backend.self);
    todo__free(store);
}

todo_commands *todo_store_commands(todo_store *store)
{
    return store != NULL ? store->commands : NULL;
}

todo_queries *todo_store_queries(todo_store *store)
{
    return store != NULL ? store->queries : NULL;
}

todo_reader *todo_store_reader(todo_store *store)
{
    return store != NULL ? store->reader : NULL;
}

todo_writer *todo_store_writer(todo_store *store)
{
    return store != NULL ? store->writer : NULL;
}

todo_users *todo_store_users(todo_store *store)
{
    return store != NULL ? store->users : NULL;
}

todo_status todo_store_probe(todo_store *store, const todo_call *call, todo_store_part_visit visit, void *arg,
                             todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store);

    if (status != TODO_OK)
        return status;
    status = store->backend.ops->probe(store->backend.self, call, visit, arg, error);
    if (store->cache.cache != NULL)
        store->cache.ops->probe(store->cache.cache, call, visit, arg);
    return status;
}

void todo_store_stats_init(todo_store_stats *stats, size_t size)
{
    todo__struct_init(stats, size);
}

void todo_store_get_stats(todo_store *store, todo_store_stats *stats)
{
    todo_store_stats known = TODO_STORE_STATS_INIT;

    if (store != NULL && store->cache.cache != NULL)
        store->cache.ops->get_stats(store->cache.cache, &known);
    todo__struct_give(stats, &known, sizeof(known));
}

void todo_cache_usage_init(todo_cache_usage *usage, size_t size)
{
    todo__struct_init(usage, size);
}

static todo_status need_cache(const todo_store *store, todo_error *error)
{
    if (store->cache.cache == NULL)
        return todo_error_set(error, TODO_ERR_UNSUPPORTED, "cache_missing", NULL, "the store has no cache");
    return TODO_OK;
}

todo_status todo_store_cache_usage(todo_store *store, const todo_call *call, todo_cache_usage *ret_usage,
                                   todo_error *error)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store, ret_usage);

    if (status == TODO_OK)
        status = need_cache(store, error);
    if (status == TODO_OK)
        status = store->cache.ops->usage(store->cache.cache, call, &usage, error);
    if (status == TODO_OK)
        todo__struct_give(ret_usage, &usage, sizeof(usage));
    return status;
}

todo_status todo_store_cache_flush(todo_store *store, const todo_call *call, uint64_t *ret_flushed,
                                   todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store);

    if (status == TODO_OK)
        status = need_cache(store, error);
    if (status == TODO_OK)
        status = store->cache.ops->flush(store->cache.cache, call, ret_flushed, error);
    return status;
}

todo_status todo_store_check(todo_store *store, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                             todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store, visit);

    if (status == TODO_OK)
        status = store->backend.ops->check(store->backend.self, call, visit, arg, error);
    return status;
}

todo_status todo_store_vacuum(todo_store *store, const todo_call *call, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store);

    if (status == TODO_OK)
        status = store->backend.ops->vacuum(store->backend.self, call, error);
    return status;
}

todo_status todo_store_migrate(todo_store *store, const todo_call *call, uint32_t *ret_applied,
                               todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store);

    if (status == TODO_OK)
        status = store->backend.ops->migrate(store->backend.self, call, ret_applied, error);
    return status;
}

void todo_revert_options_init(todo_revert_options *options, size_t size)
{
    todo__struct_init(options, size);
}

todo_status todo_store_revert(todo_store *store, const todo_call *call, const todo_revert_options *options,
                              todo_migration_visit visit, void *arg, todo_error *error)
{
    todo_revert_options known;
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store);

    if (status == TODO_OK)
        status = todo__struct_take(&known, sizeof(known), options, error);
    if (status == TODO_OK)
        status = store->backend.ops->revert(store->backend.self, call, &known, visit, arg, error);
    return status;
}

todo_status todo_store_migrations(todo_store *store, const todo_call *call, todo_migration_visit visit,
                                  void *arg, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, store, visit);

    if (status == TODO_OK)
        status = store->backend.ops->migrations(store->backend.self, call, visit, arg, error);
    return status;
}

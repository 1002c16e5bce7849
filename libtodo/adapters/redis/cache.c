#include "adapters/redis/cache.h"

#include "adapters/backend.h"
#include "ports/cache.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

/* ---- what the listener hears ---- */

static void trust_after_grace(todo__redis_cache *cache)
{
    atomic_store(&cache->listener_trust_from, todo__monotonic_us() + (int64_t)cache->grace_ms * 1000);
}

/* Redis is there (again): connects the callers' link too, and tells Redis what it missed. */
static void gained(void *arg)
{
    todo__redis_cache *cache = arg;

    trust_after_grace(cache);
    atomic_store(&cache->stats.listening, true);
    todo__held_trust(cache->held);
    (void)todo__remote_ping(&cache->remote, NULL, NULL);
    todo__redis_repair(cache);
}

static void lost(void *arg)
{
    todo__redis_cache *cache = arg;

    atomic_store(&cache->listener_trust_from, INT64_MAX);
    atomic_store(&cache->stats.listening, false);
    todo__count(&cache->stats.listener_lost);
    todo__held_distrust(cache->held);
}

/* Redis does not let us listen: then nothing is held here, but Redis itself is as good as without a listener. */
static void refused(void *arg)
{
    todo__redis_cache *cache = arg;

    if (atomic_load(&cache->listener_trust_from) == INT64_MAX)
        trust_after_grace(cache);
    todo__redis_repair(cache);
}

static void changed(void *arg, const todo_uuid *user)
{
    todo__redis_cache *cache = arg;

    todo__count(&cache->stats.changes);
    if (!todo__guarded("tracking"))
        return;
    if (user != NULL) {
        todo__held_forget(cache->held, user);
        return;
    }
    todo__held_distrust(cache->held);
    todo__held_trust(cache->held);
}

static void renewed(void *arg, int64_t until)
{
    todo__held_renew(((todo__redis_cache *)arg)->held, until);
}

static void ticked(void *arg)
{
    todo__redis_repair(arg);
}

static todo_status start_listening(todo__redis_cache *cache, unsigned connect_timeout_ms, todo_error *error)
{
    const todo__listener_options options = {.url = &cache->url,
                                            .connect_timeout_ms = connect_timeout_ms,
                                            .arg = cache,
                                            .gained = gained,
                                            .lost = lost,
                                            .refused = refused,
                                            .changed = changed,
                                            .renewed = renewed,
                                            .ticked = ticked};

    return todo__listener_start(&options, &cache->listener, error);
}

/* ---- the whole ---- */

static void destroy(void *self)
{
    todo__redis_cache *cache = self;

    todo__listener_stop(cache->listener);
    todo__redis_link_free(cache->link);
    todo__held_free(cache->held);
    todo__untold_free(cache->untold);
    todo__redis_url_clear(&cache->url);
    todo__free(cache->redacted_url);
    todo__free(cache);
}

/* Fills a zeroed cache; what it has made when it fails is released by `destroy`. */
static todo_status prepare(todo__redis_cache *cache, const todo__redis_options *options, todo_error *error)
{
    const todo__redis_link_options link = {.url = &cache->url,
                                           .stats = &cache->stats,
                                           .connect_timeout_ms = options->connect_timeout_ms,
                                           .command_timeout_ms = options->command_timeout_ms};
    unsigned ttl = options->ttl_seconds != 0 ? options->ttl_seconds : TODO__REDIS_TTL_SECONDS;
    int64_t ttl_us = (int64_t)ttl * 1000000;
    todo_status status = todo__redis_url_parse(options->url, &cache->url, error);

    if (status != TODO_OK)
        return status;
    cache->grace_ms = options->grace_ms;
    cache->replicated = options->replicated;
    cache->redacted_url = todo__redis_url_redacted(&cache->url);
    if (cache->redacted_url == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = todo__held_new(options->listen ? options->local_bytes : 0, ttl_us / TODO__REDIS_HELD_PART,
                            &cache->held, error);
    if (status == TODO_OK)
        status = todo__untold_new(2 * ttl_us, &cache->untold, error);
    if (status == TODO_OK)
        status = todo__redis_link_new(&link, &cache->link, error);
    todo__remote_init(&cache->remote, cache->link, &cache->stats, ttl);
    if (status == TODO_OK && options->listen)
        status = start_listening(cache, options->connect_timeout_ms, error);
    return status;
}

todo_status todo__redis_cache_new(const todo__redis_options *options, todo_cache **ret_cache,
                                  todo_error *error)
{
    static const todo_cache_ops ops = {.size = sizeof(ops),
                                       .destroy = destroy,
                                       .load = todo__redis_load,
                                       .list = todo__redis_list,
                                       .change = todo__redis_change};
    todo__redis_cache *cache = todo__calloc(1, sizeof(*cache));
    todo_status status;

    if (cache == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = prepare(cache, options, error);
    if (status == TODO_OK)
        status = todo_cache_new(&ops, cache, ret_cache, error);
    if (status != TODO_OK)
        destroy(cache);
    return status;
}

todo__redis_cache *todo__redis_cache_of(const todo_cache *cache)
{
    return todo__cache_self(cache);
}

static void get_stats(todo_cache *handle, todo_store_stats *stats)
{
    todo__redis_cache *cache = todo__redis_cache_of(handle);
    todo__held_usage held = todo__held_usage_of(cache->held);
    const todo__redis_stats *counted = &cache->stats;

    stats->cache_local_hits = counted->local_hits;
    stats->cache_hits = counted->hits;
    stats->cache_misses = counted->misses;
    stats->cache_bypassed = counted->bypassed;
    stats->cache_stale_avoided = counted->old_records + counted->refused_fills;
    stats->cache_errors = counted->errors;
    stats->cache_connects = counted->connects;
    stats->cache_breaker_opened = counted->breaker_opened;
    stats->cache_breaker_open = counted->breaker_open;
    stats->cache_changes = counted->changes;
    stats->cache_listener_lost = counted->listener_lost;
    stats->cache_listening = counted->listening;
    stats->cache_pending_repairs = todo__untold_count(cache->untold);
    stats->cache_local_items = held.items;
    stats->cache_local_bytes = held.bytes;
    stats->cache_list_hits = counted->list_hits;
    stats->cache_list_misses = counted->list_misses;
    stats->cache_local_lists = held.lists;
}

todo_status todo__redis_open(const todo_store_options *options, todo__cache_backend *ret_cache,
                             todo_error *error)
{
    static const todo__cache_ops ops = {todo__redis_probe, get_stats, todo__redis_usage_of,
                                        todo__redis_flush};
    todo_cache *cache = NULL;
    todo_status status;
    todo__redis_options own = {.url = options->cache_url,
                               .connect_timeout_ms = TODO__REDIS_CONNECT_TIMEOUT_MS,
                               .command_timeout_ms = TODO__REDIS_COMMAND_TIMEOUT_MS,
                               .grace_ms = TODO__REDIS_GRACE_MS,
                               .ttl_seconds = options->cache_ttl_seconds,
                               .local_bytes = TODO__REDIS_LOCAL_BYTES,
                               .listen = options->background_threads,
                               .replicated = todo__is_replicated(options)};

    if (options->connect_timeout_ms < own.connect_timeout_ms)
        own.connect_timeout_ms = options->connect_timeout_ms;
    if (options->cache_local_bytes != 0)
        own.local_bytes = options->cache_local_bytes;
    status = todo__redis_cache_new(&own, &cache, error);
    if (status == TODO_OK)
        *ret_cache = (todo__cache_backend){&ops, cache};
    return status;
}

#include "adapters/redis/cache.h"

#include "adapters/backend.h"
#include "adapters/redis/lists.h"
#include "ports/cache.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

/* ---- whether Redis may be believed ---- */

/*
 * After Redis could not be reached, those who changed something meanwhile get a moment to tell it before anybody
 * believes what it holds. Without a listener the first connection of all needs no such moment: a program that has
 * just begun takes what is there as any other does.
 */
bool todo__redis_believes(todo__redis_cache *cache)
{
    todo__redis_state state = todo__redis_state_of(cache->remote.link);
    int64_t now = todo__monotonic_us();

    if (todo__floors_lost(cache->floors) || now < atomic_load(&cache->listener_trust_from))
        return false;
    if (state.epoch == 0 || (state.epoch == 1 && cache->listener == NULL))
        return true;
    return now >= state.connected_at + (int64_t)cache->grace_ms * 1000;
}

static void repair_with(todo__redis_cache *cache, todo__floors *floors,
                        todo_status (*raise)(const todo__remote *remote, const todo__floor *floors,
                                             size_t count))
{
    todo__floor some[TODO__REMOTE_TOGETHER_MAX];
    size_t count;

    do {
        count = todo__floors_take_some(floors, some, TODO__REMOTE_TOGETHER_MAX);
        if (count == 0 || raise(&cache->remote, some, count) != TODO_OK)
            return;
        for (size_t i = 0; i < count; i++)
            todo__floors_settle(floors, &some[i].id, some[i].version);
    } while (count == TODO__REMOTE_TOGETHER_MAX);
}

/* Tells Redis of the changes that it could not be told of when they were made. */
static void repair(todo__redis_cache *cache)
{
    repair_with(cache, cache->floors, todo__remote_raise);
    repair_with(cache, cache->notes, todo__notes_raise);
}

static size_t pending_repairs(todo__redis_cache *cache)
{
    return todo__floors_count(cache->floors) + todo__floors_count(cache->notes);
}

/* Redis answers. Without a listener, who would do the repair, whoever comes by does. */
static void note_answer(todo__redis_cache *cache)
{
    if (cache->listener == NULL && pending_repairs(cache) > 0)
        repair(cache);
}

/* ---- reading ---- */

/* Asks Redis. OK with NULL: it has nothing that can be believed. */
static todo_status look(todo__redis_cache *cache, const todo_call *call, const todo_uuid *id,
                        const todo_item **ret_item, int64_t *ret_expires_at, todo_error *error)
{
    const todo_item *item = NULL;
    int64_t floor = todo__floors_of(cache->floors, id);
    bool stale;
    todo_status status;

    *ret_item = NULL;
    *ret_expires_at = 0;
    if (!todo__redis_believes(cache)) {
        todo__count(&cache->stats.bypassed);
        return TODO_OK;
    }
    status = todo__remote_get(&cache->remote, call, id, &item,
                              cache->listener != NULL ? ret_expires_at : NULL, error);
    if (status != TODO_OK)
        return status;
    /*
     * Meanwhile the connection may have been lost and made again. A floor counts that was there before Redis was asked
     * (it may have been told since, but after it answered) or that is there now.
     */
    stale = item != NULL && (!todo__redis_believes(cache) || item->version < floor ||
                             item->version < todo__floors_of(cache->floors, id));
    if (stale) {
        todo__count(&cache->stats.stale_hits);
        todo_item_unref(item);
        item = NULL;
    }
    todo__count(item != NULL ? &cache->stats.hits : &cache->stats.misses);
    note_answer(cache);
    *ret_item = item;
    return TODO_OK;
}

/* What needs no question to Redis: held by this process, or just being loaded by another thread of it. */
static const todo_item *find_nearby(todo__redis_cache *cache, const todo_call *call, const todo_uuid *id,
                                    todo__load **ret_load)
{
    const todo_item *item = todo__local_get(cache->local, id);

    *ret_load = NULL;
    if (item != NULL) {
        todo__count(&cache->stats.local_hits);
        return item;
    }
    *ret_load = todo__local_begin(cache->local, call, id, &item);
    if (item != NULL)
        todo__count(&cache->stats.shared);
    return item;
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *id, const todo_item **ret_item,
                       todo_error *error)
{
    todo__redis_cache *cache = self;
    todo__load *load;
    const todo_item *item = find_nearby(cache, call, id, &load);
    int64_t expires_at;
    todo_status status = TODO_OK;

    if (item == NULL)
        status = look(cache, call, id, &item, &expires_at, error);
    if (load != NULL) {
        if (status == TODO_OK && item != NULL)
            todo__local_publish(cache->local, load, item, expires_at);
        todo__local_end(cache->local, load);
    }
    if (status == TODO_OK)
        *ret_item = item;
    return status;
}

/*
 * Puts what was read from the database. Only on the connection that there was before the reading began: across a
 * restart of Redis, what would have held an older state back may be gone.
 */
static void fill(todo__redis_cache *cache, const todo_call *call, const todo_item *item, uint64_t epoch)
{
    if (epoch != 0 && todo__remote_put(&cache->remote, call, item, epoch, NULL) == TODO_OK)
        todo__floors_settle(cache->floors, &item->id, item->version);
}

static todo_status load_for_all(todo__redis_cache *cache, const todo_call *call, const todo_uuid *id,
                                todo__load *load, todo_cache_loader loader, void *arg,
                                const todo_item **ret_item, todo_error *error)
{
    const todo_item *item = NULL;
    int64_t expires_at;
    bool redis_answers = look(cache, call, id, &item, &expires_at, NULL) == TODO_OK;
    bool found = item != NULL;
    uint64_t epoch = todo__redis_state_of(cache->remote.link).epoch;
    todo_status status;

    if (!found) {
        status = loader(arg, &item, error);
        if (status != TODO_OK)
            return status;
    }
    todo__local_publish(cache->local, load, item, expires_at);
    if (!found && redis_answers && todo__local_undisturbed(cache->local, load))
        fill(cache, call, item, epoch);
    *ret_item = item;
    return TODO_OK;
}

static todo_status load(void *self, const todo_call *call, const todo_uuid *id, todo_cache_loader loader,
                        void *arg, const todo_item **ret_item, todo_error *error)
{
    todo__redis_cache *cache = self;
    todo__load *own;
    const todo_item *item = find_nearby(cache, call, id, &own);
    todo_status status;

    if (item != NULL) {
        *ret_item = item;
        return TODO_OK;
    }
    if (own == NULL)
        return loader(arg, ret_item, error);
    status = load_for_all(cache, call, id, own, loader, arg, ret_item, error);
    todo__local_end(cache->local, own);
    return status;
}

/* ---- writing ---- */

/*
 * After a change: what Redis could not be told is remembered first, then this process forgets what it held. In this
 * order, whoever begins to read after the change was answered finds one or the other.
 */
static void conclude(todo__redis_cache *cache, const todo_uuid *id, int64_t version, todo_status status)
{
    if (status == TODO_OK)
        todo__floors_settle(cache->floors, id, version);
    else
        todo__floors_raise(cache->floors, id, version);
    todo__local_forget(cache->local, id);
    if (status == TODO_OK)
        note_answer(cache);
}

static todo_status put(void *self, const todo_call *call, const todo_item *item, todo_error *error)
{
    todo__redis_cache *cache = self;
    todo_status status = todo__remote_put(&cache->remote, call, item, 0, error);

    conclude(cache, &item->id, item->version, status);
    return status;
}

static todo_status put_together(todo__redis_cache *cache, const todo_call *call,
                                const todo_item *const *items, size_t count)
{
    todo_status statuses[TODO__REMOTE_TOGETHER_MAX];
    todo_status status = TODO_OK;

    todo__remote_put_together(&cache->remote, call, items, count, statuses);
    for (size_t i = 0; i < count; i++) {
        conclude(cache, &items[i]->id, items[i]->version, statuses[i]);
        status = status == TODO_OK ? statuses[i] : status;
    }
    return status;
}

static todo_status put_many(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                            todo_error *error)
{
    todo_status status = TODO_OK;

    for (size_t i = 0; i < count; i += TODO__REMOTE_TOGETHER_MAX) {
        size_t some = count - i < TODO__REMOTE_TOGETHER_MAX ? count - i : TODO__REMOTE_TOGETHER_MAX;
        todo_status chunk = put_together(self, call, items + i, some);

        status = status == TODO_OK ? chunk : status;
    }
    return status == TODO_OK ? TODO_OK : todo_error_set(error, status, "cache_unavailable", NULL, NULL);
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *id, todo_error *error)
{
    todo__redis_cache *cache = self;
    todo_status status = todo__remote_remove(&cache->remote, call, id, error);

    conclude(cache, id, INT64_MAX, status);
    return status;
}

static todo_status remove_at(void *self, const todo_call *call, const todo_uuid *id, int64_t version,
                             todo_error *error)
{
    todo__redis_cache *cache = self;
    todo_status status = todo__remote_raise_one(&cache->remote, call, id, version, error);

    conclude(cache, id, version, status);
    return status;
}

/* As conclude, for the lists of a user. */
static void conclude_user(todo__redis_cache *cache, const todo_uuid *user, int64_t note, todo_status status)
{
    if (status == TODO_OK)
        todo__floors_settle(cache->notes, user, note);
    else
        todo__floors_raise(cache->notes, user, note);
    todo__pages_forget(cache->pages, user);
}

/* The note of the user travels with what is put. */
static todo_status change(void *self, const todo_call *call, const todo_cache_change *made, todo_error *error)
{
    todo__redis_cache *cache = self;
    int64_t note = todo__note_of_sequence(made->sequence);
    todo__noting noting;
    todo_status put_status = TODO_OK, removed = TODO_OK, noted;

    todo__note_begin(&cache->remote, call, &made->user, note, &noting);
    if (made->item_count == 1)
        put_status = put(cache, call, made->items[0], error);
    else if (made->item_count > 1)
        put_status = put_many(cache, call, made->items, made->item_count, error);
    if (made->removed != NULL && made->removed_version != 0)
        removed = remove_at(cache, call, made->removed, made->removed_version,
                            put_status == TODO_OK ? error : NULL);
    else if (made->removed != NULL)
        removed = remove_item(cache, call, made->removed, put_status == TODO_OK ? error : NULL);
    noted = todo__note_end(&cache->remote, call, &noting);
    conclude_user(cache, &made->user, note, noted);
    if (put_status != TODO_OK || removed != TODO_OK)
        return put_status != TODO_OK ? put_status : removed;
    return noted == TODO_OK ? TODO_OK : todo_error_set(error, noted, "cache_unavailable", NULL, NULL);
}

/* ---- what the listener hears ---- */

static void trust_after_grace(todo__redis_cache *cache)
{
    atomic_store(&cache->listener_trust_from, todo__monotonic_us() + (int64_t)cache->grace_ms * 1000);
}

/* Redis is there (again): connect the others' way too, and tell it what it missed. */
static void gained(void *arg)
{
    todo__redis_cache *cache = arg;

    trust_after_grace(cache);
    atomic_store(&cache->stats.listening, true);
    todo__hold_trust(cache->hold);
    (void)todo__remote_ping(&cache->remote, NULL, NULL);
    repair(cache);
}

static void lost(void *arg)
{
    todo__redis_cache *cache = arg;

    atomic_store(&cache->listener_trust_from, INT64_MAX);
    atomic_store(&cache->stats.listening, false);
    todo__count(&cache->stats.listener_lost);
    todo__hold_distrust(cache->hold);
}

/* Redis does not let us listen: then nothing is held here, but Redis itself is as good as without a listener. */
static void refused(void *arg)
{
    todo__redis_cache *cache = arg;

    if (atomic_load(&cache->listener_trust_from) == INT64_MAX)
        trust_after_grace(cache);
    repair(cache);
}

static void changed(void *arg, const todo_uuid *id)
{
    todo__redis_cache *cache = arg;

    todo__count(&cache->stats.changes);
    if (!todo__guarded("tracking"))
        return;
    if (id != NULL) {
        todo__local_forget(cache->local, id);
        return;
    }
    todo__hold_distrust(cache->hold);
    todo__hold_trust(cache->hold);
}

static void user_changed(void *arg, const todo_uuid *user)
{
    todo__redis_cache *cache = arg;

    todo__count(&cache->stats.user_changes);
    if (todo__guarded("tracking"))
        todo__pages_forget(cache->pages, user);
}

static void renewed(void *arg, int64_t until)
{
    todo__hold_renew(((todo__redis_cache *)arg)->hold, until);
}

static void ticked(void *arg)
{
    repair(arg);
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
                                            .user_changed = user_changed,
                                            .renewed = renewed,
                                            .ticked = ticked};

    return todo__listener_start(&options, &cache->listener, error);
}

/* ---- the whole ---- */

static void destroy(void *self)
{
    todo__redis_cache *cache = self;

    todo__listener_stop(cache->listener);
    todo__redis_link_free(cache->remote.link);
    todo__local_free(cache->local);
    todo__pages_free(cache->pages);
    todo__hold_free(cache->hold);
    todo__floors_free(cache->floors);
    todo__floors_free(cache->notes);
    todo__redis_url_clear(&cache->url);
    todo__free(cache->redacted_url);
    todo__free(cache);
}

static todo_status prepare_memory(todo__redis_cache *cache, size_t local_bytes, todo_error *error)
{
    const int64_t keep_us = (int64_t)TODO__REDIS_TTL_SECONDS * 1000000;
    todo_status status = todo__hold_new(local_bytes, &cache->hold, error);

    if (status == TODO_OK)
        status = todo__local_new(cache->hold, &cache->local, error);
    if (status == TODO_OK)
        status = todo__pages_new(cache->hold, &cache->pages, error);
    if (status == TODO_OK)
        status = todo__floors_new(keep_us, &cache->floors, error);
    if (status == TODO_OK)
        status = todo__floors_new(keep_us, &cache->notes, error);
    return status;
}

/* Fills a zeroed cache; what it has made when it fails is released by `destroy`. */
static todo_status prepare(todo__redis_cache *cache, const todo__redis_options *options, todo_error *error)
{
    const todo__redis_link_options link = {.url = &cache->url,
                                           .stats = &cache->stats,
                                           .connect_timeout_ms = options->connect_timeout_ms,
                                           .command_timeout_ms = options->command_timeout_ms};
    todo_status status = todo__redis_url_parse(options->url, &cache->url, error);

    if (status != TODO_OK)
        return status;
    cache->grace_ms = options->grace_ms;
    cache->replicated = options->replicated;
    cache->remote.stats = &cache->stats;
    cache->redacted_url = todo__redis_url_redacted(&cache->url);
    if (cache->redacted_url == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = prepare_memory(cache, options->listen ? options->local_bytes : 0, error);
    if (status == TODO_OK)
        status = todo__redis_link_new(&link, &cache->remote.link, error);
    if (status == TODO_OK && options->listen)
        status = start_listening(cache, options->connect_timeout_ms, error);
    return status;
}

todo_status todo__redis_cache_new(const todo__redis_options *options, todo_cache **ret_cache,
                                  todo_error *error)
{
    static const todo_cache_ops ops = {.size = sizeof(ops),
                                       .destroy = destroy,
                                       .get = get,
                                       .put = put,
                                       .remove = remove_item,
                                       .load = load,
                                       .put_many = put_many,
                                       .list = todo__redis_list,
                                       .change = change,
                                       .remove_at = remove_at};
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

todo_status todo__redis_open(const todo_store_options *options, todo__cache_backend *ret_cache,
                             todo_error *error)
{
    static const todo__cache_ops ops = {todo__redis_probe, todo__redis_stats_of, todo__redis_usage_of,
                                        todo__redis_flush};
    todo_status status;
    todo__redis_options own = {.url = options->cache_url,
                               .connect_timeout_ms = TODO__REDIS_CONNECT_TIMEOUT_MS,
                               .command_timeout_ms = TODO__REDIS_COMMAND_TIMEOUT_MS,
                               .grace_ms = TODO__REDIS_GRACE_MS,
                               .local_bytes = TODO__REDIS_LOCAL_BYTES,
                               .listen = options->background_threads,
                               .replicated = todo__is_replicated(options)};

    if (options->connect_timeout_ms < own.connect_timeout_ms)
        own.connect_timeout_ms = options->connect_timeout_ms;
    if (options->cache_local_bytes != 0)
        own.local_bytes = options->cache_local_bytes;
    status = todo__redis_cache_new(&own, &ret_cache->cache, error);
    if (status == TODO_OK)
        ret_cache->ops = &ops;
    return status;
}

todo__redis_cache *todo__redis_cache_of(const todo_cache *cache)
{
    return todo__cache_self(cache);
}

void todo__redis_stats_of(todo_cache *handle, todo_store_stats *stats)
{
    todo__redis_cache *cache = todo__redis_cache_of(handle);
    todo__local_usage items = todo__local_usage_of(cache->local);
    todo__pages_usage pages = todo__pages_usage_of(cache->pages);
    const todo__redis_stats *counted = &cache->stats;

    stats->cache_local_hits = counted->local_hits;
    stats->cache_shared_loads = counted->shared;
    stats->cache_hits = counted->hits;
    stats->cache_misses = counted->misses;
    stats->cache_bypassed = counted->bypassed;
    stats->cache_stale_avoided = counted->stale_hits + counted->stale_puts;
    stats->cache_errors = counted->errors;
    stats->cache_connects = counted->connects;
    stats->cache_breaker_opened = counted->breaker_opened;
    stats->cache_breaker_open = counted->breaker_open;
    stats->cache_changes = counted->changes;
    stats->cache_listener_lost = counted->listener_lost;
    stats->cache_listening = counted->listening;
    stats->cache_pending_repairs = pending_repairs(cache);
    stats->cache_local_items = items.items;
    stats->cache_local_bytes = items.bytes + pages.bytes;
    stats->cache_list_hits = counted->list_hits;
    stats->cache_list_misses = counted->list_misses;
    stats->cache_local_lists = pages.pages;
}

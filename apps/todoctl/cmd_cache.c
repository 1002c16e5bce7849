/* todoctl cache: what Redis holds of the todos. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "number.h"
#include "output.h"
#include "progress.h"
#include "report.h"

#define WORKERS          8 /* the store's adapter combines what they ask for at the same time */
#define LIMIT_DEFAULT    10000
#define LIMIT_MAX        10000000
#define PER_USER_DEFAULT 100

static const char *user_option;
static const char *limit_option;
static const char *per_user_option;
static bool dry_run;

/* ---- the cache of the store ---- */

typedef struct cache_part {
    bool found;
    todo_status status;
    int64_t latency_us;
    char url[256], version[64], detail[256];
} cache_part;

static void see_part(void *arg, const todo_store_part *part)
{
    cache_part *cache = arg;
    if (strcmp(part->name, "cache") != 0)
        return;
    cache->found = true;
    cache->status = part->status;
    cache->latency_us = part->latency_us;
    snprintf(cache->url, sizeof(cache->url), "%s", part->url);
    snprintf(cache->version, sizeof(cache->version), "%s", part->version);
    snprintf(cache->detail, sizeof(cache->detail), "%s", part->detail);
}

/* Opens the store and makes sure that its cache answers. */
static int open_cache(ctl_context *context, cache_part *ret_cache)
{
    *ret_cache = (cache_part){.found = false};
    int code = access_open(context, TODO_STORE_READ);
    if (code != 0)
        return code;
    todo_call call = access_call(context);
    (void)todo_store_probe(context->store, &call, see_part, ret_cache, NULL);
    if (!ret_cache->found)
        return fail(EXIT_USAGE, "--cache redis://HOST, or REDIS_URL in the environment",
                    "the store has no cache");
    return ret_cache->status == TODO_OK ? 0
                                        : fail(EXIT_UNAVAILABLE, "todoctl doctor",
                                               "the cache can't be reached: %s", ret_cache->detail);
}

/* Looking through a large cache takes many commands: only what --timeout says bounds them together. */
static const todo_call *bound(const ctl_context *context, todo_call *room)
{
    if (!context->timeout_given)
        return NULL;
    *room = access_call(context);
    return room;
}

static int get_usage(const ctl_context *context, todo_cache_usage *usage)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call room;
    return todo_store_cache_usage(context->store, bound(context, &room), usage, &error) == TODO_OK
               ? 0
               : fail_error(&error, NULL, "cannot look through the cache");
}

/* ---- stats ---- */

/* "1.1 MiB" */
static const char *bytes_for_people(uint64_t bytes, char *text, size_t size)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double number = (double)bytes;
    size_t unit = 0;
    for (; number >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        number /= 1024;
    snprintf(text, size, unit == 0 ? "%.0f %s" : "%.1f %s", number, units[unit]);
    return text;
}

/* "2 d 3 h" */
static const char *time_since(uint64_t seconds, char *text, size_t size)
{
    unsigned long long minutes = seconds / 60;
    if (minutes >= 24 * 60)
        snprintf(text, size, "%llu d %llu h", minutes / (24 * 60), minutes / 60 % 24);
    else
        snprintf(text, size, "%llu h %llu min", minutes / 60, minutes % 60);
    return text;
}

static double hit_rate(const todo_cache_usage *usage)
{
    uint64_t lookups = usage->hits + usage->misses;
    return lookups == 0 ? 0 : (double)usage->hits / (double)lookups;
}

static void print_usage(const cache_part *cache, const todo_cache_usage *usage)
{
    char text[64], limit[64];
    printf("%-10s %s, %s, %.3f ms\n", "cache", cache->url, cache->version, (double)cache->latency_us / 1000);
    printf("%-10s %llu in %s\n", "todos", (unsigned long long)usage->items,
           bytes_for_people(usage->bytes, text, sizeof(text)));
    printf("%-10s %llu, of whom it knows how far their changes have come\n", "users",
           (unsigned long long)usage->users);
    printf("%-10s %s used of %s\n", "memory", bytes_for_people(usage->memory_used, text, sizeof(text)),
           usage->memory_limit == 0 ? "no limit"
                                    : bytes_for_people(usage->memory_limit, limit, sizeof(limit)));
    printf("%-10s %llu\n", "evicted", (unsigned long long)usage->evicted);
    printf("%-10s %.1f %% of %llu lookups by all clients in %s\n", "hit rate", 100 * hit_rate(usage),
           (unsigned long long)(usage->hits + usage->misses),
           time_since(usage->uptime_seconds, text, sizeof(text)));
}

static void print_usage_object(const cache_part *cache, const todo_cache_usage *usage)
{
    json_object *object = need_memory(json_object_new_object());
    json_object_object_add(object, "url", json_object_new_string(cache->url));
    json_object_object_add(object, "version", json_object_new_string(cache->version));
    json_object_object_add(object, "latency_us", json_object_new_int64(cache->latency_us));
    json_object_object_add(object, "todos", json_object_new_uint64(usage->items));
    json_object_object_add(object, "users", json_object_new_uint64(usage->users));
    json_object_object_add(object, "bytes", json_object_new_uint64(usage->bytes));
    json_object_object_add(object, "memory_used", json_object_new_uint64(usage->memory_used));
    json_object_object_add(object, "memory_limit",
                           usage->memory_limit != 0 ? json_object_new_uint64(usage->memory_limit) : NULL);
    json_object_object_add(object, "evicted", json_object_new_uint64(usage->evicted));
    json_object_object_add(object, "hits", json_object_new_uint64(usage->hits));
    json_object_object_add(object, "misses", json_object_new_uint64(usage->misses));
    json_object_object_add(object, "hit_rate", json_object_new_double(hit_rate(usage)));
    json_object_object_add(object, "uptime_seconds", json_object_new_uint64(usage->uptime_seconds));
    print_object(object);
}

static int run_stats(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    cache_part cache;
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    int code = open_cache(context, &cache);
    code = code != 0 ? code : get_usage(context, &usage);
    if (code != 0)
        return code;
    if (context->json)
        print_usage_object(&cache, &usage);
    else
        print_usage(&cache, &usage);
    return 0;
}

/* ---- flush ---- */

static void report_flushed(const ctl_context *context, uint64_t flushed)
{
    print_todo_count(context->json, dry_run, "flushed", dry_run ? "Would flush" : "Flushed", flushed);
}

static int flush(ctl_context *context, const cache_part *cache)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call room;
    uint64_t flushed = 0;
    int code = access_confirm(context, "Take all todos out of %s?", cache->url);
    if (code != 0)
        return code;
    if (todo_store_cache_flush(context->store, bound(context, &room), &flushed, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot flush the cache");
    report_flushed(context, flushed);
    return 0;
}

static int run_flush(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    cache_part cache;
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    int code = open_cache(context, &cache);
    if (code != 0)
        return code;
    if (!dry_run)
        return flush(context, &cache);
    code = get_usage(context, &usage);
    if (code == 0)
        report_flushed(context, usage.items);
    return code;
}

/* ---- warm ---- */

typedef struct warm_subject {
    todo_uuid user, id;
} warm_subject;

/*
 * Todos are not put into the cache from a list, which may come from a standby that lags: each is read as a client would,
 * so that the cache fills by its own rules.
 */
typedef struct ctl_warmer {
    ctl_context *context;
    warm_subject *subjects;
    size_t count, room, limit;
    const todo_uuid *user; /* whose are being listed */
    uint64_t users;
    atomic_size_t next; /* the subject that nobody has taken yet */
    atomic_size_t gone; /* removed since they were listed */
    ctl_progress progress;
} ctl_warmer;

typedef struct warm_worker {
    ctl_warmer *warmer;
    bool draws;
    todo_status status;
    todo_error error;
} warm_worker;

static todo_status gather(void *arg, const todo_item *item)
{
    ctl_warmer *warmer = arg;
    if (warmer->count == warmer->room) {
        warmer->room = warmer->room == 0 ? 256 : 2 * warmer->room;
        warmer->subjects = need_memory(realloc(warmer->subjects, warmer->room * sizeof(warmer->subjects[0])));
    }
    warmer->subjects[warmer->count++] = (warm_subject){*warmer->user, item->id};
    return TODO_OK;
}

/* The todos of a user that were changed last: `wanted` of them, or what there is. */
static int gather_user(ctl_warmer *warmer, const todo_uuid *user, uint64_t wanted)
{
    todo_error error = TODO_ERROR_INIT;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_cursor next;
    bool more = true;
    query.sort = TODO_SORT_UPDATED_AT;
    warmer->user = user;
    warmer->users++;
    if (wanted > warmer->limit - warmer->count)
        wanted = warmer->limit - warmer->count;
    for (size_t end = warmer->count + wanted; more && warmer->count < end; query.after = &next) {
        todo_call call = access_call(warmer->context);
        query.limit = end - warmer->count < TODO_LIST_MAX ? (uint32_t)(end - warmer->count) : TODO_LIST_MAX;
        if (todo_queries_each(todo_store_queries(warmer->context->store), &call, user, &query, gather, warmer,
                              &more, &next, &error) != TODO_OK)
            return fail_error(&error, NULL, "cannot list the todos");
    }
    return 0;
}

static int gather_all(ctl_warmer *warmer, uint64_t per_user)
{
    access_ids users = {NULL, 0, 0};
    const todo_user *user = NULL;
    int code = 0;
    if (user_option != NULL) {
        code = access_user(warmer->context, user_option, &user);
        code = code != 0 ? code : gather_user(warmer, &user->id, per_user);
        todo_user_unref(user);
        return code;
    }
    code = access_all_users(warmer->context, &users);
    for (size_t i = 0; i < users.count && code == 0 && warmer->count < warmer->limit; i++)
        code = gather_user(warmer, &users.ids[i], per_user);
    free(users.ids);
    return code;
}

static void *work(void *arg)
{
    warm_worker *worker = arg;
    ctl_warmer *warmer = worker->warmer;
    size_t at;
    while (worker->status == TODO_OK && (at = atomic_fetch_add(&warmer->next, 1)) < warmer->count) {
        const warm_subject *subject = &warmer->subjects[at];
        const todo_item *item = NULL;
        todo_call call = access_call(warmer->context);
        worker->status = todo_queries_get(todo_store_queries(warmer->context->store), &call, &subject->user,
                                          &subject->id, &item, &worker->error);
        todo_item_unref(item);
        if (worker->status == TODO_ERR_NOT_FOUND) {
            atomic_fetch_add(&warmer->gone, 1);
            worker->status = TODO_OK;
        }
        if (worker->draws)
            progress_update(&warmer->progress, 0, at);
    }
    if (worker->status != TODO_OK)
        atomic_store(&warmer->next, warmer->count);
    return NULL;
}

/* Reads all subjects; this thread is one of the workers, and the only one if there can be no others. */
static int read_all(ctl_warmer *warmer)
{
    warm_worker workers[WORKERS];
    pthread_t threads[WORKERS];
    unsigned started = 1;
    int code = 0;
    for (unsigned i = 0; i < WORKERS; i++)
        workers[i] = (warm_worker){.warmer = warmer, .draws = i == 0, .error = TODO_ERROR_INIT};
    progress_begin(&warmer->progress, "read", 0);
    while (started < WORKERS && pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
        started++;
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    progress_end(&warmer->progress);
    for (unsigned i = 0; i < started && code == 0; i++)
        if (workers[i].status != TODO_OK)
            code = fail_error(&workers[i].error, NULL, "cannot read a todo");
    return code;
}

static int report_warmed(const ctl_warmer *warmer)
{
    todo_store_stats stats = TODO_STORE_STATS_INIT;
    todo_store_get_stats(warmer->context->store, &stats);
    uint64_t read = warmer->count - atomic_load(&warmer->gone);
    uint64_t known = stats.cache_hits;
    if (stats.cache_errors > 0 || stats.cache_bypassed > 0)
        return fail(EXIT_UNAVAILABLE, "todoctl doctor, then again",
                    "the cache did not answer in time %llu times, so not all todos are in it",
                    (unsigned long long)(stats.cache_errors + stats.cache_bypassed));
    if (warmer->context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "warmed", json_object_new_uint64(read - known));
        json_object_object_add(object, "known", json_object_new_uint64(known));
        json_object_object_add(object, "users", json_object_new_uint64(warmer->users));
        print_object(object);
        return 0;
    }
    printf("Cached %llu todo%s of %llu user%s; %llu were cached already.\n",
           (unsigned long long)(read - known), read - known == 1 ? "" : "s",
           (unsigned long long)warmer->users, warmer->users == 1 ? "" : "s", (unsigned long long)known);
    return 0;
}

static int run_warm(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    uint64_t limit = LIMIT_DEFAULT;
    uint64_t per_user = PER_USER_DEFAULT;
    cache_part cache;
    if (limit_option != NULL && !parse_number(limit_option, 1, LIMIT_MAX, &limit))
        return fail(EXIT_USAGE, "--limit 10000", "%s is no number from 1 to %u", limit_option, LIMIT_MAX);
    if (per_user_option != NULL && !parse_number(per_user_option, 1, LIMIT_MAX, &per_user))
        return fail(EXIT_USAGE, "--per-user 100", "%s is no number from 1 to %u", per_user_option, LIMIT_MAX);
    int code = open_cache(context, &cache);
    if (code != 0)
        return code;
    ctl_warmer warmer = {.context = context, .limit = limit};
    code = gather_all(&warmer, per_user);
    code = code != 0 ? code : read_all(&warmer);
    code = code != 0 ? code : report_warmed(&warmer);
    free(warmer.subjects);
    return code;
}

static const option_spec flush_options[] = {
    {"dry-run", 'n', NULL, "only say how many todos that would be", NULL, &dry_run},
    OPTION_END,
};

static const option_spec warm_options[] = {
    {"user", 'u', "USER", "only the todos of this one, by e-mail or id", &user_option, NULL},
    {"per-user", 0, "COUNT", "at most so many of each user (100)", &per_user_option, NULL},
    {"limit", 'l', "COUNT", "at most so many together (10000)", &limit_option, NULL},
    OPTION_END,
};

static const ctl_command commands[] = {
    {.name = "stats",
     .arguments = "",
     .summary = "Show what the cache holds and how its server is",
     .run = run_stats},
    {.name = "flush",
     .arguments = "",
     .summary = "Take all todos out of the cache",
     .help =
         "Out of Redis and of what running servers hold; nothing else in Redis is touched. Asks first, "
         "unless told --yes. What keeps older states out remains, and ends by itself within five minutes.",
     .options = flush_options,
     .run = run_flush},
    {.name = "warm",
     .arguments = "",
     .summary = "Put the todos that were changed last into the cache",
     .help = "Each stays for five minutes at most.",
     .options = warm_options,
     .run = run_warm},
    {.run = NULL},
};

const command_group group_cache = {"cache", "The cache in front of the store", false, commands, false, false};

/*
 * What administrators want of Redis: a sign of life, a look at all that this library keeps there, and taking it out. The last
 * two use a connection of their own, so that no read stands behind it and its commands may take longer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/redis/cache.h"
#include "adapters/redis/connection.h"
#include "adapters/redis/scripts.h"
#include "util/monotonic.h"

/* What else begins with todo: and has braces, the script leaves alone. */
#define KEY_PATTERN "todo:*{*}*"
#define KEYS_MAX    512
#define COUNT_TEXT  "200"             /* keys that a SCAN looks at: a Redis serves nobody else meanwhile */
#define PATIENCE_US (5 * 1000 * 1000) /* with a command, unless the call has a deadline */

typedef struct sweep {
    todo__redis_connection *connection;
    int64_t deadline; /* 0: none */
    bool flush;
    uint64_t items, users, bytes; /* so far */
} sweep;

static int64_t limit_of(int64_t deadline)
{
    return deadline != 0 ? deadline : todo__monotonic_us() + PATIENCE_US;
}

static todo_status unexpected(todo_error *error, const char *what)
{
    char detail[80];

    snprintf(detail, sizeof(detail), "redis: %s: an unexpected reply", what);
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "cache_refused", NULL, "the cache refused a command");
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

static todo_status open_sweep(todo_cache *handle, const todo_call *call, bool flush, sweep *ret_sweep,
                              todo_error *error)
{
    const todo__redis_cache *cache = todo__redis_cache_of(handle);

    *ret_sweep = (sweep){.deadline = call != NULL ? call->deadline : 0, .flush = flush};
    return todo__redis_connect(&cache->url, limit_of(ret_sweep->deadline), &ret_sweep->connection, error);
}

static bool is_tally(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3)
        return false;
    for (size_t i = 0; i < reply->elements; i++)
        if (reply->element[i]->type != REDIS_REPLY_INTEGER)
            return false;
    return true;
}

/* Runs the script on some keys. */
static todo_status sweep_keys(sweep *this, redisReply *const *keys, size_t count, todo_error *error)
{
    const char *argv[3 + KEYS_MAX + 1] = {"EVAL", todo__sweep};
    redisReply *reply = NULL;
    char number[24];
    int argc = 2;
    todo_status status;

    snprintf(number, sizeof(number), "%zu", count);
    argv[argc++] = number;
    for (size_t i = 0; i < count; i++)
        argv[argc++] = keys[i]->str; /* one with a NUL in it is not ours */
    argv[argc++] = this->flush ? "flush" : "count";
    status = todo__redis_call(this->connection, argc, argv, limit_of(this->deadline), &reply, error);
    if (status != TODO_OK)
        return status;
    if (is_tally(reply)) {
        this->items += (uint64_t)reply->element[0]->integer;
        this->users += (uint64_t)reply->element[1]->integer;
        this->bytes += (uint64_t)reply->element[2]->integer;
    } else {
        status = unexpected(error, "EVAL");
    }
    freeReplyObject(reply);
    return status;
}

/* One turn of SCAN; `cursor` goes on, and is "0" again at the end. */
static todo_status sweep_some(sweep *this, char *cursor, size_t size, todo_error *error)
{
    const char *argv[] = {"SCAN", cursor, "MATCH", KEY_PATTERN, "COUNT", COUNT_TEXT};
    redisReply *reply = NULL, *keys;
    todo_status status = todo__redis_call(this->connection, 6, argv, limit_of(this->deadline), &reply, error);

    if (status != TODO_OK)
        return status;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING || reply->element[1]->type != REDIS_REPLY_ARRAY) {
        freeReplyObject(reply);
        return unexpected(error, "SCAN");
    }
    snprintf(cursor, size, "%s", reply->element[0]->str);
    keys = reply->element[1];
    /* A SCAN may give more than it was asked for. */
    for (size_t i = 0; status == TODO_OK && i < keys->elements; i += KEYS_MAX) {
        size_t count = keys->elements - i < KEYS_MAX ? keys->elements - i : KEYS_MAX;

        status = sweep_keys(this, keys->element + i, count, error);
    }
    freeReplyObject(reply);
    return status;
}

static todo_status sweep_all(sweep *this, todo_error *error)
{
    char cursor[24] = "0";
    todo_status status;

    do
        status = sweep_some(this, cursor, sizeof(cursor), error);
    while (status == TODO_OK && strcmp(cursor, "0") != 0);
    return status;
}

/* The number behind "\nNAME:" in what INFO says; 0 when it says nothing of it. */
static uint64_t info_number(const char *info, const char *name)
{
    char line[40];
    const char *found;

    snprintf(line, sizeof(line), "\n%s:", name);
    found = strstr(info, line);
    return found != NULL ? strtoull(found + strlen(line), NULL, 10) : 0;
}

/* Where the user may not ask, all stays 0. */
static void ask_info(const sweep *this, todo_cache_usage *usage)
{
    redisReply *reply = NULL;

    if (todo__redis_call(this->connection, 1, (const char *[]){"INFO"}, limit_of(this->deadline), &reply,
                         NULL) != TODO_OK)
        return;
    if (reply->type == REDIS_REPLY_STRING) {
        usage->memory_used = info_number(reply->str, "used_memory");
        usage->memory_limit = info_number(reply->str, "maxmemory");
        usage->evicted = info_number(reply->str, "evicted_keys");
        usage->hits = info_number(reply->str, "keyspace_hits");
        usage->misses = info_number(reply->str, "keyspace_misses");
        usage->uptime_seconds = info_number(reply->str, "uptime_in_seconds");
    }
    freeReplyObject(reply);
}

todo_status todo__redis_usage_of(todo_cache *cache, const todo_call *call, todo_cache_usage *ret_usage,
                                 todo_error *error)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    sweep this;
    todo_status status = open_sweep(cache, call, false, &this, error);

    if (status != TODO_OK)
        return status;
    ask_info(&this, &usage); /* before the sweep, whose own reads would count */
    status = sweep_all(&this, error);
    todo__redis_disconnect(this.connection);
    if (status != TODO_OK)
        return status;
    usage.items = this.items;
    usage.users = this.users;
    usage.bytes = this.bytes;
    *ret_usage = usage;
    return TODO_OK;
}

/* Tells every process, also of users without a key. */
static todo_status tell_all(const sweep *this, todo_error *error)
{
    const char *argv[] = {"SET", TODO__REDIS_FLUSH_KEY, "", "EX", "1"};
    redisReply *reply = NULL;
    todo_status status = todo__redis_call(this->connection, 5, argv, limit_of(this->deadline), &reply, error);

    if (status == TODO_OK)
        freeReplyObject(reply);
    return status;
}

todo_status todo__redis_flush(todo_cache *cache, const todo_call *call, uint64_t *ret_flushed,
                              todo_error *error)
{
    sweep this;
    todo_status status = open_sweep(cache, call, true, &this, error);

    if (status != TODO_OK)
        return status;
    status = sweep_all(&this, error);
    if (status == TODO_OK)
        status = tell_all(&this, error);
    todo__redis_disconnect(this.connection);
    if (status == TODO_OK && ret_flushed != NULL)
        *ret_flushed = this.items;
    return status;
}

/* ---- a sign of life ---- */

/* Whatever the breaker says: an administrator who probes wants to know now. */
static todo_status ask(todo__redis_cache *cache, const todo_call *call, int argc, const char **argv,
                       redisReply **ret_reply, todo_error *error)
{
    todo__redis_request *request = NULL;
    todo_status status = todo__redis_submit(cache->link, call, true, argc, argv, NULL, &request, error);

    return status == TODO_OK ? todo__redis_wait(cache->link, request, ret_reply, error) : status;
}

/* The time of a round trip; the first one of a new connection is not counted. */
static todo_status ping(todo__redis_cache *cache, const todo_call *call, int64_t *ret_latency,
                        todo_error *error)
{
    todo_status status = todo__remote_ping(&cache->remote, call, error);
    int64_t begin = todo__monotonic_us();

    if (status == TODO_OK)
        status = todo__remote_ping(&cache->remote, call, error);
    if (status == TODO_OK)
        *ret_latency = todo__monotonic_us() - begin;
    return status;
}

/* "Redis 7.0.15", or just "Redis" where the user may not ask. */
static void ask_version(todo__redis_cache *cache, const todo_call *call, char *version, size_t size)
{
    static const char name[] = "redis_version:";
    redisReply *reply = NULL;
    const char *found = NULL;

    snprintf(version, size, "Redis");
    if (ask(cache, call, 2, (const char *[]){"INFO", "server"}, &reply, NULL) != TODO_OK)
        return;
    if (reply->type == REDIS_REPLY_STRING)
        found = strstr(reply->str, name);
    if (found != NULL) {
        found += strlen(name);
        snprintf(version, size, "Redis %.*s", (int)strcspn(found, "\r\n"), found);
    }
    freeReplyObject(reply);
}

void todo__redis_probe(todo_cache *handle, const todo_call *call, todo_store_part_visit visit, void *arg)
{
    todo__redis_cache *cache = todo__redis_cache_of(handle);
    todo_error error = TODO_ERROR_INIT;
    todo_store_part part = {.size = sizeof(part), .name = "cache", .url = cache->redacted_url};
    char version[64] = "";

    if (visit == NULL)
        return;
    part.status = ping(cache, call, &part.latency_us, &error);
    if (part.status == TODO_OK)
        ask_version(cache, call, version, sizeof(version));
    part.version = version;
    part.detail = part.status == TODO_OK ? "" : error.detail;
    part.code = part.status == TODO_OK ? "" : error.code;
    visit(arg, &part);
}

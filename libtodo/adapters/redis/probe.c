/* Asks Redis for a sign of life, whatever the breaker says: who probes wants to know now. */
#include <stdio.h>
#include <string.h>

#include "adapters/backend.h"
#include "adapters/redis/cache.h"
#include "util/monotonic.h"

static todo_status ask(todo__redis_cache *cache, const todo_call *call, int argc, const char **argv,
                       redisReply **ret_reply, todo_error *error)
{
    todo__redis_request *request = NULL;
    todo_status status = todo__redis_submit(cache->remote.link, call, (todo__redis_manner){.urgent = true},
                                            argc, argv, NULL, &request, error);

    return status == TODO_OK ? todo__redis_wait(cache->remote.link, request, ret_reply, error) : status;
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

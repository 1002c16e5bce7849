#include "adapters/redis/cache.h"

#include <stdio.h>
#include <string.h>

#include "adapters/backend.h"
#include "adapters/redis/codec.h"
#include "adapters/redis/scripts.h"
#include "ports/cache.h"
#include "util/alloc.h"

#define KEY_PREFIX "todo:"
#define KEY_SIZE   (sizeof(KEY_PREFIX) - 1 + TODO_UUID_TEXT_SIZE)

#define TTL_TEXT   "300"

_Static_assert(TODO__REDIS_TTL_SECONDS == 300u, "TTL_TEXT says the same");

static void format_key(const todo_uuid *id, char *key)
{
    memcpy(key, KEY_PREFIX, sizeof(KEY_PREFIX) - 1);
    todo_uuid_format(id, key + sizeof(KEY_PREFIX) - 1);
}

/* One command and its reply. An error reply is given back as a reply. */
static todo_status command(todo__redis_cache *cache, const todo_call *call, int argc, const char **argv,
                           const size_t *lengths, redisReply **ret_reply, todo_error *error)
{
    todo__redis_request *request = NULL;
    todo_status status = todo__redis_submit(cache->link, call, false, argc, argv, lengths, &request, error);

    if (status == TODO_OK)
        status = todo__redis_wait(cache->link, request, ret_reply, error);
    if (status != TODO_OK)
        todo__count(&cache->stats.errors);
    return status;
}

/* Redis answered, but not with what was asked for. */
static todo_status refused(todo__redis_cache *cache, const char *what, const redisReply *reply,
                           todo_error *error)
{
    char detail[160];

    todo__count(&cache->stats.errors);
    snprintf(detail, sizeof(detail), "redis: %s: %s", what,
             reply->type == REDIS_REPLY_ERROR ? reply->str : "an unexpected type of reply");
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "cache_refused", NULL, "the cache refused a command");
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

static bool is_error(const redisReply *reply, const char *kind)
{
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, kind, strlen(kind)) == 0;
}

/* What a GET found: an item, or NULL for nothing, for a tombstone and for what is no item of ours. */
static todo_status read_reply(todo__redis_cache *cache, const redisReply *reply, const todo_uuid *id,
                              const todo_item **ret_item, todo_error *error)
{
    todo_item borrowed;

    *ret_item = NULL;
    if (reply->type == REDIS_REPLY_STRING && todo__redis_decode(reply->str, reply->len, id, &borrowed)) {
        *ret_item = todo_item_ref(&borrowed);
        if (*ret_item == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        todo__count(&cache->stats.hits);
        return TODO_OK;
    }
    if (is_error(reply, "WRONGTYPE") ||
        (reply->type == REDIS_REPLY_STRING && strcmp(reply->str, TODO__REDIS_TOMBSTONE) != 0))
        todo__count(&cache->stats.unreadable);
    else if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_NIL)
        return refused(cache, "GET", reply, error);
    todo__count(&cache->stats.misses);
    return TODO_OK;
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *id, const todo_item **ret_item,
                       todo_error *error)
{
    todo__redis_cache *cache = self;
    redisReply *reply = NULL;
    const todo_item *item;
    char key[KEY_SIZE];
    todo_status status;

    format_key(id, key);
    status = command(cache, call, 2, (const char *[]){"GET", key}, NULL, &reply, error);
    if (status != TODO_OK)
        return status;
    status = read_reply(cache, reply, id, &item, error);
    freeReplyObject(reply);
    if (status == TODO_OK)
        *ret_item = item;
    return status;
}

/* What can't be replaced must at least not stay: DEL works where SET does not, as when memory has run out. */
static void forget(todo__redis_cache *cache, const todo_call *call, const char *key)
{
    redisReply *reply = NULL;

    if (command(cache, call, 2, (const char *[]){"DEL", key}, NULL, &reply, NULL) == TODO_OK)
        freeReplyObject(reply);
}

/* Runs the script by its name, and by its text where the server does not know it yet. */
static todo_status put_if_newer(todo__redis_cache *cache, const todo_call *call, const char *key,
                                const char *value, size_t length, redisReply **ret_reply, todo_error *error)
{
    const char *argv[] = {"EVALSHA", todo__put_if_newer_sha1, "1", key, value, TTL_TEXT};
    size_t lengths[] = {strlen("EVALSHA"), strlen(todo__put_if_newer_sha1), 1, strlen(key), length,
                        strlen(TTL_TEXT)};
    redisReply *reply = NULL;
    todo_status status = command(cache, call, 6, argv, lengths, &reply, error);

    if (status == TODO_OK && is_error(reply, "NOSCRIPT")) {
        freeReplyObject(reply);
        argv[0] = "EVAL";
        argv[1] = todo__put_if_newer;
        lengths[0] = strlen("EVAL");
        lengths[1] = strlen(todo__put_if_newer);
        status = command(cache, call, 6, argv, lengths, &reply, error);
    }
    if (status == TODO_OK)
        *ret_reply = reply;
    return status;
}

static todo_status put(void *self, const todo_call *call, const todo_item *item, todo_error *error)
{
    todo__redis_cache *cache = self;
    redisReply *reply = NULL;
    char key[KEY_SIZE];
    char *value = NULL;
    size_t length = 0;
    todo_status status = todo__redis_encode(item, &value, &length, error);

    if (status != TODO_OK)
        return status;
    format_key(&item->id, key);
    status = put_if_newer(cache, call, key, value, length, &reply, error);
    todo__free(value);
    if (status != TODO_OK)
        return status;
    if (reply->type != REDIS_REPLY_INTEGER) {
        status = refused(cache, "put_if_newer", reply, error);
        forget(cache, call, key);
    } else {
        todo__count(reply->integer == 0 ? &cache->stats.stale_puts : &cache->stats.puts);
    }
    freeReplyObject(reply);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *id, todo_error *error)
{
    todo__redis_cache *cache = self;
    redisReply *reply = NULL;
    char key[KEY_SIZE];
    todo_status status;

    format_key(id, key);
    status = command(cache, call, 5, (const char *[]){"SET", key, TODO__REDIS_TOMBSTONE, "EX", TTL_TEXT},
                     NULL, &reply, error);
    if (status != TODO_OK)
        return status;
    if (reply->type == REDIS_REPLY_STATUS) {
        todo__count(&cache->stats.removes);
    } else {
        status = refused(cache, "SET", reply, error);
        forget(cache, call, key);
    }
    freeReplyObject(reply);
    return status;
}

static void destroy(void *self)
{
    todo__redis_cache *cache = self;

    todo__redis_link_free(cache->link);
    todo__redis_url_clear(&cache->url);
    todo__free(cache->redacted_url);
    todo__free(cache);
}

/* Fills a zeroed cache; what it has made when it fails is released by `destroy`. */
static todo_status prepare(todo__redis_cache *cache, const char *url, unsigned connect_timeout_ms,
                           unsigned command_timeout_ms, todo_error *error)
{
    todo__redis_link_options options = {.url = &cache->url,
                                        .stats = &cache->stats,
                                        .connect_timeout_ms = connect_timeout_ms,
                                        .command_timeout_ms = command_timeout_ms};
    todo_status status = todo__redis_url_parse(url, &cache->url, error);

    if (status != TODO_OK)
        return status;
    cache->redacted_url = todo__redis_url_redacted(&cache->url);
    if (cache->redacted_url == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return todo__redis_link_new(&options, &cache->link, error);
}

todo_status todo__redis_cache_new(const char *url, unsigned connect_timeout_ms, unsigned command_timeout_ms,
                                  todo_cache **ret_cache, todo_error *error)
{
    static const todo_cache_ops ops = {
        .size = sizeof(ops), .destroy = destroy, .get = get, .put = put, .remove = remove_item};
    todo__redis_cache *cache = todo__calloc(1, sizeof(*cache));
    todo_status status;

    if (cache == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = prepare(cache, url, connect_timeout_ms, command_timeout_ms, error);
    if (status == TODO_OK)
        status = todo_cache_new(&ops, cache, ret_cache, error);
    if (status != TODO_OK)
        destroy(cache);
    return status;
}

todo_status todo__redis_open(const todo_store_options *options, todo_cache **ret_cache, todo_error *error)
{
    unsigned connect_timeout_ms = options->connect_timeout_ms < TODO__REDIS_CONNECT_TIMEOUT_MS
                                      ? options->connect_timeout_ms
                                      : TODO__REDIS_CONNECT_TIMEOUT_MS;

    return todo__redis_cache_new(options->cache_url, connect_timeout_ms, TODO__REDIS_COMMAND_TIMEOUT_MS,
                                 ret_cache, error);
}

todo__redis_cache *todo__redis_cache_of(const todo_cache *cache)
{
    return todo__cache_self(cache);
}

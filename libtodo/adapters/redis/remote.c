#include "adapters/redis/remote.h"

#include <stdio.h>
#include <string.h>

#include "adapters/redis/codec.h"
#include "adapters/redis/scripts.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

#define KEY_PREFIX "todo:"
#define KEY_SIZE   (sizeof(KEY_PREFIX) - 1 + TODO_UUID_TEXT_SIZE)

static const todo__redis_manner ordinary = {.urgent = false, .epoch = 0};
static const todo__redis_manner urgent = {.urgent = true, .epoch = 0};

static void format_key(const todo_uuid *id, char *key)
{
    memcpy(key, KEY_PREFIX, sizeof(KEY_PREFIX) - 1);
    todo_uuid_format(id, key + sizeof(KEY_PREFIX) - 1);
}

todo_status todo__remote_command(const todo__remote *remote, const todo_call *call, todo__redis_manner manner,
                                 int argc, const char **argv, const size_t *lengths, redisReply **ret_reply,
                                 todo_error *error)
{
    todo__redis_request *request = NULL;
    todo_status status = todo__redis_submit(remote->link, call, manner, argc, argv, lengths, &request, error);

    if (status == TODO_OK)
        status = todo__redis_wait(remote->link, request, ret_reply, error);
    if (status != TODO_OK)
        todo__count(&remote->stats->errors);
    return status;
}

static bool is_error(const redisReply *reply, const char *kind)
{
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, kind, strlen(kind)) == 0;
}

/* Redis answered, but not with what was asked for. */
static todo_status refused(const todo__remote *remote, const char *what, const redisReply *reply,
                           todo_error *error)
{
    char detail[160];

    todo__count(&remote->stats->errors);
    snprintf(detail, sizeof(detail), "redis: %s: %s", what,
             reply->type == REDIS_REPLY_ERROR ? reply->str : "an unexpected type of reply");
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "cache_refused", NULL, "the cache refused a command");
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

/* ---- looking up ---- */

/* What a GET found: an item, or NULL for nothing, for a floor and for what is no item of ours. */
static todo_status read_reply(const todo__remote *remote, const redisReply *reply, const todo_uuid *id,
                              const todo_item **ret_item, todo_error *error)
{
    uint64_t run = todo__redis_state_of(remote->link).run;
    todo_item borrowed;

    *ret_item = NULL;
    if (reply->type == REDIS_REPLY_STRING && todo__redis_decode(reply->str, reply->len, id, run, &borrowed)) {
        *ret_item = todo_item_ref(&borrowed);
        return *ret_item != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    }
    if (is_error(reply, "WRONGTYPE") ||
        (reply->type == REDIS_REPLY_STRING && !todo__redis_is_floor(reply->str, reply->len)))
        todo__count(&remote->stats->unreadable);
    else if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_NIL)
        return refused(remote, "GET", reply, error);
    return TODO_OK;
}

static todo_status get_only(const todo__remote *remote, const todo_call *call, const char *key,
                            redisReply **ret_reply, todo_error *error)
{
    return todo__remote_command(remote, call, ordinary, 2, (const char *[]){"GET", key}, NULL, ret_reply,
                                error);
}

/*
 * The time to live is asked for before the value, in one go: should another value take its place in between, the time
 * of the old one is the shorter.
 */
static todo_status get_with_ttl(const todo__remote *remote, const todo_call *call, const char *key,
                                redisReply **ret_reply, int64_t *ret_expires_at, todo_error *error)
{
    int64_t now = todo__monotonic_us();
    todo__redis_request *ttl_request = NULL;
    redisReply *ttl = NULL;
    todo_status status = todo__redis_submit(remote->link, call, ordinary, 2, (const char *[]){"PTTL", key},
                                            NULL, &ttl_request, error);
    todo_status ttl_status;

    if (status != TODO_OK) {
        todo__count(&remote->stats->errors);
        return status;
    }
    status = get_only(remote, call, key, ret_reply, error);
    ttl_status = todo__redis_wait(remote->link, ttl_request, &ttl, NULL);
    *ret_expires_at = 0;
    if (ttl_status == TODO_OK) {
        if (ttl->type == REDIS_REPLY_INTEGER && ttl->integer > 0)
            *ret_expires_at = now + ttl->integer * 1000;
        freeReplyObject(ttl);
    }
    return status;
}

todo_status todo__remote_get(const todo__remote *remote, const todo_call *call, const todo_uuid *id,
                             const todo_item **ret_item, int64_t *ret_expires_at, todo_error *error)
{
    redisReply *reply = NULL;
    const todo_item *item;
    char key[KEY_SIZE];
    todo_status status;

    format_key(id, key);
    if (ret_expires_at != NULL)
        status = get_with_ttl(remote, call, key, &reply, ret_expires_at, error);
    else
        status = get_only(remote, call, key, &reply, error);
    if (status != TODO_OK)
        return status;
    status = read_reply(remote, reply, id, &item, error);
    freeReplyObject(reply);
    if (status != TODO_OK)
        return status;
    /* A floor's time says nothing of what is loaded over it, and keeps everybody's puts, and the word of them, out. */
    if (item == NULL && ret_expires_at != NULL)
        *ret_expires_at = 0;
    *ret_item = item;
    return TODO_OK;
}

/* ---- putting ---- */

/* What can't be replaced must at least not stay: DEL works where SET does not, as when memory has run out. */
static void forget(const todo__remote *remote, const todo_call *call, const char *key)
{
    redisReply *reply = NULL;

    if (todo__remote_command(remote, call, ordinary, 2, (const char *[]){"DEL", key}, NULL, &reply, NULL) ==
        TODO_OK)
        freeReplyObject(reply);
}

/* The script's command line: by its name, or by its text for a server that does not know it yet. */
typedef struct script_call {
    const char *argv[6];
    size_t lengths[6];
} script_call;

static script_call call_script(bool by_name, const char *key, const char *value, size_t length)
{
    static const char unguarded[] = "redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) return 1";
    const char *verb = by_name && todo__guarded("version") ? "EVALSHA" : "EVAL";
    const char *script = !todo__guarded("version") ? unguarded
                         : by_name                 ? todo__put_if_newer_sha1
                                                   : todo__put_if_newer;

    return (script_call){
        {verb, script, "1", key, value, TODO__REDIS_TTL_TEXT},
        {strlen(verb), strlen(script), 1, strlen(key), length, strlen(TODO__REDIS_TTL_TEXT)}};
}

static todo_status put_if_newer(const todo__remote *remote, const todo_call *call, todo__redis_manner manner,
                                const char *key, const char *value, size_t length, redisReply **ret_reply,
                                todo_error *error)
{
    script_call script = call_script(true, key, value, length);
    redisReply *reply = NULL;
    todo_status status =
        todo__remote_command(remote, call, manner, 6, script.argv, script.lengths, &reply, error);

    if (status == TODO_OK && is_error(reply, "NOSCRIPT")) {
        freeReplyObject(reply);
        script = call_script(false, key, value, length);
        status = todo__remote_command(remote, call, manner, 6, script.argv, script.lengths, &reply, error);
    }
    if (status == TODO_OK)
        *ret_reply = reply;
    return status;
}

/* A value says into which run of the server it was put, so there must have been a connection. */
todo_status todo__remote_run(const todo__remote *remote, const todo_call *call, uint64_t *ret_run,
                             todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status = TODO_OK;

    *ret_run = todo__redis_state_of(remote->link).run;
    if (*ret_run != 0)
        return TODO_OK;
    status = todo__remote_command(remote, call, ordinary, 1, (const char *[]){"PING"}, NULL, &reply, error);
    if (status != TODO_OK)
        return status;
    freeReplyObject(reply);
    *ret_run = todo__redis_state_of(remote->link).run;
    return TODO_OK;
}

/* Puts an item as one of this run. */
static todo_status put_of_run(const todo__remote *remote, const todo_call *call, const todo_item *item,
                              uint64_t run, uint64_t epoch, todo_error *error)
{
    todo__redis_manner manner = {.urgent = false, .epoch = epoch};
    redisReply *reply = NULL;
    char key[KEY_SIZE];
    char *value = NULL;
    size_t length = 0;
    todo_status status = todo__redis_encode(item, run, &value, &length, error);

    if (status != TODO_OK)
        return status;
    format_key(&item->id, key);
    status = put_if_newer(remote, call, manner, key, value, length, &reply, error);
    todo__free(value);
    if (status != TODO_OK)
        return status;
    if (reply->type != REDIS_REPLY_INTEGER) {
        status = refused(remote, "put_if_newer", reply, error);
        forget(remote, call, key);
    } else {
        todo__count(reply->integer == 0 ? &remote->stats->stale_puts : &remote->stats->puts);
    }
    freeReplyObject(reply);
    return status;
}

todo_status todo__remote_put(const todo__remote *remote, const todo_call *call, const todo_item *item,
                             uint64_t epoch, todo_error *error)
{
    uint64_t run;
    todo_status status = todo__remote_run(remote, call, &run, error);

    if (status != TODO_OK)
        return status;
    status = put_of_run(remote, call, item, run, epoch, error);
    /* It may have been this very put that found Redis restarted: nobody believes what says it is of the run before. */
    if (status == TODO_OK && todo__redis_state_of(remote->link).run != run)
        status = put_of_run(remote, call, item, todo__redis_state_of(remote->link).run, epoch, error);
    return status;
}

/* NULL when it could not be sent. */
static todo__redis_request *submit_item(const todo__remote *remote, const todo_call *call,
                                        const todo_item *item, uint64_t run)
{
    todo__redis_request *request = NULL;
    script_call script;
    char key[KEY_SIZE];
    char *value = NULL;
    size_t length = 0;

    if (todo__redis_encode(item, run, &value, &length, NULL) != TODO_OK)
        return NULL;
    format_key(&item->id, key);
    script = call_script(true, key, value, length);
    (void)todo__redis_submit(remote->link, call, ordinary, 6, script.argv, script.lengths, &request, NULL);
    todo__free(value);
    return request;
}

/* How a request of submit_item ended; `ret_refused`: with an error reply, as of a server that does not know the script. */
static todo_status await_put(const todo__remote *remote, todo__redis_request *request, bool *ret_refused)
{
    redisReply *reply = NULL;
    todo_status status = TODO_ERR_UNAVAILABLE;

    *ret_refused = false;
    if (request != NULL)
        status = todo__redis_wait(remote->link, request, &reply, NULL);
    if (status != TODO_OK) {
        todo__count(&remote->stats->errors);
        return status;
    }
    *ret_refused = reply->type != REDIS_REPLY_INTEGER;
    if (!*ret_refused)
        todo__count(reply->integer == 0 ? &remote->stats->stale_puts : &remote->stats->puts);
    freeReplyObject(reply);
    return TODO_OK;
}

/* What was refused is tried once more by itself, which knows what to do about each kind of refusal. */
void todo__remote_put_together(const todo__remote *remote, const todo_call *call,
                               const todo_item *const *items, size_t count, todo_status *ret_statuses)
{
    todo__redis_request *requests[TODO__REMOTE_TOGETHER_MAX] = {NULL};
    bool refusals[TODO__REMOTE_TOGETHER_MAX];
    uint64_t run = 0;

    if (todo__remote_run(remote, call, &run, NULL) == TODO_OK)
        for (size_t i = 0; i < count; i++)
            requests[i] = submit_item(remote, call, items[i], run);
    for (size_t i = 0; i < count; i++)
        ret_statuses[i] = await_put(remote, requests[i], &refusals[i]);
    for (size_t i = 0; i < count; i++)
        if (refusals[i])
            ret_statuses[i] = todo__remote_put(remote, call, items[i], 0, NULL);
}

todo_status todo__remote_remove(const todo__remote *remote, const todo_call *call, const todo_uuid *id,
                                todo_error *error)
{
    char key[KEY_SIZE], tombstone[TODO__REDIS_FLOOR_LENGTH];
    const char *argv[] = {"SET", key, tombstone, "EX", TODO__REDIS_TTL_TEXT};
    const size_t lengths[] = {3, KEY_SIZE - 1, sizeof(tombstone), 2, strlen(TODO__REDIS_TTL_TEXT)};
    redisReply *reply = NULL;
    todo_status status;

    format_key(id, key);
    todo__redis_encode_floor(TODO__REDIS_REMOVED, tombstone);
    status = todo__remote_command(remote, call, ordinary, 5, argv, lengths, &reply, error);
    if (status != TODO_OK)
        return status;
    if (reply->type == REDIS_REPLY_STATUS) {
        todo__count(&remote->stats->removes);
    } else {
        status = refused(remote, "SET", reply, error);
        forget(remote, call, key);
    }
    freeReplyObject(reply);
    return status;
}

todo_status todo__remote_raise_one(const todo__remote *remote, const todo_call *call, const todo_uuid *id,
                                   int64_t version, todo_error *error)
{
    char key[KEY_SIZE], value[TODO__REDIS_FLOOR_LENGTH];
    redisReply *reply = NULL;
    todo_status status;

    format_key(id, key);
    todo__redis_encode_floor(version, value);
    status = put_if_newer(remote, call, ordinary, key, value, sizeof(value), &reply, error);
    if (status != TODO_OK)
        return status;
    if (reply->type == REDIS_REPLY_INTEGER) {
        todo__count(&remote->stats->removes);
    } else {
        status = refused(remote, "put_if_newer", reply, error);
        forget(remote, call, key);
    }
    freeReplyObject(reply);
    return status;
}

/* ---- repairing ---- */

static todo__redis_request *submit_floor(const todo__remote *remote, const todo__floor *floor)
{
    char key[KEY_SIZE], value[TODO__REDIS_FLOOR_LENGTH];
    todo__redis_request *request = NULL;
    script_call script;

    format_key(&floor->id, key);
    todo__redis_encode_floor(floor->version, value);
    /* By its text, for a server that comes back may have forgotten it. */
    script = call_script(false, key, value, sizeof(value));
    if (todo__redis_submit(remote->link, NULL, urgent, 6, script.argv, script.lengths, &request, NULL) !=
        TODO_OK)
        return NULL;
    return request;
}

todo_status todo__remote_raise(const todo__remote *remote, const todo__floor *floors, size_t count)
{
    todo__redis_request *requests[TODO__REMOTE_TOGETHER_MAX];
    todo_status status = TODO_OK;

    for (size_t i = 0; i < count; i++)
        requests[i] = submit_floor(remote, &floors[i]);
    for (size_t i = 0; i < count; i++) {
        redisReply *reply = NULL;

        if (requests[i] == NULL || todo__redis_wait(remote->link, requests[i], &reply, NULL) != TODO_OK) {
            status = TODO_ERR_UNAVAILABLE;
            continue;
        }
        if (reply->type != REDIS_REPLY_INTEGER)
            status = TODO_ERR_UNAVAILABLE;
        freeReplyObject(reply);
    }
    return status;
}

todo_status todo__remote_ping(const todo__remote *remote, const todo_call *call, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status =
        todo__remote_command(remote, call, urgent, 1, (const char *[]){"PING"}, NULL, &reply, error);

    if (status == TODO_OK)
        freeReplyObject(reply);
    return status;
}

#include "adapters/redis/remote.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "adapters/redis/scripts.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

#define TOGETHER      TODO__REMOTE_TOGETHER_MAX
#define USER_KEY_SIZE (sizeof(TODO__USER_KEY_PREFIX) + TODO_UUID_TEXT_SIZE)
#define KEY_PREFIX    "todo:{"
#define KEY_SIZE      (sizeof(KEY_PREFIX) + (size_t)TODO_UUID_TEXT_SIZE * 2 + 1)
#define SCRIPT_ARGS   8u

void todo__remote_init(todo__remote *remote, todo__redis_link *link, todo__redis_stats *stats,
                       unsigned ttl_seconds)
{
    uint64_t seed = 0;

    remote->link = link;
    remote->stats = stats;
    snprintf(remote->ttl, sizeof(remote->ttl), "%u", ttl_seconds);
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
        seed = (uint64_t)todo__monotonic_us() << 16;
    atomic_store(&remote->lives, seed);
}

static void format_user_key(const todo_uuid *user, char *key)
{
    char text[TODO_UUID_TEXT_SIZE];

    todo_uuid_format(user, text);
    snprintf(key, USER_KEY_SIZE, TODO__USER_KEY_PREFIX "%s}", text);
}

/* The user in braces: a cluster keeps all keys of a user in one place. */
static void format_key(const todo_uuid *user, const todo_uuid *id, char *key)
{
    char user_text[TODO_UUID_TEXT_SIZE], id_text[TODO_UUID_TEXT_SIZE];

    todo_uuid_format(user, user_text);
    todo_uuid_format(id, id_text);
    snprintf(key, KEY_SIZE, KEY_PREFIX "%s}:%s", user_text, id_text);
}

static todo_status exchange(todo__remote *remote, const todo_call *call, bool urgent, int argc,
                            const char **argv, const size_t *lengths, redisReply **ret_reply,
                            todo_error *error)
{
    todo__redis_request *request = NULL;
    todo_status status = todo__redis_submit(remote->link, call, urgent, argc, argv, lengths, &request, error);

    if (status == TODO_OK)
        status = todo__redis_wait(remote->link, request, ret_reply, error);
    if (status != TODO_OK)
        todo__count(&remote->stats->errors);
    return status;
}

/* Redis answered, but not with what was asked for. */
static todo_status refused(todo__remote *remote, const char *what, const redisReply *reply, todo_error *error)
{
    char detail[160];

    todo__count(&remote->stats->errors);
    snprintf(detail, sizeof(detail), "redis: %s: %s", what,
             reply->type == REDIS_REPLY_ERROR ? reply->str : "an unexpected type of reply");
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "cache_refused", NULL, "the cache refused a command");
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

static uint64_t run_of(todo__remote *remote)
{
    return todo__redis_state_of(remote->link).run;
}

/* ---- looking up ---- */

static void read_user(todo__remote *remote, const redisReply *reply, todo__user_state *ret_user)
{
    *ret_user = (todo__user_state){.there = false};
    if (reply->type == REDIS_REPLY_STRING)
        todo__user_state_decode(reply->str, reply->len, run_of(remote), ret_user);
}

/* The todo of a record that is current, or NULL. */
static todo_status read_record(todo__remote *remote, const redisReply *reply, const todo_uuid *user,
                               const todo_uuid *id, const todo__user_state *state, const todo_item **ret_item,
                               todo_error *error)
{
    todo__record record;

    *ret_item = NULL;
    if (reply->type != REDIS_REPLY_STRING)
        return TODO_OK;
    if (!todo__record_decode(reply->str, reply->len, &record) ||
        todo_uuid_compare(&record.item.id, id) != 0 || todo_uuid_compare(&record.item.user_id, user) != 0) {
        todo__count(&remote->stats->unreadable);
        return TODO_OK;
    }
    if (!todo__record_is_current(&record, state)) {
        todo__count(&remote->stats->old_records);
        return TODO_OK;
    }
    *ret_item = todo_item_ref(&record.item);
    return *ret_item != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

/* One MGET, so that record and user key are of the same moment. */
todo_status todo__remote_look(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                              const todo_uuid *id, todo__user_state *ret_user, const todo_item **ret_item,
                              todo_error *error)
{
    char user_key[USER_KEY_SIZE], key[KEY_SIZE];
    const char *argv[] = {"MGET", user_key, key};
    int argc = id != NULL ? 3 : 2;
    redisReply *reply = NULL;
    todo_status status;

    format_user_key(user, user_key);
    if (id != NULL)
        format_key(user, id, key);
    status = exchange(remote, call, false, argc, argv, NULL, &reply, error);
    if (status != TODO_OK)
        return status;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != (size_t)argc - 1) {
        status = refused(remote, "MGET", reply, error);
    } else {
        read_user(remote, reply->element[0], ret_user);
        if (id != NULL)
            status = read_record(remote, reply->element[1], user, id, ret_user, ret_item, error);
    }
    freeReplyObject(reply);
    return status;
}

/* ---- the script ---- */

/* Its command line. */
typedef struct script_call {
    int argc;
    const char *argv[3 + 1 + TOGETHER + SCRIPT_ARGS + TOGETHER];
    size_t lengths[3 + 1 + TOGETHER + SCRIPT_ARGS + TOGETHER];
    uint64_t run;
    bool refused; /* Redis answered with an error */
    char run_text[8], nonce[8], epoch[8], first[8], last[8];
    char count[4];
} script_call;

static void add(script_call *script, const void *text, size_t length)
{
    script->argv[script->argc] = text;
    script->lengths[script->argc++] = length;
}

/* By its name first. The keys of `count` records follow, then begin_arguments, then the records. */
static void begin_script(script_call *script, const char *user_key, unsigned count)
{
    script->argc = 0;
    script->refused = false;
    snprintf(script->count, sizeof(script->count), "%u", 1 + count);
    add(script, "EVALSHA", strlen("EVALSHA"));
    add(script, todo__script_sha1, strlen(todo__script_sha1));
    add(script, script->count, strlen(script->count));
    add(script, user_key, strlen(user_key));
}

static void begin_arguments(todo__remote *remote, script_call *script, const char *what, todo_sequence as_of,
                            uint64_t first, const char *life)
{
    static const char no_life[TODO__LIFE_LENGTH];

    script->run = run_of(remote);
    todo__put_u64(script->run_text, script->run);
    todo__put_u64(script->nonce, atomic_fetch_add_explicit(&remote->lives, 2, memory_order_relaxed) | 1);
    todo__put_u64(script->epoch, as_of.epoch);
    todo__put_u64(script->first, first);
    todo__put_u64(script->last, as_of.number);
    add(script, what, strlen(what));
    add(script, script->run_text, sizeof(script->run_text));
    add(script, script->nonce, sizeof(script->nonce));
    add(script, remote->ttl, strlen(remote->ttl));
    add(script, script->epoch, sizeof(script->epoch));
    add(script, script->first, sizeof(script->first));
    add(script, script->last, sizeof(script->last));
    add(script, life != NULL ? life : no_life, TODO__LIFE_LENGTH);
}

static void by_text(script_call *script)
{
    script->argv[0] = "EVAL";
    script->lengths[0] = strlen("EVAL");
    script->argv[1] = todo__script;
    script->lengths[1] = strlen(todo__script);
}

static bool is_answer(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
           reply->element[0]->type == REDIS_REPLY_STRING && reply->element[1]->type == REDIS_REPLY_INTEGER;
}

/* The user key is written as one of this run, which only a connection tells. */
static todo_status know_run(todo__remote *remote, const todo_call *call, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status = TODO_OK;

    if (run_of(remote) != 0)
        return TODO_OK;
    status = exchange(remote, call, false, 1, (const char *[]){"PING"}, NULL, &reply, error);
    if (status == TODO_OK)
        freeReplyObject(reply);
    return status;
}

/* Runs it, by its text on a server that does not know it yet. An answer of another kind is UNAVAILABLE. */
static todo_status run_script(todo__remote *remote, const todo_call *call, bool urgent, script_call *script,
                              redisReply **ret_reply, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status =
        exchange(remote, call, urgent, script->argc, script->argv, script->lengths, &reply, error);

    if (status == TODO_OK && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0) {
        freeReplyObject(reply);
        by_text(script);
        status = exchange(remote, call, urgent, script->argc, script->argv, script->lengths, &reply, error);
    }
    if (status == TODO_OK && !is_answer(reply)) {
        status = refused(remote, "script", reply, error);
        script->refused = true;
        freeReplyObject(reply);
    }
    if (status == TODO_OK)
        *ret_reply = reply;
    return status;
}

/* For the user key alone. `ret_user` may be NULL. */
static todo_status run_for_user(todo__remote *remote, const todo_call *call, bool urgent, const char *what,
                                const todo_uuid *user, todo__user_state *ret_user, todo_error *error)
{
    char user_key[USER_KEY_SIZE];
    script_call script;
    redisReply *reply = NULL;
    todo_status status = know_run(remote, call, error);

    if (status != TODO_OK)
        return status;
    format_user_key(user, user_key);
    begin_script(&script, user_key, 0);
    begin_arguments(remote, &script, what, (todo_sequence){0, 0}, 0, NULL);
    status = run_script(remote, call, urgent, &script, &reply, error);
    if (status != TODO_OK)
        return status;
    if (ret_user != NULL)
        read_user(remote, reply->element[0], ret_user);
    freeReplyObject(reply);
    return TODO_OK;
}

todo_status todo__remote_open(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                              todo__user_state *ret_user, todo_error *error)
{
    return run_for_user(remote, call, false, "open", user, ret_user, error);
}

todo_status todo__remote_close(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                               todo_error *error)
{
    return run_for_user(remote, call, false, "close", user, NULL, error);
}

todo_status todo__remote_repair(todo__remote *remote, const todo__untold_user *users, size_t count)
{
    todo_status status = TODO_OK;

    for (size_t i = 0; i < count && status == TODO_OK; i++)
        status = run_for_user(remote, NULL, true, users[i].unknown ? "close" : "renew", &users[i].user, NULL,
                              NULL);
    return status;
}

todo_status todo__remote_fill(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                              const todo__user_state *seen, const todo_sequence *as_of, const todo_item *item,
                              todo_error *error)
{
    char user_key[USER_KEY_SIZE], key[KEY_SIZE], *record = NULL;
    size_t length = 0;
    script_call script;
    redisReply *reply = NULL;
    todo_status status = TODO_OK;

    format_user_key(user, user_key);
    begin_script(&script, user_key, item != NULL);
    if (item != NULL) {
        status = todo__record_encode(item, as_of->number, &record, &length, error);
        format_key(user, &item->id, key);
        add(&script, key, strlen(key));
    }
    if (status != TODO_OK)
        return status;
    begin_arguments(remote, &script, "fill", *as_of, 0, seen->life);
    if (item != NULL)
        add(&script, record, length);
    status = run_script(remote, call, false, &script, &reply, error);
    todo__free(record);
    if (status != TODO_OK)
        return status;
    todo__count(reply->element[1]->integer == 1 ? &remote->stats->fills : &remote->stats->refused_fills);
    freeReplyObject(reply);
    return TODO_OK;
}

/* ---- changes ---- */

/* A part of a change that goes in one run of the script: some of its todos, and the numbers up to `last`. */
typedef struct part {
    const todo_item *const *items;
    size_t item_count;
    const todo_uuid *removed;
    size_t removed_count;
    uint64_t first; /* 0: it is unknown which numbers the change took */
    todo_sequence last;
} part;

/* A todo in the trash is in no cache. */
static bool is_cached(const todo_item *item)
{
    return item->deleted_at == 0;
}

static todo_status encode_all(const part *of, char **records, size_t *lengths, todo_error *error)
{
    todo_status status = TODO_OK;

    for (size_t i = 0; i < of->item_count && status == TODO_OK; i++)
        if (is_cached(of->items[i]))
            status = todo__record_encode(of->items[i], of->last.number, &records[i], &lengths[i], error);
    return status;
}

/* What can't be replaced must at least not stay: DEL works where SET does not, as when memory has run out. */
static void forget_user(todo__remote *remote, const todo_call *call, const char *user_key)
{
    redisReply *reply = NULL;

    if (exchange(remote, call, false, 2, (const char *[]){"DEL", user_key}, NULL, &reply, NULL) == TODO_OK)
        freeReplyObject(reply);
}

/* For the guard: stores whatever the script did, as a cache would that does not ask what was told since. */
static void store_anyway(todo__remote *remote, const todo_call *call, script_call *script)
{
    static const char text[] =
        "local user = redis.call('GET', KEYS[1]) "
        "for i = 2, #KEYS do local record = ARGV[7 + i] if user and record ~= '' then "
        "redis.call('SET', KEYS[i], string.sub(record, 1, 2) .. string.sub(user, 11, 18) .. "
        "string.sub(record, 11), 'EX', ARGV[4]) end end return {user or '', 1}";
    redisReply *reply = NULL;

    by_text(script);
    script->argv[1] = text;
    script->lengths[1] = strlen(text);
    if (run_script(remote, call, false, script, &reply, NULL) == TODO_OK)
        freeReplyObject(reply);
}

static todo_status tell_part(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                             const part *of, todo_error *error)
{
    char user_key[USER_KEY_SIZE], keys[TOGETHER][KEY_SIZE], *records[TOGETHER] = {NULL};
    size_t lengths[TOGETHER] = {0}, count = of->item_count + of->removed_count;
    script_call script;
    redisReply *reply = NULL;
    todo_status status = encode_all(of, records, lengths, error);

    format_user_key(user, user_key);
    begin_script(&script, user_key, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        format_key(user, i < of->item_count ? &of->items[i]->id : &of->removed[i - of->item_count], keys[i]);
        add(&script, keys[i], strlen(keys[i]));
    }
    begin_arguments(remote, &script, "change", of->last, of->first, NULL);
    for (size_t i = 0; i < count; i++)
        add(&script, records[i] != NULL ? records[i] : "", lengths[i]);
    if (status == TODO_OK)
        status = run_script(remote, call, false, &script, &reply, error);
    /* It may have been this very command that found Redis restarted: then it told the run before. */
    if (status == TODO_OK && run_of(remote) != script.run) {
        freeReplyObject(reply);
        todo__put_u64(script.run_text, run_of(remote));
        status = run_script(remote, call, false, &script, &reply, error);
    }
    if (status == TODO_OK && !todo__guarded("late"))
        store_anyway(remote, call, &script);
    if (status == TODO_OK)
        freeReplyObject(reply);
    else if (script.refused)
        forget_user(remote, call, user_key);
    for (size_t i = 0; i < count; i++)
        todo__free(records[i]);
    return status;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The next part of what is left of a change, and takes it off. Todos that are there have the lower numbers. */
static part take_part(todo_cache_change *left)
{
    size_t items = smaller(left->item_count, TOGETHER);
    size_t removed = left->item_count > items ? 0 : smaller(left->removed_count, TOGETHER - items);
    part taken = {.items = left->items,
                  .item_count = items,
                  .removed = left->removed,
                  .removed_count = removed,
                  .last = left->sequence};

    left->items += items;
    left->item_count -= items;
    left->removed = removed > 0 ? left->removed + removed : left->removed;
    left->removed_count -= removed;
    return taken;
}

todo_status todo__remote_change(todo__remote *remote, const todo_call *call, const todo_cache_change *change,
                                todo_error *error)
{
    todo_cache_change left = *change;
    size_t todos = change->item_count + change->removed_count;
    bool known = change->count > 0 && change->count >= todos && change->count <= change->sequence.number;
    uint64_t first = known ? change->sequence.number - change->count + 1 : 0;
    todo_status status = know_run(remote, call, error);

    while (status == TODO_OK) {
        part taken = take_part(&left);
        bool last = left.item_count + left.removed_count == 0;

        /* All parts but the last leave the later numbers to those that follow. */
        taken.first = first;
        if (known && !last) {
            taken.last.number = first + taken.item_count + taken.removed_count - 1;
            first = taken.last.number + 1;
        }
        status = tell_part(remote, call, &change->user, &taken, error);
        if (last)
            break;
    }
    return status;
}

todo_status todo__remote_ping(todo__remote *remote, const todo_call *call, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status = exchange(remote, call, true, 1, (const char *[]){"PING"}, NULL, &reply, error);

    if (status == TODO_OK)
        freeReplyObject(reply);
    return status;
}

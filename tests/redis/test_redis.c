/* The Redis cache against a real Redis; see with-services. */
#include "testing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redis_testing.h"

#include "adapters/redis/cache.h"

static int set_up(void **state)
{
    raw_do("FLUSHALL");
    database_reset();
    *state = patient_cache_at(redis_url("", ""));
    return 0;
}

static int tear_down(void **state)
{
    todo_cache_unref(*state);
    raw_close();
    return 0;
}

static todo_status no_todo(void *arg, const todo_call *call, const todo_item **ret_item, todo_error *error)
{
    (void)arg, (void)call, (void)ret_item;
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

static long long raw_integer(const char *command, const todo_uuid *id)
{
    redisReply *reply = raw(command, key_of(id));
    long long integer = reply->integer;

    assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
    freeReplyObject(reply);
    return integer;
}

/* What Redis answers when it is asked, which no caller of the cache gets to see. */
static todo_status ask(todo_cache *cache, const todo_call *call, todo_error *error)
{
    todo_uuid user = fake_id(101), id = fake_id(1);
    todo__user_state known;
    const todo_item *item = NULL;
    todo_status status =
        todo__remote_look(&todo__redis_cache_of(cache)->remote, call, &user, &id, &known, &item, error);

    if (status == TODO_OK)
        todo_item_unref(item);
    return status;
}

/* ---- what it holds ---- */

static void what_was_changed_is_found(void **state)
{
    todo_uuid id = fake_id(1);
    int64_t version = change(*state, &id);

    assert_int_equal(held_version(*state, &id), version);
    assert_int_equal(stats_of(*state)->hits, 1);
    assert_int_equal(database.reads, 0);
}

static void what_was_read_is_found(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(2);
    uint64_t version = commit(&id);

    commit(&other);
    assert_int_equal(version_in(*state, &id), version);
    assert_int_equal(version_in(*state, &other), version + 1);
    assert_int_equal(held_version(*state, &id), version);
    assert_int_equal(held_version(*state, &other), version + 1);
    assert_int_equal(database.reads, 2);
    assert_int_equal(stats_of(*state)->fills, 2);
}

static void an_unknown_id_is_a_miss(void **state)
{
    todo_uuid id = fake_id(1);

    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(stats_of(*state)->misses, 1);
    assert_int_equal(stats_of(*state)->errors, 0);
}

static void another_users_equal_id_is_another_todo(void **state)
{
    todo_uuid id = fake_id(1), stranger = fake_id(102);
    const todo_item *item = NULL;

    change(*state, &id);
    assert_int_equal(todo_cache_load(*state, NULL, &stranger, &id, no_todo, NULL, &item, NULL),
                     TODO_ERR_NOT_FOUND);
    raw_do("EVAL %s 2 %s %s", "redis.call('SET', KEYS[2], redis.call('GET', KEYS[1])) return 1", key_of(&id),
           "todo:{00000000-0000-0000-0000-000000000066}:00000000-0000-0000-0000-000000000001");
    assert_int_equal(todo_cache_load(*state, NULL, &stranger, &id, no_todo, NULL, &item, NULL),
                     TODO_ERR_NOT_FOUND);
}

/* The first of two changes comes last: the todo may be missing, but never as it was before. */
static void an_overtaken_change_brings_nothing_back(void **state)
{
    todo_uuid id = fake_id(1);
    uint64_t first = commit(&id), second = commit(&id);

    assert_int_equal(tell(*state, &id, second), TODO_OK);
    assert_int_equal(tell(*state, &id, first), TODO_OK);
    assert_int_not_equal(held_version(*state, &id), first);
    assert_int_equal(version_in(*state, &id), second);
    assert_int_equal(held_version(*state, &id), second);
}

static void a_removed_todo_stays_out_until_it_is_there_again(void **state)
{
    todo_uuid id = fake_id(1);
    uint64_t made = commit(&id), removed = commit_removal(&id);

    assert_int_equal(tell(*state, &id, made), TODO_OK);
    assert_int_equal(tell_removal(*state, &id, removed), TODO_OK);
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(tell(*state, &id, made), TODO_OK);
    assert_int_equal(held_version(*state, &id), 0);
    change(*state, &id); /* restored, or made again with the same id */
    assert_int_equal(tell_removal(*state, &id, removed), TODO_OK); /* it came late */
    assert_int_not_equal(held_version(*state, &id), made);
    assert_int_equal(version_in(*state, &id), removed + 1);
}

static void a_todo_that_is_stored_into_the_trash_is_not_kept(void **state)
{
    todo_cache_change made = TODO_CACHE_CHANGE_INIT;
    const todo_item trashed = {
        .id = fake_id(1), .user_id = fake_id(101), .title = "x", .version = 1, .deleted_at = 5};
    const todo_item *items = &trashed;

    made.user = fake_id(101);
    made.sequence = (todo_sequence){DATABASE_EPOCH, 1};
    made.count = made.item_count = 1;
    made.items = &items;
    assert_int_equal(todo_cache_note_change(*state, NULL, &made, NULL), TODO_OK);
    assert_int_equal(held_version(*state, &trashed.id), 0);
    assert_int_equal(raw_integer("EXISTS %s", &trashed.id), 0);
}

static void a_record_lives_as_long_as_the_option_says(void **state)
{
    todo_uuid id = fake_id(1);
    todo_cache *brief = cache_with((todo__redis_options){.ttl_seconds = 20});

    change(*state, &id);
    assert_in_range(raw_integer("PTTL %s", &id), 290000, 300000);
    change(brief, &id);
    assert_in_range(raw_integer("PTTL %s", &id), 10000, 20000);
    todo_cache_unref(brief);
}

static void the_script_is_sent_again_when_redis_forgot_it(void **state)
{
    todo_uuid id = fake_id(1);
    int64_t version;

    change(*state, &id);
    raw_do("SCRIPT FLUSH");
    version = change(*state, &id);
    assert_int_equal(held_version(*state, &id), version);
}

/* In several runs of the script, and still without a gap. */
static void a_large_batch_goes_in(void **state)
{
    enum { COUNT = 150 };
    todo_item items[COUNT];
    const todo_item *pointers[COUNT];
    todo_cache_change made = TODO_CACHE_CHANGE_INIT;
    todo_uuid before = fake_id(200);
    int64_t first = change(*state, &before);

    raw_do("SCRIPT FLUSH");
    for (unsigned i = 0; i < COUNT; i++) {
        items[i] = (todo_item){.id = fake_id((uint8_t)i), .user_id = fake_id(101), .title = "milk"};
        commit(&items[i].id);
        items[i].version = items[i].modseq = first + 1 + i;
        items[i].description = "0";
        pointers[i] = &items[i];
    }
    made.user = fake_id(101);
    made.sequence = (todo_sequence){DATABASE_EPOCH, database.number};
    made.count = made.item_count = COUNT;
    made.items = pointers;
    assert_int_equal(todo_cache_note_change(*state, NULL, &made, NULL), TODO_OK);
    for (unsigned i = 0; i < COUNT; i++) {
        const todo_item *item = NULL;

        assert_int_equal(todo_cache_load(*state, NULL, &made.user, &items[i].id, no_todo, NULL, &item, NULL),
                         TODO_OK);
        assert_int_equal(item->version, items[i].version);
        todo_item_unref(item);
    }
    assert_int_equal(held_version(*state, &before), first);
    assert_int_equal(stats_of(*state)->errors, 0);
}

/* ---- what a call demands ---- */

static void a_demand_is_met_by_what_redis_has_heard_of(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(2);
    todo_sequence sequence = {0, 0}, demand = {DATABASE_EPOCH, 1};
    todo_call call = TODO_CALL_INIT;
    int64_t version = change(*state, &id);

    call.at_least = &demand;
    call.ret_sequence = &sequence;
    assert_int_equal(version_for(*state, &call, &id), version);
    assert_int_equal(database.reads, 0);
    assert_true(sequence.epoch == DATABASE_EPOCH && sequence.number == 1);
    demand.number = 2; /* seen somewhere, before Redis was told */
    commit(&other);
    assert_int_equal(version_for(*state, &call, &id), version);
    assert_int_equal(database.reads, 1);
    assert_true(sequence.number == 2);
    assert_int_equal(version_for(*state, &call, &id), version);
    assert_int_equal(database.reads, 1);
    demand = (todo_sequence){DATABASE_EPOCH + 1, 1};
    version_for(*state, &call, &id);
    assert_int_equal(database.reads, 2);
}

static void a_fill_asks_for_all_that_redis_has_heard_of(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(2);

    commit(&id);
    assert_int_equal(version_in(*state, &id), 1);
    assert_true(database.demanded.epoch == UINT64_MAX); /* Redis knows no number yet */
    change(*state, &other);
    raw_do("DEL %s", key_of(&id));
    assert_int_equal(version_in(*state, &id), 1);
    assert_true(database.demanded.epoch == DATABASE_EPOCH && database.demanded.number == 2);
}

static void when_no_server_shows_that_a_caller_without_a_demand_still_gets_an_answer(void **state)
{
    todo_uuid id = fake_id(1);

    commit(&id);
    database.primary_down = true;
    assert_int_equal(version_in(*state, &id), 1);
    assert_int_equal(held_version(*state, &id), 0); /* but it is not kept */
    database.primary_down = false;
    assert_int_equal(version_in(*state, &id), 1);
    assert_int_equal(held_version(*state, &id), 1);
}

/* ---- the database is ahead of Redis ---- */

/* A process that died behind its commit told no one: the next that reads the database does. */
static void a_change_that_was_never_told_is_noticed_by_the_next_reader(void **state)
{
    todo_uuid changed = fake_id(1), other = fake_id(2);
    uint64_t lost;

    change(*state, &changed);
    lost = commit(&changed);
    assert_int_equal(held_version(*state, &changed), 1); /* so far */
    commit(&other);
    assert_int_equal(version_in(*state, &other), lost + 1);
    assert_int_equal(held_version(*state, &changed), 0);
    assert_int_equal(version_in(*state, &changed), lost);
    assert_int_equal(held_version(*state, &changed), lost);
}

static void in_the_next_changes_a_lost_one_costs_misses_and_no_old_answer(void **state)
{
    todo_uuid changed = fake_id(1), other = fake_id(2);
    uint64_t lost;

    change(*state, &changed);
    lost = commit(&changed);
    for (int i = 0; i < 70; i++) {
        change(*state, &other);
        assert_int_not_equal(held_version(*state, &changed), 1);
    }
    assert_int_equal(version_in(*state, &changed), lost);
    change(*state, &other); /* Redis has given the lost one up */
    assert_int_equal(held_version(*state, &changed), lost);
}

static void while_a_change_may_still_come_nothing_is_kept(void **state)
{
    todo_uuid id = fake_id(1);

    change(*state, &id);
    assert_int_equal(tell_doubt(*state), TODO_OK);
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(version_in(*state, &id), 1);
    assert_int_equal(held_version(*state, &id), 0);
    commit(&id); /* here it comes, and no one says so */
    assert_int_equal(version_in(*state, &id), 2);
    change(*state, &id);
    assert_int_equal(held_version(*state, &id), 0);
    raw_do("DEL %s", user_key()); /* as when its time has passed */
    assert_int_equal(version_in(*state, &id), 3);
    assert_int_equal(held_version(*state, &id), 3);
}

/* ---- looking through it ---- */

static void a_usage_counts_todos_and_users_and_nothing_else(void **state)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;

    for (unsigned i = 0; i < 250; i++) {
        todo_uuid id = fake_id((uint8_t)i);

        change(*state, &id);
        if (i % 5 == 0)
            assert_int_equal(tell_removal(*state, &id, commit_removal(&id)), TODO_OK);
    }
    raw_do("SET todo:settings x");
    raw_do("SET todo:{mine}:settings x");
    raw_do("SET another:00000000-0000-4000-8000-000000000000 x");
    assert_int_equal(todo__redis_usage_of(*state, NULL, &usage, NULL), TODO_OK);
    assert_int_equal(usage.items, 200);
    assert_int_equal(usage.users, 1);
    assert_true(usage.bytes > 200 * 100 && usage.bytes < usage.memory_used);
}

static void a_flush_takes_all_todos_out_and_only_them(void **state)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    todo_uuid one = fake_id(1), two = fake_id(2), broken = fake_id(3);
    uint64_t flushed = 0;
    redisReply *reply;

    change(*state, &one);
    change(*state, &two);
    raw_do("SET %s nonsense", key_of(&broken));
    raw_do("SET todo:settings x");
    raw_do("SADD another y");
    assert_int_equal(todo__redis_flush(*state, NULL, &flushed, NULL), TODO_OK);
    assert_int_equal(flushed, 3);
    assert_int_equal(held_version(*state, &one), 0);
    assert_int_equal(held_version(*state, &two), 0);
    reply = raw("EXISTS todo:settings another %s", key_of(&broken));
    assert_int_equal(reply->integer, 2);
    freeReplyObject(reply);
    assert_int_equal(todo__redis_usage_of(*state, NULL, &usage, NULL), TODO_OK);
    assert_int_equal(usage.items, 0);
    assert_int_equal(todo__redis_flush(*state, NULL, NULL, NULL), TODO_OK);
}

static todo_cache *flushed_meanwhile;

static void flush_it(void)
{
    assert_int_equal(todo__redis_flush(flushed_meanwhile, NULL, NULL, NULL), TODO_OK);
}

static void what_was_read_before_a_flush_is_not_kept_after_it(void **state)
{
    todo_uuid id = fake_id(1);

    commit(&id);
    flushed_meanwhile = *state;
    database.meanwhile = flush_it;
    assert_int_equal(version_in(*state, &id), 1);
    assert_int_equal(held_version(*state, &id), 0);
}

static void a_flush_ends_no_doubt(void **state)
{
    todo_uuid id = fake_id(1);

    commit(&id);
    assert_int_equal(tell_doubt(*state), TODO_OK);
    assert_int_equal(todo__redis_flush(*state, NULL, NULL, NULL), TODO_OK);
    assert_int_equal(version_in(*state, &id), 1);
    assert_int_equal(held_version(*state, &id), 0);
}

static void looking_through_it_ends_with_the_deadline(void **state)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    todo_call call = TODO_CALL_INIT;

    redis_signal(SIGSTOP);
    todo_call_set_timeout(&call, 100);
    assert_int_equal(todo__redis_usage_of(*state, &call, &usage, NULL), TODO_ERR_TIMEOUT);
    assert_int_equal(todo__redis_flush(*state, &call, NULL, NULL), TODO_ERR_TIMEOUT);
    redis_signal(SIGCONT);
}

/* ---- what others left there ---- */

static void assert_overwritten(todo_cache *cache, const todo_uuid *id)
{
    int64_t version;

    assert_int_equal(held_version(cache, id), 0);
    version = change(cache, id);
    assert_int_equal(held_version(cache, id), version);
}

static void values_that_are_no_todo_are_a_miss_and_overwritten(void **state)
{
    todo_uuid id = fake_id(1);

    raw_do("SET %s {\"title\":\"of-another-implementation\"}", key_of(&id));
    assert_overwritten(*state, &id);
    raw_do("SET %s t2", key_of(&id));
    assert_overwritten(*state, &id);
    raw_do("DEL %s", key_of(&id));
    raw_do("HSET %s field value", key_of(&id));
    assert_overwritten(*state, &id);
    raw_do("SET %s u1", user_key());
    assert_overwritten(*state, &id);
    raw_do("DEL %s", user_key());
    raw_do("HSET %s field value", user_key());
    assert_overwritten(*state, &id);
    assert_int_equal(stats_of(*state)->unreadable, 2);
}

/* A process of the release before this one, on the same Redis. */
static void a_former_release_is_neither_heard_nor_disturbed(void **state)
{
    static const char former[] = "todo:00000000-0000-0000-0000-000000000001";
    todo_uuid id = fake_id(1);
    redisReply *reply;

    raw_do("SET %s %s", former, "t1i and what follows there");
    raw_do("SET todo:user:00000000-0000-0000-0000-000000000065 %s", "u1 and what follows there");
    assert_int_equal(held_version(*state, &id), 0);
    change(*state, &id);
    assert_int_equal(held_version(*state, &id), 1);
    reply = raw("GET %s", former);
    assert_string_equal(reply->str, "t1i and what follows there");
    freeReplyObject(reply);
}

/* Processes of two versions on one Redis: a field that one of them does not know is skipped by it and missed by the other. */
static void an_earlier_version_beside_this_one_is_not_misread(void **state)
{
    todo_uuid id = fake_id(1);
    int64_t version = change(*state, &id);
    redisReply *record = raw("GET %s", key_of(&id));

    raw_do("SETRANGE %s 18 %b", key_of(&id), "\x01", (size_t)1); /* its writer knew one field */
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(version_in(*state, &id), version); /* and overwrites it */
    assert_int_equal(held_version(*state, &id), version);
    raw_do("APPEND %s %b", key_of(&id), "\xC8\0\0\0\x03new", (size_t)8);
    assert_int_equal(held_version(*state, &id), version);
    freeReplyObject(record);
}

static void a_cut_value_is_a_miss_and_overwritten(void **state)
{
    todo_uuid id = fake_id(1);
    redisReply *whole;

    change(*state, &id);
    whole = raw("GET %s", key_of(&id));
    raw_do("SET %s %b", key_of(&id), whole->str, (size_t)whole->len - 1);
    assert_overwritten(*state, &id);
    freeReplyObject(whole);
}

/* ---- who may come in ---- */

static int lift_password(void **state)
{
    raw_do("CONFIG SET requirepass %s", "");
    return tear_down(state);
}

/* What a probe found. */
typedef struct probed {
    todo_status status;
    char url[128], detail[256], version[64], code[64];
} probed;

static void note_part(void *arg, const todo_store_part *part)
{
    probed *found = arg;

    assert_string_equal(part->name, "cache");
    found->status = part->status;
    snprintf(found->url, sizeof(found->url), "%s", part->url);
    snprintf(found->detail, sizeof(found->detail), "%s", part->detail);
    snprintf(found->version, sizeof(found->version), "%s", part->version);
    snprintf(found->code, sizeof(found->code), "%s", part->code);
}

static probed probe(todo_cache *cache)
{
    probed found = {0};

    todo__redis_probe(cache, NULL, note_part, &found);
    return found;
}

static void a_probe_tells_the_version(void **state)
{
    probed found = probe(*state);

    assert_int_equal(found.status, TODO_OK);
    assert_memory_equal(found.version, "Redis ", 6);
    assert_true(found.version[6] >= '1' && found.version[6] <= '9');
    assert_string_equal(found.detail, "");
}

static void without_the_password_it_stands_aside_and_says_why(void **state)
{
    todo_uuid id = fake_id(1);
    todo_error error = TODO_ERROR_INIT;
    todo_cache *open = patient_cache_at(redis_url("", ""));
    todo_cache *wrong = patient_cache_at(redis_url(":guess@", ""));
    todo_cache *right = patient_cache_at(redis_url(":hidden%20word@", ""));
    probed found;

    (void)state;
    raw_do("CONFIG SET requirepass %s", "hidden word");
    assert_int_equal(ask(open, NULL, &error), TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "NOAUTH"));
    assert_int_equal(ask(wrong, NULL, &error), TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "WRONGPASS"));
    assert_null(strstr(error.detail, "guess"));
    for (int i = 0; i < 5; i++)
        ask(wrong, NULL, NULL);
    assert_true(stats_of(wrong)->breaker_open);
    found = probe(wrong);
    assert_int_equal(found.status, TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(found.detail, "WRONGPASS"));
    assert_string_equal(found.code, "cache_misconfigured");
    assert_null(strstr(found.url, "guess"));
    change(right, &id);
    assert_int_equal(held_version(right, &id), 1);
    todo_cache_unref(open);
    todo_cache_unref(wrong);
    todo_cache_unref(right);
}

static void expect_misconfigured(const char *url, const char *detail)
{
    todo_cache *cache = patient_cache_at(url);
    probed found = probe(cache);

    assert_int_equal(found.status, TODO_ERR_UNAVAILABLE);
    assert_string_equal(found.code, "cache_misconfigured");
    assert_non_null(strstr(found.detail, detail));
    todo_cache_unref(cache);
}

static void eviction_at_random_is_refused(void **state)
{
    (void)state;
    raw_do("CONFIG SET maxmemory-policy allkeys-random");
    expect_misconfigured(redis_url("", ""), "maxmemory_policy: allkeys-random");
    raw_do("CONFIG SET maxmemory-policy volatile-random");
    expect_misconfigured(redis_url("", ""), "maxmemory_policy: volatile-random");
    raw_do("CONFIG SET maxmemory-policy allkeys-lru");
    assert_int_equal(probe(*state).status, TODO_OK);
}

static int lift_policy(void **state)
{
    raw_do("CONFIG SET maxmemory-policy noeviction");
    return tear_down(state);
}

static void a_database_that_is_not_there_is_refused(void **state)
{
    (void)state;
    expect_misconfigured(redis_url("", "/99"), "SELECT: ERR");
}

static void a_user_of_the_access_list_and_a_database_may_be_named(void **state)
{
    todo_uuid id = fake_id(1);
    todo_cache *cache = patient_cache_at(redis_url("cacher:p%40ss@", "/3"));

    (void)state;
    raw_do("ACL SETUSER cacher on >p@ss ~todo:* +get +mget +set +del +pttl +pexpire +select +evalsha +eval");
    change(cache, &id);
    assert_int_equal(held_version(cache, &id), 1);
    assert_int_equal(raw_integer("EXISTS %s", &id), 0);
    raw_do("SELECT 3");
    assert_int_equal(raw_integer("EXISTS %s", &id), 1);
    raw_do("ACL DELUSER cacher");
    todo_cache_unref(cache);
}

/* ---- many at once ---- */

#define THREADS    16
#define ROUNDS     300
#define SHARED_IDS 4

typedef struct racer {
    todo_cache *cache;
    pthread_t thread;
    unsigned seed;
    bool writes;
    bool went_back;
} racer;

/* Writers change todos, and tell of it in whatever order they come. What a reader reads must never go back. */
static void *race(void *arg)
{
    racer *self = arg;
    int64_t seen[SHARED_IDS] = {0};

    for (int round = 0; round < ROUNDS; round++) {
        unsigned which = rand_r(&self->seed) % SHARED_IDS;
        todo_uuid id = fake_id((uint8_t)which);
        int64_t version = self->writes ? change(self->cache, &id) : version_in(self->cache, &id);

        self->went_back = self->went_back || (!self->writes && version < seen[which]);
        seen[which] = version;
    }
    return NULL;
}

static void no_reader_ever_sees_an_older_version_after_a_newer_one(void **state)
{
    racer racers[THREADS] = {0};

    for (unsigned i = 0; i < SHARED_IDS; i++) {
        todo_uuid id = fake_id((uint8_t)i);

        commit(&id);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i] = (racer){.cache = *state, .seed = i, .writes = i % 4 == 0};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        assert_false(racers[i].went_back);
    }
    for (unsigned i = 0; i < SHARED_IDS; i++) {
        todo_uuid id = fake_id((uint8_t)i);

        assert_int_equal(version_in(*state, &id), database.versions[i]);
        assert_int_equal(held_version(*state, &id), database.versions[i]);
    }
    assert_true(stats_of(*state)->hits > 0);
    assert_int_equal(stats_of(*state)->errors, 0);
    assert_int_equal(stats_of(*state)->connects, 1);
}

/* ---- when Redis is in trouble ---- */

static todo_cache *impatient_cache(void)
{
    return cache_with((todo__redis_options){.connect_timeout_ms = TODO__REDIS_CONNECT_TIMEOUT_MS,
                                            .command_timeout_ms = TODO__REDIS_COMMAND_TIMEOUT_MS});
}

/* Whether the cache answers again within a patient while. */
static bool recovers(todo_cache *cache)
{

    for (int i = 0; i < 2000; i++) {

        if (ask(cache, NULL, NULL) == TODO_OK)
            return true;
        usleep(10000);
    }
    return false;
}

static void a_restart_passes_unnoticed(void **state)
{
    todo_uuid id = fake_id(1);

    change(*state, &id);
    redis_control("stop");
    redis_control("start");
    assert_int_equal(held_version(*state, &id), 0);
    change(*state, &id);
    assert_int_equal(held_version(*state, &id), 2);
    assert_int_equal(stats_of(*state)->connects, 2);
    assert_int_equal(stats_of(*state)->errors, 0);
}

static void while_it_is_gone_the_breaker_opens_and_then_it_recovers(void **state)
{
    todo_uuid id = fake_id(1);
    todo_error error = TODO_ERROR_INIT;

    change(*state, &id);
    redis_control("stop");
    for (int i = 0; i < 10; i++)
        assert_int_equal(ask(*state, NULL, &error), TODO_ERR_UNAVAILABLE);
    assert_true(error.retryable);
    assert_non_null(strstr(error.detail, "refused"));
    assert_int_equal(stats_of(*state)->breaker_opened, 1);
    assert_true(stats_of(*state)->breaker_open);
    assert_int_equal(probe(*state).status, TODO_ERR_UNAVAILABLE);
    redis_control("start");
    assert_true(recovers(*state));
    assert_false(stats_of(*state)->breaker_open);
}

/* A Redis that has stopped for ever: that this test ends shows that no call waits for it. */
static void a_paused_server_holds_nobody_up(void **state)
{
    todo_cache *cache = impatient_cache();

    (void)state;
    assert_true(recovers(cache));
    redis_signal(SIGSTOP);
    for (int i = 0; i < 20; i++) {
        todo_status status = ask(cache, NULL, NULL);

        assert_true(status == TODO_ERR_TIMEOUT || status == TODO_ERR_UNAVAILABLE);
    }
    assert_int_equal(stats_of(cache)->breaker_opened, 1);
    redis_signal(SIGCONT);
    assert_true(recovers(cache));
    todo_cache_unref(cache);
}

static void a_call_ends_with_its_deadline(void **state)
{
    todo_uuid id = fake_id(1);
    todo_call call = TODO_CALL_INIT;

    assert_int_equal(held_version(*state, &id), 0);
    redis_signal(SIGSTOP);
    todo_call_set_timeout(&call, 5);
    assert_int_equal(ask(*state, &call, NULL), TODO_ERR_TIMEOUT);
    assert_int_equal(ask(*state, &call, NULL), TODO_ERR_TIMEOUT);
    redis_signal(SIGCONT);
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(stats_of(*state)->breaker_opened, 0);
    assert_int_equal(stats_of(*state)->connects, 1);
}

static void *look_once(void *arg)
{
    ask(arg, NULL, NULL);
    return NULL;
}

static void many_who_wait_for_a_paused_server_all_return(void **state)
{
    pthread_t threads[THREADS];
    todo_cache *cache = impatient_cache();

    (void)state;
    assert_true(recovers(cache));
    redis_signal(SIGSTOP);
    for (int round = 0; round < 4; round++) {
        for (unsigned i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, look_once, cache), 0);
        for (unsigned i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
    }
    redis_signal(SIGCONT);
    assert_true(recovers(cache));
    todo_cache_unref(cache);
}

/* A server that is out of memory refuses SET: then nothing may stay that a write has made old. */
static void what_cannot_be_replaced_does_not_stay(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(2);
    redisReply *reply;

    change(*state, &id);
    change(*state, &other);
    raw_do("CONFIG SET maxmemory 1");
    assert_int_equal(tell(*state, &id, commit(&id)), TODO_ERR_UNAVAILABLE);
    reply = raw("EXISTS %s", user_key());
    assert_int_equal(reply->integer, 0); /* without which no record is believed */
    freeReplyObject(reply);
    assert_int_equal(held_version(*state, &id), 0);
    raw_do("CONFIG SET maxmemory 0");
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(version_in(*state, &id), 3);
    assert_int_equal(version_in(*state, &id), 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_changed_is_found),
        CASE(what_was_read_is_found),
        CASE(an_unknown_id_is_a_miss),
        CASE(another_users_equal_id_is_another_todo),
        CASE(an_overtaken_change_brings_nothing_back),
        CASE(a_removed_todo_stays_out_until_it_is_there_again),
        CASE(a_todo_that_is_stored_into_the_trash_is_not_kept),
        CASE(a_record_lives_as_long_as_the_option_says),
        CASE(the_script_is_sent_again_when_redis_forgot_it),
        CASE(a_large_batch_goes_in),
        CASE(a_demand_is_met_by_what_redis_has_heard_of),
        CASE(a_fill_asks_for_all_that_redis_has_heard_of),
        CASE(when_no_server_shows_that_a_caller_without_a_demand_still_gets_an_answer),
        CASE(a_change_that_was_never_told_is_noticed_by_the_next_reader),
        CASE(in_the_next_changes_a_lost_one_costs_misses_and_no_old_answer),
        CASE(while_a_change_may_still_come_nothing_is_kept),
        CASE(a_usage_counts_todos_and_users_and_nothing_else),
        CASE(a_flush_takes_all_todos_out_and_only_them),
        CASE(what_was_read_before_a_flush_is_not_kept_after_it),
        CASE(a_flush_ends_no_doubt),
        CASE(looking_through_it_ends_with_the_deadline),
        CASE(values_that_are_no_todo_are_a_miss_and_overwritten),
        CASE(a_former_release_is_neither_heard_nor_disturbed),
        CASE(an_earlier_version_beside_this_one_is_not_misread),
        CASE(a_cut_value_is_a_miss_and_overwritten),
        CASE(a_probe_tells_the_version),
        cmocka_unit_test_setup_teardown(without_the_password_it_stands_aside_and_says_why, set_up,
                                        lift_password),
        cmocka_unit_test_setup_teardown(eviction_at_random_is_refused, set_up, lift_policy),
        CASE(a_database_that_is_not_there_is_refused),
        CASE(a_user_of_the_access_list_and_a_database_may_be_named),
        CASE(no_reader_ever_sees_an_older_version_after_a_newer_one),
        CASE(a_restart_passes_unnoticed),
        CASE(while_it_is_gone_the_breaker_opens_and_then_it_recovers),
        CASE(a_paused_server_holds_nobody_up),
        CASE(a_call_ends_with_its_deadline),
        CASE(many_who_wait_for_a_paused_server_all_return),
        CASE(what_cannot_be_replaced_does_not_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

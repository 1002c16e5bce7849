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
    *state = patient_cache_at(redis_url("", ""));
    return 0;
}

static int tear_down(void **state)
{
    todo_cache_unref(*state);
    raw_close();
    return 0;
}

static long long raw_integer(const char *command, const todo_uuid *id)
{
    redisReply *reply = raw(command, key_of(id));
    long long integer = reply->integer;

    assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
    freeReplyObject(reply);
    return integer;
}

/* ---- what it holds ---- */

static void what_was_put_is_found(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *item = item_of_version(&id, 4);
    const todo_item *found = NULL;

    assert_int_equal(todo_cache_put(*state, NULL, item, NULL), TODO_OK);
    assert_int_equal(todo_cache_get(*state, NULL, &id, &found, NULL), TODO_OK);
    assert_non_null(found);
    assert_string_equal(found->title, item->title);
    assert_string_equal(found->description, item->description);
    assert_int_equal(found->updated_at, item->updated_at);
    assert_int_equal(found->version, 4);
    assert_int_equal(stats_of(*state)->hits, 1);
    todo_item_unref(found);
    todo_item_unref(item);
}

static void an_unknown_id_is_a_miss(void **state)
{
    todo_uuid id = fake_id(1);

    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(stats_of(*state)->misses, 1);
    assert_int_equal(stats_of(*state)->errors, 0);
}

static void an_older_version_is_held_back(void **state)
{
    todo_uuid id = fake_id(1);

    put_version(*state, &id, 2);
    put_version(*state, &id, 1);
    assert_int_equal(held_version(*state, &id), 2);
    assert_int_equal(stats_of(*state)->stale_puts, 1);
    put_version(*state, &id, 3);
    assert_int_equal(held_version(*state, &id), 3);
}

static void large_versions_are_told_apart(void **state)
{
    todo_uuid id = fake_id(1);
    int64_t large = INT64_C(0x1000000000000001); /* beyond what a double holds exactly */

    put_version(*state, &id, large + 1);
    put_version(*state, &id, large);
    assert_true(held_version(*state, &id) == large + 1);
    put_version(*state, &id, large + (INT64_C(1) << 32));
    assert_true(held_version(*state, &id) == large + (INT64_C(1) << 32));
    put_version(*state, &id, large + 2);
    assert_true(held_version(*state, &id) == large + (INT64_C(1) << 32));
}

static void a_removed_todo_stays_out(void **state)
{
    todo_uuid id = fake_id(1);

    put_version(*state, &id, 2);
    assert_int_equal(todo_cache_remove(*state, NULL, &id, NULL), TODO_OK);
    assert_int_equal(held_version(*state, &id), 0);
    put_version(*state, &id, 1);
    put_version(*state, &id, 2);
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(stats_of(*state)->stale_puts, 2);
}

static void a_trashed_todo_stays_out_until_it_is_restored(void **state)
{
    todo_uuid id = fake_id(1);

    put_version(*state, &id, 2);
    assert_int_equal(todo_cache_remove_at(*state, NULL, &id, 3, NULL), TODO_OK);
    assert_int_equal(held_version(*state, &id), 0);
    assert_in_range(raw_integer("PTTL %s", &id), 1, 300000);
    put_version(*state, &id, 2);
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(stats_of(*state)->stale_puts, 1);
    put_version(*state, &id, 4);
    assert_int_equal(held_version(*state, &id), 4);
    assert_int_equal(todo_cache_remove_at(*state, NULL, &id, 3, NULL), TODO_OK); /* it came late */
    assert_int_equal(held_version(*state, &id), 4);
    assert_int_equal(todo_cache_remove(*state, NULL, &id, NULL), TODO_OK);
    assert_int_equal(todo_cache_remove_at(*state, NULL, &id, 5, NULL), TODO_OK);
    put_version(*state, &id, 6);
    assert_int_equal(held_version(*state, &id), 0); /* removed for good it stays */
}

static void what_is_held_is_held_for_five_minutes_at_most(void **state)
{
    todo_uuid item = fake_id(1), removed = fake_id(2);

    put_version(*state, &item, 1);
    assert_int_equal(todo_cache_remove(*state, NULL, &removed, NULL), TODO_OK);
    assert_in_range(raw_integer("PTTL %s", &item), 1, 300000);
    assert_in_range(raw_integer("PTTL %s", &removed), 1, 300000);
}

static void the_same_version_again_keeps_its_time_to_live(void **state)
{
    todo_uuid id = fake_id(1);

    put_version(*state, &id, 1);
    raw_do("EXPIRE %s 100", key_of(&id));
    put_version(*state, &id, 1);
    assert_in_range(raw_integer("TTL %s", &id), 1, 100);
}

static void the_script_is_sent_again_when_redis_forgot_it(void **state)
{
    todo_uuid id = fake_id(1);

    put_version(*state, &id, 1);
    raw_do("SCRIPT FLUSH");
    put_version(*state, &id, 2);
    assert_int_equal(held_version(*state, &id), 2);
}

static void many_go_in_together(void **state)
{
    const todo_item *items[150];
    todo_uuid id = fake_id(7);

    put_version(*state, &id, 2); /* newer than the one in the batch */
    raw_do("SCRIPT FLUSH");
    for (unsigned i = 0; i < COUNT_OF(items); i++) {
        id = fake_id((uint8_t)i);
        items[i] = item_of_version(&id, 1);
    }
    assert_int_equal(todo_cache_put_many(*state, NULL, items, COUNT_OF(items), NULL), TODO_OK);
    for (unsigned i = 0; i < COUNT_OF(items); i++) {
        assert_int_equal(held_version(*state, &items[i]->id), i == 7 ? 2 : 1);
        todo_item_unref(items[i]);
    }
    assert_int_equal(stats_of(*state)->errors, 0);
}

/* ---- looking through it ---- */

static void a_usage_counts_todos_and_marks_and_nothing_else(void **state)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;

    for (unsigned i = 0; i < 1000; i++) {
        todo_uuid id = fake_id((uint8_t)i);

        id.bytes[0] = (uint8_t)(i >> 8);
        put_version(*state, &id, 1);
        if (i % 4 == 0)
            assert_int_equal(todo_cache_remove(*state, NULL, &id, NULL), TODO_OK);
    }
    raw_do("SET todo:settings x");
    raw_do("SET another:00000000-0000-4000-8000-000000000000 x");
    assert_int_equal(todo__redis_usage_of(*state, NULL, &usage, NULL), TODO_OK);
    assert_int_equal(usage.items, 750);
    assert_int_equal(usage.marks, 250);
    assert_true(usage.bytes > 750 * 100 && usage.bytes < usage.memory_used);
}

static void a_flush_takes_all_todos_out_and_only_them(void **state)
{
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    todo_uuid one = fake_id(1), two = fake_id(2), broken = fake_id(3);
    uint64_t flushed = 0;
    redisReply *reply;

    put_version(*state, &one, 1);
    put_version(*state, &two, 1);
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

static void after_a_flush_older_states_stay_out_for_as_long_as_before(void **state)
{
    todo_uuid id = fake_id(1), gone = fake_id(2);
    redisReply *reply;

    put_version(*state, &id, 5);
    put_version(*state, &gone, 5);
    raw_do("EXPIRE %s 100", key_of(&id));
    assert_int_equal(todo_cache_remove(*state, NULL, &gone, NULL), TODO_OK);
    assert_int_equal(todo__redis_flush(*state, NULL, NULL, NULL), TODO_OK);
    reply = raw("PTTL %s", key_of(&id));
    assert_in_range(reply->integer, 1, 100000);
    freeReplyObject(reply);
    put_version(*state, &id, 4); /* of somebody who read it before it was changed */
    assert_int_equal(held_version(*state, &id), 0);
    put_version(*state, &id, 5);
    assert_int_equal(held_version(*state, &id), 5);
    put_version(*state, &gone, 5);
    assert_int_equal(held_version(*state, &gone), 0);
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
    assert_int_equal(held_version(cache, id), 0);
    put_version(cache, id, 1);
    assert_int_equal(held_version(cache, id), 1);
}

static void values_that_are_no_todo_are_a_miss_and_overwritten(void **state)
{
    todo_uuid id = fake_id(1);

    raw_do("SET %s {\"title\":\"of-another-implementation\"}", key_of(&id));
    assert_overwritten(*state, &id);
    raw_do("SET %s t2i", key_of(&id));
    assert_overwritten(*state, &id);
    raw_do("DEL %s", key_of(&id));
    raw_do("HSET %s field value", key_of(&id));
    assert_overwritten(*state, &id);
    assert_int_equal(stats_of(*state)->unreadable, 3);
}

static void a_cut_value_is_a_miss_and_overwritten(void **state)
{
    todo_uuid id = fake_id(1);
    redisReply *whole;

    put_version(*state, &id, 9);
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
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;
    todo_cache *open = patient_cache_at(redis_url("", ""));
    todo_cache *wrong = patient_cache_at(redis_url(":guess@", ""));
    todo_cache *right = patient_cache_at(redis_url(":hidden%20word@", ""));
    probed found;

    (void)state;
    raw_do("CONFIG SET requirepass %s", "hidden word");
    assert_int_equal(todo_cache_get(open, NULL, &id, &item, &error), TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "NOAUTH"));
    assert_int_equal(todo_cache_get(wrong, NULL, &id, &item, &error), TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "WRONGPASS"));
    assert_null(strstr(error.detail, "guess"));
    for (int i = 0; i < 5; i++)
        todo_cache_get(wrong, NULL, &id, &item, NULL);
    assert_true(stats_of(wrong)->breaker_open);
    found = probe(wrong);
    assert_int_equal(found.status, TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(found.detail, "WRONGPASS"));
    assert_string_equal(found.code, "cache_misconfigured");
    assert_null(strstr(found.url, "guess"));
    put_version(right, &id, 1);
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
    raw_do("ACL SETUSER cacher on >p@ss ~todo:* +get +set +del +select +evalsha +eval");
    put_version(cache, &id, 1);
    assert_int_equal(held_version(cache, &id), 1);
    assert_int_equal(raw_integer("EXISTS %s", &id), 0);
    raw_do("SELECT 3");
    assert_int_equal(raw_integer("EXISTS %s", &id), 1);
    raw_do("ACL DELUSER cacher");
    todo_cache_unref(cache);
}

/* ---- many at once ---- */

#define THREADS    16
#define VERSIONS   300
#define SHARED_IDS 4

typedef struct racer {
    todo_cache *cache;
    pthread_t thread;
    unsigned seed;
    bool writes;
    bool went_back;
} racer;

/*
 * Writers put versions 1, 2, … of each id. Readers do what a cached reader does: look, and now and then put something
 * older than what they saw, as one does that read the database a while ago.
 */
static void *race(void *arg)
{
    racer *self = arg;
    int64_t seen[SHARED_IDS] = {0};

    for (int64_t version = 1; version <= VERSIONS; version++) {
        unsigned which = rand_r(&self->seed) % SHARED_IDS;
        todo_uuid id = fake_id((uint8_t)which);

        if (self->writes) {
            for (unsigned i = 0; i < SHARED_IDS; i++) {
                id = fake_id((uint8_t)i);
                put_version(self->cache, &id, version);
            }
        } else {
            int64_t held = held_version(self->cache, &id);

            self->went_back = self->went_back || held < seen[which];
            seen[which] = held;
            if (held > 1)
                put_version(self->cache, &id, 1 + rand_r(&self->seed) % held);
        }
    }
    return NULL;
}

static void no_reader_ever_sees_an_older_version_after_a_newer_one(void **state)
{
    racer racers[THREADS] = {0};

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

        assert_int_equal(held_version(*state, &id), VERSIONS);
    }
    assert_true(stats_of(*state)->stale_puts > 0);
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
    todo_uuid id = fake_id(200);

    for (int i = 0; i < 2000; i++) {
        const todo_item *item = NULL;

        if (todo_cache_get(cache, NULL, &id, &item, NULL) == TODO_OK)
            return true;
        usleep(10000);
    }
    return false;
}

static void a_restart_passes_unnoticed(void **state)
{
    todo_uuid id = fake_id(1);

    put_version(*state, &id, 1);
    redis_control("stop");
    redis_control("start");
    assert_int_equal(held_version(*state, &id), 0);
    put_version(*state, &id, 2);
    assert_int_equal(held_version(*state, &id), 2);
    assert_int_equal(stats_of(*state)->connects, 2);
    assert_int_equal(stats_of(*state)->errors, 0);
}

static void while_it_is_gone_the_breaker_opens_and_then_it_recovers(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;

    put_version(*state, &id, 1);
    redis_control("stop");
    for (int i = 0; i < 10; i++)
        assert_int_equal(todo_cache_get(*state, NULL, &id, &item, &error), TODO_ERR_UNAVAILABLE);
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
    todo_uuid id = fake_id(1);
    const todo_item *item = NULL;
    todo_cache *cache = impatient_cache();

    (void)state;
    assert_true(recovers(cache));
    redis_signal(SIGSTOP);
    for (int i = 0; i < 20; i++) {
        todo_status status = todo_cache_get(cache, NULL, &id, &item, NULL);

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
    const todo_item *item = NULL;
    todo_call call = TODO_CALL_INIT;

    assert_int_equal(held_version(*state, &id), 0);
    redis_signal(SIGSTOP);
    todo_call_set_timeout(&call, 5);
    assert_int_equal(todo_cache_get(*state, &call, &id, &item, NULL), TODO_ERR_TIMEOUT);
    assert_int_equal(todo_cache_get(*state, &call, &id, &item, NULL), TODO_ERR_TIMEOUT);
    redis_signal(SIGCONT);
    assert_int_equal(held_version(*state, &id), 0);
    assert_int_equal(stats_of(*state)->breaker_opened, 0);
    assert_int_equal(stats_of(*state)->connects, 1);
}

static void *look_once(void *arg)
{
    todo_uuid id = fake_id(1);
    const todo_item *item = NULL;

    todo_cache_get(arg, NULL, &id, &item, NULL);
    todo_item_unref(item);
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
    todo_uuid id = fake_id(1);
    const todo_item *newer = item_of_version(&id, 2);

    put_version(*state, &id, 1);
    raw_do("CONFIG SET maxmemory 1");
    assert_int_equal(todo_cache_put(*state, NULL, newer, NULL), TODO_ERR_UNAVAILABLE);
    raw_do("CONFIG SET maxmemory 0");
    assert_int_equal(held_version(*state, &id), 0);
    todo_item_unref(newer);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_put_is_found),
        CASE(an_unknown_id_is_a_miss),
        CASE(an_older_version_is_held_back),
        CASE(large_versions_are_told_apart),
        CASE(a_removed_todo_stays_out),
        CASE(a_trashed_todo_stays_out_until_it_is_restored),
        CASE(what_is_held_is_held_for_five_minutes_at_most),
        CASE(the_same_version_again_keeps_its_time_to_live),
        CASE(the_script_is_sent_again_when_redis_forgot_it),
        CASE(many_go_in_together),
        CASE(a_usage_counts_todos_and_marks_and_nothing_else),
        CASE(a_flush_takes_all_todos_out_and_only_them),
        CASE(after_a_flush_older_states_stay_out_for_as_long_as_before),
        CASE(looking_through_it_ends_with_the_deadline),
        CASE(values_that_are_no_todo_are_a_miss_and_overwritten),
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

/* Two caches, as of two processes, over one real Redis: what one changes, the other must not serve for long. */
#include "testing.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "redis_testing.h"

#include "util/monotonic.h"

typedef struct fixture {
    todo_cache *one;
    todo_cache *other;
    todo_uuid id;
} fixture;

static todo_cache *listening_cache(const char *url, unsigned command_timeout_ms, unsigned grace_ms,
                                   size_t local_bytes)
{
    return cache_with((todo__redis_options){.url = url,
                                            .command_timeout_ms = command_timeout_ms,
                                            .grace_ms = grace_ms,
                                            .local_bytes = local_bytes,
                                            .listen = true});
}

static void until_it_serves(todo_cache *cache)
{
    todo_uuid id = fake_id(250);

    put_version(cache, &id, 1);
    EVENTUALLY(held_version(cache, &id) == 1 && stats_of(cache)->local_hits > 0);
}

static int set_up_with(void **state, unsigned command_timeout_ms, unsigned grace_ms)
{
    static fixture fx;

    raw_do("FLUSHALL");
    fx.id = fake_id(1);
    fx.one = listening_cache(redis_url("", ""), command_timeout_ms, grace_ms, 1024 * 1024);
    fx.other = listening_cache(redis_url("", ""), command_timeout_ms, grace_ms, 1024 * 1024);
    until_it_serves(fx.one);
    until_it_serves(fx.other);
    *state = &fx;
    return 0;
}

/* Patient, and without a moment of disbelief. */
static int set_up(void **state)
{
    return set_up_with(state, PATIENT_MS, 0);
}

/* As in earnest. */
static int set_up_earnest(void **state)
{
    return set_up_with(state, TODO__REDIS_COMMAND_TIMEOUT_MS, TODO__REDIS_GRACE_MS);
}

static int tear_down(void **state)
{
    fixture *fx = *state;

    todo_cache_unref(fx->one);
    todo_cache_unref(fx->other);
    raw_close();
    return 0;
}

/* Reads until this process itself holds the item. */
static void until_held(todo_cache *cache, const todo_uuid *id, int64_t version)
{
    uint64_t before = stats_of(cache)->local_hits;

    EVENTUALLY(held_version(cache, id) == version && stats_of(cache)->local_hits > before);
}

/* The version that a cache gives, 0 for none and for a cache in trouble. */
static int64_t version_if_any(todo_cache *cache, const todo_uuid *id)
{
    const todo_item *item = NULL;
    int64_t version = 0;

    if (todo_cache_get(cache, NULL, id, &item, NULL) == TODO_OK && item != NULL)
        version = item->version;
    todo_item_unref(item);
    return version;
}

/* ---- what is held ---- */

static void what_redis_gave_is_served_without_asking_it_again(void **state)
{
    fixture *fx = *state;
    uint64_t hits;

    put_version(fx->one, &fx->id, 1);
    until_held(fx->one, &fx->id, 1);
    hits = stats_of(fx->one)->hits;
    for (int i = 0; i < 10; i++)
        assert_int_equal(held_version(fx->one, &fx->id), 1);
    assert_in_range(stats_of(fx->one)->hits, hits, hits + 9);
}

static void what_another_changes_is_heard_of(void **state)
{
    fixture *fx = *state;

    put_version(fx->one, &fx->id, 1);
    until_held(fx->one, &fx->id, 1);
    put_version(fx->other, &fx->id, 2);
    EVENTUALLY(held_version(fx->one, &fx->id) == 2);
    until_held(fx->one, &fx->id, 2);
    assert_int_equal(todo_cache_remove_at(fx->other, NULL, &fx->id, 3, NULL), TODO_OK);
    EVENTUALLY(held_version(fx->one, &fx->id) == 0);
    put_version(fx->other, &fx->id, 4);
    EVENTUALLY(held_version(fx->one, &fx->id) == 4);
    assert_int_equal(todo_cache_remove(fx->other, NULL, &fx->id, NULL), TODO_OK);
    EVENTUALLY(held_version(fx->one, &fx->id) == 0);
    assert_true(stats_of(fx->one)->changes > 0);
}

static void ones_own_change_is_seen_at_once(void **state)
{
    fixture *fx = *state;

    for (int64_t version = 1; version <= 500; version++) {
        put_version(fx->one, &fx->id, version);
        assert_int_equal(held_version(fx->one, &fx->id), version);
        assert_int_equal(held_version(fx->one, &fx->id), version);
        version_if_any(fx->other, &fx->id);
    }
    assert_int_equal(todo_cache_remove(fx->one, NULL, &fx->id, NULL), TODO_OK);
    assert_int_equal(held_version(fx->one, &fx->id), 0);
}

/* What is held here ends with it (tests/unit/test_redis_local.c). */
static void the_time_to_live_is_the_one_that_redis_has(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;
    int64_t expires_at = 0;
    int64_t before = todo__monotonic_us();

    put_version(fx->one, &fx->id, 1);
    raw_do("EXPIRE %s 7", key_of(&fx->id));
    assert_int_equal(
        todo__remote_get(&todo__redis_cache_of(fx->one)->remote, NULL, &fx->id, &item, &expires_at, NULL),
        TODO_OK);
    assert_in_range(expires_at, before, todo__monotonic_us() + 7 * 1000000);
    todo_item_unref(item);
}

static void flushing_redis_flushes_what_is_held(void **state)
{
    fixture *fx = *state;

    put_version(fx->one, &fx->id, 1);
    until_held(fx->one, &fx->id, 1);
    raw_do("FLUSHALL");
    EVENTUALLY(held_version(fx->one, &fx->id) == 0);
}

static void the_memory_is_bounded(void **state)
{
    fixture *fx = *state;
    todo_cache *small = listening_cache(redis_url("", ""), PATIENT_MS, 0, 64 * 1024);
    todo__local *local = todo__redis_cache_of(small)->local;

    until_it_serves(small);
    for (unsigned i = 0; i < 2000; i++) {
        todo_uuid id = fake_id((uint8_t)(i % 251));

        id.bytes[0] = (uint8_t)(i / 251 + 1);
        put_version(fx->one, &id, 1);
        assert_int_equal(held_version(small, &id), 1);
        assert_in_range(todo__local_usage_of(local).bytes, 0, 64 * 1024);
    }
    assert_in_range(todo__local_usage_of(local).items, 50, 400);
    todo_cache_unref(small);
}

/* ---- loading ---- */

/* A database that counts its readers, and what else happens while it is read. */
typedef struct database {
    fixture *fx;
    pthread_t thread;
    atomic_uint *reads;
    int64_t version;
    void (*meanwhile)(fixture *fx);
} database;

static todo_status read_database(void *arg, const todo_item **ret_item, todo_error *error)
{
    database *this = arg;
    const todo_item *item = item_of_version(&this->fx->id, this->version);

    (void)error;
    atomic_fetch_add(this->reads, 1);
    if (this->meanwhile != NULL)
        this->meanwhile(this->fx);
    *ret_item = item;
    return TODO_OK;
}

static void *load_once(void *arg)
{
    database *this = arg;
    const todo_item *item = NULL;

    assert_int_equal(todo_cache_load(this->fx->one, NULL, &this->fx->id, read_database, this, &item, NULL),
                     TODO_OK);
    assert_int_equal(item->version, this->version);
    todo_item_unref(item);
    return NULL;
}

static void take_a_while(fixture *fx)
{
    (void)fx;
    usleep(50000);
}

static void one_loads_for_all(void **state)
{
    fixture *fx = *state;
    atomic_uint reads = 0;
    database readers[16];

    for (unsigned i = 0; i < COUNT_OF(readers); i++) {
        readers[i] = (database){.fx = fx, .reads = &reads, .version = 1, .meanwhile = take_a_while};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, load_once, &readers[i]), 0);
    }
    for (unsigned i = 0; i < COUNT_OF(readers); i++)
        pthread_join(readers[i].thread, NULL);
    assert_int_equal(reads, 1);
    EVENTUALLY(held_version(fx->other, &fx->id) == 1);
}

static void another_writes(fixture *fx)
{
    put_version(fx->other, &fx->id, 2);
}

static void what_was_overtaken_while_it_was_read_is_not_put(void **state)
{
    fixture *fx = *state;
    atomic_uint reads = 0;
    database reader = {.fx = fx, .reads = &reads, .version = 1, .meanwhile = another_writes};

    load_once(&reader);
    assert_int_equal(held_version(fx->other, &fx->id), 2);
    EVENTUALLY(held_version(fx->one, &fx->id) == 2);
}

static void this_process_writes(fixture *fx)
{
    put_version(fx->one, &fx->id, 2);
}

static void what_this_process_changed_while_it_was_read_is_not_held(void **state)
{
    fixture *fx = *state;
    atomic_uint reads = 0;
    database reader = {.fx = fx, .reads = &reads, .version = 1, .meanwhile = this_process_writes};

    load_once(&reader);
    assert_int_equal(held_version(fx->one, &fx->id), 2);
}

/* A tombstone keeps everybody's puts out: nobody would hear of a change of what was loaded over it. */
static void what_redis_keeps_out_is_not_held(void **state)
{
    fixture *fx = *state;
    atomic_uint reads = 0;
    database reader = {.fx = fx, .reads = &reads, .version = 1};
    uint64_t heard = stats_of(fx->one)->changes;

    assert_int_equal(todo_cache_remove(fx->other, NULL, &fx->id, NULL), TODO_OK);
    EVENTUALLY(stats_of(fx->one)->changes > heard);
    load_once(&reader);
    put_version(fx->other, &fx->id, 2);
    reader.version = 2;
    load_once(&reader);
    assert_int_equal(reads, 2);
}

static void redis_restarts(fixture *fx)
{
    (void)fx;
    redis_control("stop");
    redis_control("start");
}

/* A write that Redis forgot in the restart could not hold the older state back that the reader brings. */
static void nothing_read_before_a_restart_is_put_after_it(void **state)
{
    fixture *fx = *state;
    atomic_uint reads = 0;
    database reader = {.fx = fx, .reads = &reads, .version = 1, .meanwhile = redis_restarts};
    redisReply *held;

    load_once(&reader);
    held = raw("EXISTS %s", key_of(&fx->id));
    assert_int_equal(held->integer, 0);
    freeReplyObject(held);
}

/* ---- in trouble ---- */

static void a_lost_listener_misses_nothing(void **state)
{
    fixture *fx = *state;

    for (int64_t version = 1; version <= 8; version++) {
        put_version(fx->other, &fx->id, version);
        until_held(fx->one, &fx->id, version);
        raw_do("CLIENT KILL TYPE pubsub");
        put_version(fx->other, &fx->id, version + 1);
        EVENTUALLY(held_version(fx->one, &fx->id) == version + 1);
    }
    assert_in_range(stats_of(fx->one)->listener_lost, 8, 16);
}

static void a_snapshot_of_some_time_ago_is_not_believed(void **state)
{
    fixture *fx = *state;

    put_version(fx->one, &fx->id, 1);
    raw_do("SAVE");
    put_version(fx->one, &fx->id, 2);
    redis_control("stop");
    redis_control("start");
    freeReplyObject(raw("EXISTS %s", key_of(&fx->id)));
    for (int i = 0; i < 20; i++) {
        assert_int_not_equal(version_if_any(fx->one, &fx->id), 1);
        assert_int_not_equal(version_if_any(fx->other, &fx->id), 1);
    }
    put_version(fx->one, &fx->id, 2);
    EVENTUALLY(version_if_any(fx->other, &fx->id) == 2);
    raw_do("FLUSHALL");
    raw_do("SAVE");
}

static void while_redis_is_paused_nothing_is_served_for_long(void **state)
{
    fixture *fx = *state;

    put_version(fx->one, &fx->id, 1);
    until_held(fx->one, &fx->id, 1);
    redis_signal(SIGSTOP);
    EVENTUALLY(version_if_any(fx->one, &fx->id) == 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(version_if_any(fx->one, &fx->id), 0);
    redis_signal(SIGCONT);
    EVENTUALLY(stats_of(fx->one)->listening);
}

/*
 * One changes an item and can't tell Redis, which is paused. Once it goes on, it holds the old state still: neither may
 * ever serve it, and one must tell Redis.
 */
static void a_change_that_redis_missed_is_made_good(void **state)
{
    fixture *fx = *state;
    const todo_item *newer = item_of_version(&fx->id, 2);

    put_version(fx->one, &fx->id, 1);
    until_held(fx->one, &fx->id, 1);
    until_held(fx->other, &fx->id, 1);
    redis_signal(SIGSTOP);
    assert_int_not_equal(todo_cache_put(fx->one, NULL, newer, NULL), TODO_OK);
    assert_int_equal(version_if_any(fx->one, &fx->id), 0);
    EVENTUALLY(!stats_of(fx->other)->listening && version_if_any(fx->other, &fx->id) == 0);
    redis_signal(SIGCONT);
    for (int i = 0; i < 300; i++) {
        assert_int_not_equal(version_if_any(fx->one, &fx->id), 1);
        assert_int_not_equal(version_if_any(fx->other, &fx->id), 1);
        usleep(10000);
    }
    EVENTUALLY(todo__floors_count(todo__redis_cache_of(fx->one)->floors) == 0);
    assert_int_equal(todo_cache_put(fx->one, NULL, newer, NULL), TODO_OK);
    EVENTUALLY(version_if_any(fx->other, &fx->id) == 2);
    todo_item_unref(newer);
}

static void a_removal_that_redis_missed_is_made_good(void **state)
{
    fixture *fx = *state;
    const todo_item *item = item_of_version(&fx->id, 1);

    put_version(fx->one, &fx->id, 1);
    redis_signal(SIGSTOP);
    assert_int_not_equal(todo_cache_remove(fx->one, NULL, &fx->id, NULL), TODO_OK);
    redis_signal(SIGCONT);
    EVENTUALLY(todo__floors_count(todo__redis_cache_of(fx->one)->floors) == 0);
    assert_int_equal(todo_cache_put(fx->other, NULL, item, NULL), TODO_OK);
    assert_int_equal(version_if_any(fx->other, &fx->id), 0);
    todo_item_unref(item);
}

/* What docs/operations.md asks for is enough. */
static void a_user_with_no_more_than_the_rights_it_takes_can_do_it_all(void **state)
{
    fixture *fx = *state;
    todo_cache *modest;

    raw_do("ACL SETUSER modest on >x ~todo:* &__redis__:invalidate +get +set +del +pttl +eval +evalsha +ping "
           "+info "
           "+select +client|id +client|tracking +subscribe");
    modest = listening_cache(redis_url("modest:x@", "/0"), PATIENT_MS, 0, 1024 * 1024);
    until_it_serves(modest);
    put_version(fx->one, &fx->id, 1);
    until_held(modest, &fx->id, 1);
    put_version(fx->one, &fx->id, 2);
    EVENTUALLY(held_version(modest, &fx->id) == 2);
    assert_int_equal(todo_cache_remove(modest, NULL, &fx->id, NULL), TODO_OK);
    assert_int_equal(stats_of(modest)->errors, 0);
    todo_cache_unref(modest);
    raw_do("ACL DELUSER modest");
}

static void who_may_not_listen_still_has_redis(void **state)
{
    fixture *fx = *state;
    todo_cache *deaf;

    raw_do("ACL SETUSER deaf on nopass ~todo:* +get +pttl +set +del +evalsha +eval +ping +info");
    deaf = listening_cache(redis_url("deaf:x@", ""), PATIENT_MS, 0, 1024 * 1024);
    put_version(deaf, &fx->id, 1);
    assert_int_equal(held_version(deaf, &fx->id), 1);
    put_version(fx->one, &fx->id, 2);
    assert_int_equal(held_version(deaf, &fx->id), 2);
    assert_false(stats_of(deaf)->listening);
    assert_int_equal(stats_of(deaf)->local_hits, 0);
    todo_cache_unref(deaf);
    raw_do("ACL DELUSER deaf");
}

/* ---- many at once ---- */

#define THREADS    12
#define ROUNDS     400
#define SHARED_IDS 4

typedef struct racer {
    todo_cache *cache;
    pthread_t thread;
    unsigned seed;
    bool writes;
    bool went_back;
} racer;

static atomic_int_fast64_t latest[SHARED_IDS];

/* Writers put rising versions; what a reader sees must never go back, and what a writer sees is never before its own. */
static void *race(void *arg)
{
    racer *self = arg;
    int64_t seen[SHARED_IDS] = {0};

    for (int round = 0; round < ROUNDS; round++) {
        unsigned which = rand_r(&self->seed) % SHARED_IDS;
        todo_uuid id = fake_id((uint8_t)(which + 10));
        int64_t version;

        if (self->writes) {
            version = atomic_fetch_add(&latest[which], 1) + 1;
            put_version(self->cache, &id, version);
            seen[which] = version > seen[which] ? version : seen[which];
        }
        version = held_version(self->cache, &id);
        /* A cache that lost sight of Redis answers nothing until it may be believed again. What it told before stands. */
        if (version == 0)
            continue;
        self->went_back = self->went_back || version < seen[which];
        seen[which] = version;
    }
    return NULL;
}

static void no_reader_ever_sees_an_older_version_after_a_newer_one(void **state)
{
    fixture *fx = *state;
    racer racers[THREADS] = {0};

    for (unsigned i = 0; i < SHARED_IDS; i++)
        latest[i] = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i] = (racer){.cache = i % 2 == 0 ? fx->one : fx->other, .seed = i, .writes = i % 6 < 2};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        assert_false(racers[i].went_back);
    }
    for (unsigned i = 0; i < SHARED_IDS; i++) {
        todo_uuid id = fake_id((uint8_t)(i + 10));

        EVENTUALLY(held_version(fx->one, &id) == latest[i] && held_version(fx->other, &id) == latest[i]);
    }
    assert_true(stats_of(fx->one)->local_hits > 100);
}

#define CASE(name)    cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define EARNEST(name) cmocka_unit_test_setup_teardown(name, set_up_earnest, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_redis_gave_is_served_without_asking_it_again),
        CASE(what_another_changes_is_heard_of),
        CASE(ones_own_change_is_seen_at_once),
        CASE(the_time_to_live_is_the_one_that_redis_has),
        CASE(flushing_redis_flushes_what_is_held),
        CASE(the_memory_is_bounded),
        CASE(one_loads_for_all),
        CASE(what_was_overtaken_while_it_was_read_is_not_put),
        CASE(what_this_process_changed_while_it_was_read_is_not_held),
        CASE(what_redis_keeps_out_is_not_held),
        CASE(nothing_read_before_a_restart_is_put_after_it),
        CASE(a_lost_listener_misses_nothing),
        CASE(a_snapshot_of_some_time_ago_is_not_believed),
        EARNEST(while_redis_is_paused_nothing_is_served_for_long),
        EARNEST(a_change_that_redis_missed_is_made_good),
        EARNEST(a_removal_that_redis_missed_is_made_good),
        CASE(a_user_with_no_more_than_the_rights_it_takes_can_do_it_all),
        CASE(who_may_not_listen_still_has_redis),
        CASE(no_reader_ever_sees_an_older_version_after_a_newer_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

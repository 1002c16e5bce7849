/* Two caches, as of two processes, over one real Redis: what one changes, the other must not answer for long. */
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

/* Reads until this process itself holds the todo. */
static void until_held(todo_cache *cache, const todo_uuid *id, int64_t version)
{
    uint64_t before = stats_of(cache)->local_hits;

    EVENTUALLY(version_in(cache, id) == version && stats_of(cache)->local_hits > before);
}

static void until_it_serves(todo_cache *cache)
{
    todo_uuid id = fake_id(250);

    until_held(cache, &id, change(cache, &id));
}

static int set_up_with(void **state, unsigned command_timeout_ms, unsigned grace_ms)
{
    static fixture fx;

    raw_do("FLUSHALL");
    database_reset();
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

/* ---- what is held ---- */

static void what_redis_gave_is_answered_without_asking_it_again(void **state)
{
    fixture *fx = *state;
    int64_t version = change(fx->one, &fx->id);
    uint64_t hits;

    until_held(fx->one, &fx->id, version);
    hits = stats_of(fx->one)->hits;
    for (int i = 0; i < 10; i++)
        assert_int_equal(version_in(fx->one, &fx->id), version);
    assert_int_equal(stats_of(fx->one)->hits, hits);
}

/* Once Redis knows the user, what is read from the database is held at once. */
static void what_was_read_is_held_at_once(void **state)
{
    fixture *fx = *state;
    int64_t version = (int64_t)commit(&fx->id);
    unsigned reads;

    version_in(fx->one, &fx->id); /* Redis hears of the number */
    EVENTUALLY(version_in(fx->one, &fx->id) == version);
    for (uint8_t i = 20; i < 40; i++) {
        todo_uuid id = fake_id(i);

        database.versions[i] = version;
        version_in(fx->one, &id);
        reads = database.reads;
        redis_signal(SIGSTOP);
        assert_int_equal(version_in(fx->one, &id), version);
        redis_signal(SIGCONT);
        assert_int_equal(database.reads, reads);
    }
}

static void what_another_changes_is_heard_of(void **state)
{
    fixture *fx = *state;
    int64_t version = change(fx->one, &fx->id);

    until_held(fx->one, &fx->id, version);
    version = change(fx->other, &fx->id);
    EVENTUALLY(held_version(fx->one, &fx->id) == version);
    until_held(fx->one, &fx->id, version);
    assert_int_equal(tell_removal(fx->other, &fx->id, commit_removal(&fx->id)), TODO_OK);
    EVENTUALLY(held_version(fx->one, &fx->id) == 0);
    version = change(fx->other, &fx->id);
    EVENTUALLY(held_version(fx->one, &fx->id) == version);
    assert_true(stats_of(fx->one)->changes > 0);
}

static void ones_own_change_is_seen_at_once(void **state)
{
    fixture *fx = *state;

    for (int i = 0; i < 500; i++) {
        int64_t version = change(fx->one, &fx->id);

        assert_int_equal(version_in(fx->one, &fx->id), version);
        assert_int_equal(version_in(fx->one, &fx->id), version);
        version_in(fx->other, &fx->id);
    }
    assert_int_equal(tell_removal(fx->one, &fx->id, commit_removal(&fx->id)), TODO_OK);
    assert_int_equal(version_in(fx->one, &fx->id), 0);
}

/* A change of one todo takes the user's others out of the processes, but not out of Redis. */
static void other_todos_of_the_user_stay_in_redis(void **state)
{
    fixture *fx = *state;
    todo_uuid other = fake_id(2);
    int64_t version = change(fx->one, &other);
    unsigned reads = database.reads;

    until_held(fx->one, &other, version);
    for (int i = 0; i < 20; i++) {
        change(fx->other, &fx->id);
        assert_int_equal(version_in(fx->one, &other), version);
    }
    assert_int_equal(database.reads, reads);
}

static void what_is_held_meets_a_demand_that_it_shows(void **state)
{
    fixture *fx = *state;
    todo_sequence sequence = {0, 0}, demand;
    todo_call call = TODO_CALL_INIT;
    int64_t version = change(fx->one, &fx->id);
    uint64_t hits;

    until_held(fx->one, &fx->id, version);
    demand = (todo_sequence){DATABASE_EPOCH, database.number};
    call.at_least = &demand;
    call.ret_sequence = &sequence;
    hits = stats_of(fx->one)->local_hits;
    assert_int_equal(version_for(fx->one, &call, &fx->id), version);
    assert_int_equal(stats_of(fx->one)->local_hits, hits + 1);
    assert_int_equal(todo_sequence_compare(&sequence, &demand), 0);
    version = (int64_t)commit(&fx->id);
    demand.number++;
    assert_int_equal(version_for(fx->one, &call, &fx->id), version);
    assert_int_equal(todo_sequence_compare(&sequence, &demand), 0);
}

static void flushing_redis_flushes_what_is_held(void **state)
{
    fixture *fx = *state;

    until_held(fx->one, &fx->id, change(fx->one, &fx->id));
    raw_do("FLUSHALL");
    EVENTUALLY(held_version(fx->one, &fx->id) == 0);
}

static void the_memory_is_bounded(void **state)
{
    fixture *fx = *state;
    todo_cache *small = listening_cache(redis_url("", ""), PATIENT_MS, 0, 32 * 1024);
    todo__held *held = todo__redis_cache_of(small)->held;

    until_it_serves(small);
    for (unsigned i = 0; i < 250; i++) {
        todo_uuid id = fake_id((uint8_t)i);

        commit(&id);
    }
    change(fx->one, &fx->id);
    for (unsigned i = 0; i < 1000; i++) {
        todo_uuid id = fake_id((uint8_t)(i % 250));

        assert_int_equal(version_in(small, &id), database.versions[i % 250]);
        assert_in_range(todo__held_usage_of(held).bytes, 0, 32 * 1024);
    }
    assert_in_range(todo__held_usage_of(held).items, 20, 100);
    todo_cache_unref(small);
}

/* ---- races ---- */

static fixture *now_racing;

static void another_changes_it(void)
{
    change(now_racing->other, &now_racing->id);
}

static void this_one_changes_it(void)
{
    change(now_racing->one, &now_racing->id);
}

/* Between the reading of the database and the keeping. */
static void what_was_overtaken_while_it_was_read_is_not_kept(void **state)
{
    fixture *fx = *state;

    todo_uuid other = fake_id(2);

    now_racing = fx;
    commit(&fx->id);
    for (int i = 0; i < 100; i++) {
        raw_do("DEL %s", key_of(&fx->id));
        change(fx->other, &other); /* so that neither holds it */
        database.meanwhile = i % 2 == 0 ? another_changes_it : this_one_changes_it;
        EVENTUALLY((version_in(fx->one, &fx->id), database.meanwhile == NULL));
        if (i % 2 == 1)
            assert_int_equal(version_in(fx->one, &fx->id), database.versions[1]);
        EVENTUALLY(version_in(fx->one, &fx->id) == database.versions[1]);
        assert_int_equal(version_in(fx->other, &fx->id), database.versions[1]);
    }
}

static void redis_restarts(void)
{
    redis_control("stop");
    redis_control("start");
}

/* A change that Redis forgot in the restart could not keep the older state out that the reader brings. */
static void nothing_read_before_a_restart_is_kept_after_it(void **state)
{
    fixture *fx = *state;
    redisReply *held;

    commit(&fx->id);
    database.meanwhile = redis_restarts;
    version_in(fx->one, &fx->id);
    held = raw("EXISTS %s", key_of(&fx->id));
    assert_int_equal(held->integer, 0);
    freeReplyObject(held);
}

/* ---- in trouble ---- */

static void a_lost_listener_misses_nothing(void **state)
{
    fixture *fx = *state;

    for (int i = 0; i < 8; i++) {
        int64_t version = change(fx->other, &fx->id);

        until_held(fx->one, &fx->id, version);
        raw_do("CLIENT KILL TYPE pubsub");
        version = change(fx->other, &fx->id);
        EVENTUALLY(version_in(fx->one, &fx->id) == version);
    }
    assert_in_range(stats_of(fx->one)->listener_lost, 8, 16);
}

static void a_snapshot_of_some_time_ago_is_not_believed(void **state)
{
    fixture *fx = *state;
    int64_t old = change(fx->one, &fx->id), version;

    raw_do("SAVE");
    version = change(fx->one, &fx->id);
    redis_control("stop");
    redis_control("start");
    freeReplyObject(raw("EXISTS %s", key_of(&fx->id)));
    for (int i = 0; i < 20; i++) {
        assert_int_not_equal(held_version(fx->one, &fx->id), old);
        assert_int_equal(version_in(fx->other, &fx->id), version);
    }
    until_held(fx->other, &fx->id, version);
    raw_do("FLUSHALL");
    raw_do("SAVE");
}

static void while_redis_is_paused_nothing_is_answered_from_memory_for_long(void **state)
{
    fixture *fx = *state;

    until_held(fx->one, &fx->id, change(fx->one, &fx->id));
    redis_signal(SIGSTOP);
    EVENTUALLY(held_version(fx->one, &fx->id) == 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(held_version(fx->one, &fx->id), 0);
    redis_signal(SIGCONT);
    EVENTUALLY(stats_of(fx->one)->listening);
}

/*
 * One changes a todo and can't tell Redis, which is paused. Once it goes on, it has the old state still: neither may
 * ever answer with it, and one must tell Redis.
 */
static void a_change_that_redis_missed_is_made_good(void **state)
{
    fixture *fx = *state;
    int64_t old = change(fx->one, &fx->id), version = old;

    until_held(fx->one, &fx->id, old);
    until_held(fx->other, &fx->id, old);
    redis_signal(SIGSTOP);
    /* The first are on their way when Redis stops, the last are not even sent. */
    for (int i = 0; i < 6; i++) {
        version = (int64_t)commit(&fx->id);
        assert_int_not_equal(tell(fx->one, &fx->id, (uint64_t)version), TODO_OK);
    }
    assert_int_equal(version_in(fx->one, &fx->id), version);
    EVENTUALLY(!stats_of(fx->other)->listening && version_in(fx->other, &fx->id) == version);
    redis_signal(SIGCONT);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(version_in(fx->one, &fx->id), version);
        assert_int_equal(version_in(fx->other, &fx->id), version);
        usleep(10000);
    }
    EVENTUALLY(todo__untold_count(todo__redis_cache_of(fx->one)->untold) == 0);
    until_held(fx->one, &fx->id, version);
    until_held(fx->other, &fx->id, version);
}

static void a_doubt_that_redis_missed_is_made_good(void **state)
{
    fixture *fx = *state;

    change(fx->one, &fx->id);
    redis_signal(SIGSTOP);
    assert_int_not_equal(tell_doubt(fx->one), TODO_OK);
    redis_signal(SIGCONT);
    EVENTUALLY(todo__untold_count(todo__redis_cache_of(fx->one)->untold) == 0);
    assert_int_equal(version_in(fx->other, &fx->id), database.number);
    assert_int_equal(held_version(fx->other, &fx->id), 0);
    commit(&fx->id);
    assert_int_equal(version_in(fx->other, &fx->id), database.number);
}

/* What docs/operations.md asks for is enough. */
static void a_user_with_no_more_than_the_rights_it_takes_can_do_it_all(void **state)
{
    fixture *fx = *state;
    todo_cache *modest;
    int64_t version;

    raw_do("ACL SETUSER modest on >x ~todo:* &__redis__:invalidate +get +mget +set +del +pttl +pexpire +eval "
           "+evalsha +ping +info +select +client|id +client|tracking +subscribe");
    modest = listening_cache(redis_url("modest:x@", "/0"), PATIENT_MS, 0, 1024 * 1024);
    until_it_serves(modest);
    version = change(fx->one, &fx->id);
    until_held(modest, &fx->id, version);
    version = change(fx->one, &fx->id);
    EVENTUALLY(version_in(modest, &fx->id) == version);
    assert_int_equal(tell_removal(modest, &fx->id, commit_removal(&fx->id)), TODO_OK);
    assert_int_equal(tell_doubt(modest), TODO_OK);
    assert_int_equal(stats_of(modest)->errors, 0);
    todo_cache_unref(modest);
    raw_do("ACL DELUSER modest");
}

static void a_user_without_the_right_to_listen_still_has_redis(void **state)
{
    fixture *fx = *state;
    todo_cache *deaf;

    raw_do(
        "ACL SETUSER deaf on nopass ~todo:* +get +mget +pttl +pexpire +set +del +evalsha +eval +ping +info");
    deaf = listening_cache(redis_url("deaf:x@", ""), PATIENT_MS, 0, 1024 * 1024);
    EVENTUALLY((change(deaf, &fx->id), held_version(deaf, &fx->id) == (int64_t)database.number));
    change(fx->one, &fx->id);
    assert_int_equal(held_version(deaf, &fx->id), database.number);
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

/* What a reader sees must never go back, and what a writer sees is never before its own change. */
static void *race(void *arg)
{
    racer *self = arg;
    int64_t seen[SHARED_IDS] = {0};

    for (int round = 0; round < ROUNDS; round++) {
        unsigned which = rand_r(&self->seed) % SHARED_IDS;
        todo_uuid id = fake_id((uint8_t)(which + 10));
        int64_t version;

        if (self->writes) {
            version = change(self->cache, &id);
            seen[which] = version > seen[which] ? version : seen[which];
        }
        version = version_in(self->cache, &id);
        self->went_back = self->went_back || version < seen[which];
        seen[which] = version;
    }
    return NULL;
}

static void no_reader_ever_sees_an_older_version_after_a_newer_one(void **state)
{
    fixture *fx = *state;
    racer racers[THREADS] = {0};

    for (unsigned i = 0; i < SHARED_IDS; i++) {
        todo_uuid id = fake_id((uint8_t)(i + 10));

        commit(&id);
    }
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

        EVENTUALLY(version_in(fx->one, &id) == database.versions[i + 10] &&
                   version_in(fx->other, &id) == database.versions[i + 10]);
    }
    assert_true(stats_of(fx->one)->hits > 0);
}

#define CASE(name)    cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define EARNEST(name) cmocka_unit_test_setup_teardown(name, set_up_earnest, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_redis_gave_is_answered_without_asking_it_again),
        CASE(what_was_read_is_held_at_once),
        CASE(what_another_changes_is_heard_of),
        CASE(ones_own_change_is_seen_at_once),
        CASE(other_todos_of_the_user_stay_in_redis),
        CASE(what_is_held_meets_a_demand_that_it_shows),
        CASE(flushing_redis_flushes_what_is_held),
        CASE(the_memory_is_bounded),
        CASE(what_was_overtaken_while_it_was_read_is_not_kept),
        CASE(nothing_read_before_a_restart_is_kept_after_it),
        CASE(a_lost_listener_misses_nothing),
        CASE(a_snapshot_of_some_time_ago_is_not_believed),
        EARNEST(while_redis_is_paused_nothing_is_answered_from_memory_for_long),
        EARNEST(a_change_that_redis_missed_is_made_good),
        EARNEST(a_doubt_that_redis_missed_is_made_good),
        CASE(a_user_with_no_more_than_the_rights_it_takes_can_do_it_all),
        CASE(a_user_without_the_right_to_listen_still_has_redis),
        CASE(no_reader_ever_sees_an_older_version_after_a_newer_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Lists in two caches, as of two processes, over one real Redis: what one changes, the other must not show for long. */
#include "testing.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "redis_testing.h"

#include "adapters/backend.h"

typedef struct fixture {
    todo_cache *one;
    todo_cache *other;
    todo_uuid id; /* of a todo that changes */
} fixture;

static todo_cache *open_cache(unsigned command_timeout_ms, unsigned grace_ms, bool replicated)
{
    return cache_with((todo__redis_options){.command_timeout_ms = command_timeout_ms,
                                            .grace_ms = grace_ms,
                                            .local_bytes = 1024 * 1024,
                                            .listen = true,
                                            .replicated = replicated});
}

/* Whether the list shows all todos as they are now. */
static bool shows_all(todo_cache *cache)
{
    int64_t sum, truth = 0;

    list_for(cache, NULL, NULL, &sum);
    for (unsigned i = 0; i < 256; i++)
        truth += database.versions[i];
    return sum == truth;
}

static void until_held(todo_cache *cache)
{
    uint64_t before = stats_of(cache)->list_hits;

    EVENTUALLY(shows_all(cache) && stats_of(cache)->list_hits > before);
}

static uint64_t lists_held(todo_cache *cache)
{
    return todo__held_usage_of(todo__redis_cache_of(cache)->held).lists;
}

static int set_up_with(void **state, unsigned command_timeout_ms, unsigned grace_ms, bool replicated)
{
    static fixture fx;

    raw_do("FLUSHALL");
    database_reset();
    fx = (fixture){.id = fake_id(1)};
    for (uint8_t i = 1; i <= 3; i++)
        commit(&(todo_uuid){.bytes = {[15] = i}});
    fx.one = open_cache(command_timeout_ms, grace_ms, replicated);
    fx.other = open_cache(command_timeout_ms, grace_ms, replicated);
    *state = &fx;
    until_held(fx.one);
    until_held(fx.other);
    return 0;
}

/* Patient, and without a moment of disbelief. */
static int set_up(void **state)
{
    return set_up_with(state, PATIENT_MS, 0, false);
}

static int set_up_replicated(void **state)
{
    return set_up_with(state, PATIENT_MS, 0, true);
}

/* As in earnest. */
static int set_up_earnest(void **state)
{
    return set_up_with(state, TODO__REDIS_COMMAND_TIMEOUT_MS, TODO__REDIS_GRACE_MS, false);
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

static void what_is_held_is_shown_without_asking_any_server(void **state)
{
    fixture *fx = *state;
    unsigned reads = database.reads;
    uint64_t errors;

    redis_signal(SIGSTOP);
    errors = stats_of(fx->one)->errors;
    assert_int_equal(list_for(fx->one, NULL, NULL, NULL), 3);
    redis_signal(SIGCONT);
    assert_int_equal(stats_of(fx->one)->errors, errors);
    assert_int_equal(database.reads, reads);
}

static void ones_own_change_is_seen_at_once(void **state)
{
    fixture *fx = *state;

    for (int i = 0; i < 200; i++) {
        change(fx->one, &fx->id);
        assert_true(shows_all(fx->one));
        assert_true(shows_all(fx->one));
    }
}

static void what_another_changes_is_heard_of(void **state)
{
    fixture *fx = *state;

    for (int i = 0; i < 20; i++) {
        change(fx->other, &fx->id);
        EVENTUALLY(shows_all(fx->one));
        until_held(fx->one);
    }
}

static void what_redis_drops_is_dropped_here_too(void **state)
{
    fixture *fx = *state;
    unsigned reads;

    change(fx->one, &fx->id);
    until_held(fx->other);
    reads = database.reads;
    raw_do("DEL %s", user_key());
    EVENTUALLY(shows_all(fx->other) && database.reads > reads);
}

static void each_member_of_the_query_counts(void **state)
{
    fixture *fx = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    unsigned reads = database.reads;

    query.ascending = true;
    list_for(fx->one, NULL, &query, NULL);
    assert_int_equal(database.reads, reads + 1);
    list_for(fx->one, NULL, &query, NULL);
    assert_int_equal(database.reads, reads + 1);
}

/* A purge changes no list that is held, so no cache may hold one of the trash. */
static void lists_of_the_trash_are_not_held(void **state)
{
    fixture *fx = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    unsigned reads = database.reads;

    query.deleted = true;
    for (unsigned i = 1; i <= 3; i++) {
        list_for(fx->one, NULL, &query, NULL);
        assert_int_equal(database.reads, reads + i);
    }
}

/* ---- races ---- */

static fixture *now_racing;

static void change_here(void)
{
    change(now_racing->one, &now_racing->id);
}

static void change_elsewhere(void)
{
    change(now_racing->other, &now_racing->id);
}

static void what_was_read_before_a_change_is_not_held(void **state)
{
    fixture *fx = *state;

    now_racing = fx;
    for (int i = 0; i < 100; i++) {
        change(fx->one, &fx->id); /* so that it is read anew */
        database.meanwhile = i % 2 == 0 ? change_here : change_elsewhere;
        EVENTUALLY((list_for(fx->one, NULL, NULL, NULL), database.meanwhile == NULL));
        if (i % 2 == 0)
            assert_true(shows_all(fx->one));
        EVENTUALLY(shows_all(fx->one));
        for (int j = 0; j < 20; j++)
            assert_true(shows_all(fx->one));
    }
}

static void while_a_change_may_still_come_nothing_is_held(void **state)
{
    fixture *fx = *state;

    assert_int_equal(tell_doubt(fx->one), TODO_OK);
    EVENTUALLY(lists_held(fx->other) == 0);
    for (int i = 0; i < 20; i++) {
        unsigned reads = database.reads;

        list_for(fx->one, NULL, NULL, NULL);
        list_for(fx->other, NULL, NULL, NULL);
        assert_int_equal(database.reads, reads + 2);
    }
    commit(&fx->id); /* here it comes, and no one says so */
    assert_true(shows_all(fx->one));
    assert_true(shows_all(fx->other));
    change(fx->other, &fx->id); /* another one does not end the doubt */
    list_for(fx->one, NULL, NULL, NULL);
    assert_int_equal(lists_held(fx->one), 0);
    raw_do("DEL %s", user_key()); /* as when its time has passed */
    until_held(fx->one);
}

/* ---- what a call demands ---- */

static void a_list_is_read_in_a_state_that_redis_has_heard_of(void **state)
{
    fixture *fx = *state;

    assert_true(database.demanded.epoch == UINT64_MAX); /* nothing was known of the user */
    change(fx->other, &fx->id);
    EVENTUALLY((list_for(fx->one, NULL, NULL, NULL), database.demanded.number == database.number));
    until_held(fx->one);
}

static void a_demand_is_met_by_a_list_that_shows_it(void **state)
{
    fixture *fx = *state;
    todo_sequence demand = {DATABASE_EPOCH, database.number}, sequence = {0, 0};
    todo_call call = TODO_CALL_INIT;
    unsigned reads = database.reads;

    call.at_least = &demand;
    call.ret_sequence = &sequence;
    list_for(fx->one, &call, NULL, NULL);
    assert_int_equal(database.reads, reads);
    assert_int_equal(todo_sequence_compare(&sequence, &demand), 0);
    commit(&fx->id);
    demand.number++;
    list_for(fx->one, &call, NULL, NULL);
    assert_int_equal(database.reads, reads + 1);
    assert_int_equal(todo_sequence_compare(&sequence, &demand), 0);
}

static void when_no_server_shows_that_a_list_is_given_but_not_held(void **state)
{
    fixture *fx = *state;

    change(fx->other, &fx->id);
    EVENTUALLY(lists_held(fx->one) == 0);
    database.primary_down = true;
    for (int i = 0; i < 5; i++)
        assert_int_equal(list_for(fx->one, NULL, NULL, NULL), 3);
    assert_int_equal(lists_held(fx->one), 0);
    database.primary_down = false;
    until_held(fx->one);
}

/* A list shows a change of which Redis has not heard: what others hold is older. */
static void a_list_that_is_ahead_of_redis_ends_what_is_older(void **state)
{
    fixture *fx = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;

    change(fx->one, &fx->id);
    until_held(fx->one);
    until_held(fx->other);
    commit(&fx->id); /* its process dies */
    query.ascending = true;
    list_for(fx->other, NULL, &query, NULL);
    assert_true(shows_all(fx->other));
    EVENTUALLY(shows_all(fx->one));
    assert_int_equal(version_in(fx->one, &fx->id), database.number);
}

/* ---- Redis in trouble ---- */

static void a_change_that_redis_sleeps_through_is_told_later(void **state)
{
    fixture *fx = *state;

    redis_signal(SIGSTOP);
    tell(fx->one, &fx->id, commit(&fx->id));
    assert_true(shows_all(fx->one));
    assert_int_equal(todo__untold_count(todo__redis_cache_of(fx->one)->untold), 1);
    EVENTUALLY(shows_all(fx->other));
    redis_signal(SIGCONT);
    for (int i = 0; i < 150; i++) {
        assert_true(shows_all(fx->one));
        assert_true(shows_all(fx->other));
        usleep(10000);
    }
    EVENTUALLY(todo__untold_count(todo__redis_cache_of(fx->one)->untold) == 0);
    until_held(fx->one);
    until_held(fx->other);
}

static void a_restart_of_redis_empties_it_and_is_not_noticed(void **state)
{
    fixture *fx = *state;

    redis_control("stop");
    tell(fx->one, &fx->id, commit(&fx->id));
    assert_true(shows_all(fx->one));
    EVENTUALLY(shows_all(fx->other));
    redis_control("start");
    for (int i = 0; i < 50; i++)
        assert_true(shows_all(fx->other));
    until_held(fx->one);
    until_held(fx->other);
    change(fx->one, &fx->id); /* the script is one that this Redis does not know */
    EVENTUALLY(shows_all(fx->other));
}

static void a_flush_empties_it_whatever_was_changed_and_by_whom(void **state)
{
    fixture *fx = *state;

    until_held(fx->one);
    database.versions[9] = 1; /* by a program that counts nothing */
    assert_int_equal(todo__redis_flush(fx->other, NULL, NULL, NULL), TODO_OK);
    EVENTUALLY(shows_all(fx->one));
    EVENTUALLY(shows_all(fx->other));
    until_held(fx->one);
}

static void a_lost_listener_empties_it(void **state)
{
    fixture *fx = *state;
    uint64_t lost = stats_of(fx->other)->listener_lost;

    raw_do("CLIENT KILL TYPE pubsub");
    EVENTUALLY(stats_of(fx->other)->listener_lost > lost);
    for (int i = 0; i < 20; i++) {
        change(fx->one, &fx->id);
        EVENTUALLY(shows_all(fx->other));
    }
    until_held(fx->other);
}

/* ---- memory ---- */

static void todos_and_lists_share_one_bound(void **state)
{
    fixture *fx = *state;
    todo__held *held = todo__redis_cache_of(fx->one)->held;
    uint64_t most = 0;

    for (unsigned i = 0; i < 100; i++)
        commit(&(todo_uuid){.bytes = {[15] = (uint8_t)i}});
    change(fx->one, &fx->id);
    for (unsigned i = 0; i < 200; i++) {
        todo_uuid id = fake_id((uint8_t)(i % 100));
        todo_list_query query = TODO_LIST_QUERY_INIT;
        uint64_t bytes;

        query.limit = i + 1;
        list_for(fx->one, NULL, &query, NULL);
        version_in(fx->one, &id);
        bytes = todo__held_usage_of(held).bytes;
        most = bytes > most ? bytes : most;
        assert_in_range(bytes, 0, 1024 * 1024);
    }
    assert_in_range(most, 1024 * 1024 - 40000, 1024 * 1024);
    assert_in_range(todo__held_usage_of(held).items, 10, 100);
    assert_in_range(todo__held_usage_of(held).lists, 20, 100);
}

#define CASE(name)       cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define REPLICATED(name) cmocka_unit_test_setup_teardown(name, set_up_replicated, tear_down)
#define EARNEST(name)    cmocka_unit_test_setup_teardown(name, set_up_earnest, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_held_is_shown_without_asking_any_server),
        CASE(ones_own_change_is_seen_at_once),
        CASE(what_another_changes_is_heard_of),
        CASE(what_redis_drops_is_dropped_here_too),
        CASE(each_member_of_the_query_counts),
        CASE(lists_of_the_trash_are_not_held),
        CASE(what_was_read_before_a_change_is_not_held),
        CASE(while_a_change_may_still_come_nothing_is_held),
        REPLICATED(a_list_is_read_in_a_state_that_redis_has_heard_of),
        CASE(a_demand_is_met_by_a_list_that_shows_it),
        REPLICATED(when_no_server_shows_that_a_list_is_given_but_not_held),
        CASE(a_list_that_is_ahead_of_redis_ends_what_is_older),
        EARNEST(a_change_that_redis_sleeps_through_is_told_later),
        EARNEST(a_restart_of_redis_empties_it_and_is_not_noticed),
        CASE(a_flush_empties_it_whatever_was_changed_and_by_whom),
        CASE(a_lost_listener_empties_it),
        CASE(todos_and_lists_share_one_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

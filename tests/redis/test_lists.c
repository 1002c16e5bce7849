/* Lists in two caches, as of two processes, over one real Redis: what one changes, the other must not show for long. */
#include "testing.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redis_testing.h"

#include "adapters/redis/cache.h"
#include "domain/consistency.h"
#include "util/monotonic.h"

/* Where the truth is: a user has so many todos now. */
typedef struct source {
    atomic_uint todos;
    unsigned calls;
    uint64_t position; /* that the last call asked for; 0: none */
    bool gave_token;   /* whether the last call wanted one */
    bool primary_down; /* calls that ask for a position fail */
    void (*meanwhile)(void *arg);
    void *arg;
} source;

typedef struct fixture {
    todo_cache *one;
    todo_cache *other;
    todo_uuid user;
    source truth;
} fixture;

static todo_cache *open_cache(unsigned command_timeout_ms, unsigned grace_ms, bool replicated)
{
    return cache_with((todo__redis_options){.command_timeout_ms = command_timeout_ms,
                                            .grace_ms = grace_ms,
                                            .local_bytes = 1024 * 1024,
                                            .listen = true,
                                            .replicated = replicated});
}

static todo_status read_truth(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                              todo_error *error)
{
    source *truth = arg;
    unsigned todos = atomic_load(&truth->todos);
    todo_uuid user = fake_id(101);
    todo_status status = TODO_OK;

    truth->calls++;
    truth->position = todo__consistency_position(call);
    truth->gave_token = call != NULL && call->ret_sequence != NULL;
    if (truth->primary_down && truth->position != 0)
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL, NULL);
    for (unsigned i = 0; i < todos && status == TODO_OK; i++) {
        const todo_item item = {
            .id = fake_id((uint8_t)i), .user_id = user, .title = "milk", .version = 1, .created_at = i};

        status = visit(visit_arg, &item);
    }
    if (truth->meanwhile != NULL) {
        void (*meanwhile)(void *) = truth->meanwhile;

        truth->meanwhile = NULL;
        meanwhile(truth->arg);
    }
    return status;
}

static todo_status count(void *arg, const todo_item *item)
{
    assert_string_equal(item->title, "milk");
    ++*(unsigned *)arg;
    return TODO_OK;
}

static unsigned list_with(fixture *fx, todo_cache *cache, const todo_call *call, const todo_list_query *query)
{
    unsigned seen = 0;

    assert_int_equal(
        todo_cache_list(cache, call, &fx->user, query, read_truth, &fx->truth, count, &seen, NULL), TODO_OK);
    return seen;
}

static unsigned list(fixture *fx, todo_cache *cache)
{
    return list_with(fx, cache, NULL, NULL);
}

static uint64_t pages_held(todo_cache *cache)
{
    return todo__pages_usage_of(todo__redis_cache_of(cache)->pages).pages;
}

/* Tells a cache that the user's todos changed. */
static void tell(fixture *fx, todo_cache *cache, const todo_sequence *sequence)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    change.user = fx->user;
    change.sequence = sequence;
    (void)todo_cache_note_change(cache, NULL, &change, NULL);
}

static void tell_position(fixture *fx, todo_cache *cache, uint64_t position)
{
    const todo_sequence sequence = {(uint64_t)todo_time_now(), position};

    tell(fx, cache, &sequence);
}

static void add_todo(fixture *fx, todo_cache *cache)
{
    atomic_fetch_add(&fx->truth.todos, 1);
    tell_position(fx, cache, 0);
}

static void until_held(fixture *fx, todo_cache *cache, unsigned todos)
{
    uint64_t before = stats_of(cache)->list_hits;

    EVENTUALLY(list(fx, cache) == todos && stats_of(cache)->list_hits > before);
}

static int set_up_with(void **state, unsigned command_timeout_ms, unsigned grace_ms, bool replicated)
{
    static fixture fx;

    raw_do("FLUSHALL");
    fx = (fixture){.user = fake_id(101)};
    fx.one = open_cache(command_timeout_ms, grace_ms, replicated);
    fx.other = open_cache(command_timeout_ms, grace_ms, replicated);
    fx.truth.todos = 3;
    *state = &fx;
    until_held(&fx, fx.one, 3);
    until_held(&fx, fx.other, 3);
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

static void what_is_held_is_shown_without_asking_anybody(void **state)
{
    fixture *fx = *state;
    unsigned calls = fx->truth.calls;
    uint64_t errors;

    assert_int_equal(list(fx, fx->one), 3);
    redis_signal(SIGSTOP);
    errors = stats_of(fx->one)->errors;
    assert_int_equal(list(fx, fx->one), 3);
    redis_signal(SIGCONT);
    assert_int_equal(stats_of(fx->one)->errors, errors);
    assert_in_range(fx->truth.calls, calls, calls + 1);
}

static void ones_own_change_is_seen_at_once(void **state)
{
    fixture *fx = *state;

    for (unsigned todos = 4; todos < 200; todos++) {
        add_todo(fx, fx->one);
        assert_int_equal(list(fx, fx->one), todos);
        assert_int_equal(list(fx, fx->one), todos);
    }
}

static void what_another_changes_is_heard_of(void **state)
{
    fixture *fx = *state;

    for (unsigned todos = 4; todos < 20; todos++) {
        add_todo(fx, fx->other);
        EVENTUALLY(list(fx, fx->one) == todos);
        until_held(fx, fx->one, todos);
    }
}

static void a_change_of_another_user_is_none(void **state)
{
    fixture *fx = *state;
    fixture stranger = {.user = fake_id(102)};
    uint64_t changes = stats_of(fx->other)->user_changes;
    unsigned calls;

    calls = fx->truth.calls;
    tell_position(&stranger, fx->one, 0);
    EVENTUALLY(stats_of(fx->other)->user_changes > changes);
    assert_int_equal(list(fx, fx->other), 3);
    assert_int_equal(fx->truth.calls, calls);
}

/* Redis drops what it holds, as when its memory is full or somebody flushes it. */
static void what_redis_drops_is_dropped_here_too(void **state)
{
    fixture *fx = *state;
    unsigned calls = fx->truth.calls;

    add_todo(fx, fx->one);
    until_held(fx, fx->other, 4);
    calls = fx->truth.calls;
    raw_do("FLUSHALL");
    EVENTUALLY(list(fx, fx->other) == 4 && fx->truth.calls > calls);
}

/* ---- races ---- */

static void add_here(void *arg)
{
    fixture *fx = arg;

    add_todo(fx, fx->one);
}

static void add_elsewhere(void *arg)
{
    fixture *fx = arg;

    add_todo(fx, fx->other);
}

/* Where the meanwhile of a list is: behind the reading, in front of the holding. */
static void what_was_read_before_an_own_change_is_not_held(void **state)
{
    fixture *fx = *state;

    for (unsigned todos = 3; todos < 50; todos++) {
        tell_position(fx, fx->one, 0); /* so that it is read anew */
        fx->truth.arg = fx;
        fx->truth.meanwhile = add_here;
        EVENTUALLY((list(fx, fx->one), fx->truth.meanwhile == NULL));
        assert_int_equal(list(fx, fx->one), todos + 1);
    }
}

static void what_was_read_before_a_change_elsewhere_is_not_held(void **state)
{
    fixture *fx = *state;

    for (unsigned todos = 3; todos < 50; todos++) {
        tell_position(fx, fx->one, 0);
        fx->truth.arg = fx;
        fx->truth.meanwhile = add_elsewhere;
        EVENTUALLY((list(fx, fx->one), fx->truth.meanwhile == NULL));
        EVENTUALLY(list(fx, fx->one) == todos + 1);
        for (int i = 0; i < 20; i++)
            assert_int_equal(list(fx, fx->one), todos + 1);
    }
}

/* ---- changes of which nobody knows whether they came about ---- */

static void while_a_change_may_still_come_nothing_is_held(void **state)
{
    fixture *fx = *state;

    tell(fx, fx->one, NULL);
    EVENTUALLY(pages_held(fx->other) == 0);
    for (int i = 0; i < 20; i++) {
        unsigned calls = fx->truth.calls;

        list(fx, fx->one);
        list(fx, fx->other);
        assert_int_equal(fx->truth.calls, calls + 2);
        usleep(1000);
    }
    atomic_fetch_add(&fx->truth.todos, 1); /* here it comes, and nobody says so */
    assert_int_equal(list(fx, fx->one), 4);
    assert_int_equal(list(fx, fx->other), 4);
    /* Another change does not end the doubt, nor make it last. */
    tell_position(fx, fx->other, 0x1000);
    for (int i = 0; i < 5; i++) {
        unsigned calls = fx->truth.calls;

        list(fx, fx->one);
        assert_int_equal(fx->truth.calls, calls + 1);
        usleep(1000);
    }
    raw_do("DEL todo:user:00000000-0000-0000-0000-000000000065"); /* as when its time has passed */
    until_held(fx, fx->one, 4);
}

/* ---- positions ---- */

static void without_a_standby_no_position_is_asked_for(void **state)
{
    fixture *fx = *state;

    tell_position(fx, fx->other, 0x1000);
    EVENTUALLY(pages_held(fx->one) == 0);
    list(fx, fx->one);
    assert_int_equal(fx->truth.position, 0);
}

static void a_standby_must_have_what_the_user_changed_anywhere(void **state)
{
    fixture *fx = *state;

    /* Nothing is known of a user who did not change anything of late. */
    assert_true(fx->truth.position == UINT64_MAX);
    tell_position(fx, fx->other, 0x1000);
    EVENTUALLY((list(fx, fx->one), fx->truth.position == 0x1000));
    until_held(fx, fx->one, 3);
    /* An older one that comes late is no news, but is heard of. */
    tell_position(fx, fx->other, 0x800);
    EVENTUALLY(pages_held(fx->one) == 0);
    list(fx, fx->one);
    assert_int_equal(fx->truth.position, 0x1000);
    until_held(fx, fx->one, 3);
    tell_position(fx, fx->other, UINT64_C(0x100000000));
    EVENTUALLY((list(fx, fx->one), fx->truth.position == UINT64_C(0x100000000)));
    /* One that came without a position: no standby is known to have it. */
    tell_position(fx, fx->other, 0);
    EVENTUALLY((list(fx, fx->one), fx->truth.position == UINT64_MAX));
    until_held(fx, fx->one, 3);
    tell_position(fx, fx->other, UINT64_C(0x100000001));
    EVENTUALLY(pages_held(fx->one) == 0);
    list(fx, fx->one);
    assert_true(fx->truth.position == UINT64_MAX);
}

/* What says how far a standby must be is held as long as pages of the user are. */
static void other_lists_of_the_user_need_no_question_to_redis(void **state)
{
    fixture *fx = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;

    tell_position(fx, fx->other, 0x1000);
    EVENTUALLY((list(fx, fx->one), fx->truth.position == 0x1000));
    until_held(fx, fx->one, 3);
    query.ascending = true;
    redis_signal(SIGSTOP);
    list_with(fx, fx->one, NULL, &query);
    redis_signal(SIGCONT);
    assert_int_equal(fx->truth.position, 0x1000);
}

/* A purge tells nobody, so nobody may hold what it took. */
static void lists_of_the_trash_are_not_held(void **state)
{
    fixture *fx = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    unsigned calls;

    until_held(fx, fx->one, 3);
    query.deleted = true;
    calls = fx->truth.calls;
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(list_with(fx, fx->one, NULL, &query), 3);
        assert_int_equal(fx->truth.calls, calls + i);
    }
}

/* Whoever lists sees at once that a todo is gone, and that it is back. */
static void a_way_into_the_trash_is_a_change_of_the_lists(void **state)
{
    fixture *fx = *state;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_uuid id = fake_id(2);

    put_version(fx->one, &id, 1);
    until_held(fx, fx->one, 3);
    change.user = fx->user;
    change.removed = &id;
    change.removed_version = 2;
    change.sequence = &(todo_sequence){1, 0};
    atomic_fetch_sub(&fx->truth.todos, 1);
    assert_int_equal(todo_cache_note_change(fx->one, NULL, &change, NULL), TODO_OK);
    assert_int_equal(list(fx, fx->one), 2);
    assert_int_equal(held_version(fx->one, &id), 0);
    put_version(fx->one, &id, 1);
    assert_int_equal(held_version(fx->one, &id), 0);
    put_version(fx->one, &id, 3);
    assert_int_equal(held_version(fx->one, &id), 3);
}

static void a_token_that_asks_for_more_is_kept(void **state)
{
    static const todo_sequence later = {1, 0x2000};
    fixture *fx = *state;
    todo_call call = TODO_CALL_INIT;
    todo_sequence given = {0, 0};

    tell_position(fx, fx->other, 0x1000);
    call.at_least = &later;
    call.ret_sequence = &given;
    EVENTUALLY((list_with(fx, fx->one, &call, NULL), fx->truth.position == 0x2000));
    assert_true(fx->truth.gave_token);
    call.at_least = NULL; /* who brings none wants none of a read */
    tell_position(fx, fx->other, 0x1000);
    EVENTUALLY((list_with(fx, fx->one, &call, NULL), fx->truth.position == 0x1000));
    assert_false(fx->truth.gave_token);
}

static void a_client_that_follows_is_not_shown_what_others_may_not_have_heard_of(void **state)
{
    static const todo_sequence old = {1, 1};
    fixture *fx = *state;
    todo_call call = TODO_CALL_INIT;
    todo_sequence given = {0, 0};
    unsigned calls;

    until_held(fx, fx->one, 3);
    calls = fx->truth.calls;
    call.at_least = &old;
    call.ret_sequence = &given;
    list_with(fx, fx->one, &call, NULL);
    assert_int_equal(fx->truth.calls, calls + 1);
    call.ret_sequence = NULL;
    list_with(fx, fx->one, &call, NULL);
    assert_int_equal(fx->truth.calls, calls + 1);
}

static void with_the_primary_down_a_standby_serves_but_is_not_believed(void **state)
{
    fixture *fx = *state;

    tell_position(fx, fx->other, 0x1000);
    EVENTUALLY(pages_held(fx->one) == 0);
    fx->truth.primary_down = true;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(list(fx, fx->one), 3);
        assert_int_equal(fx->truth.position, 0);
    }
    assert_int_equal(pages_held(fx->one), 0);
    fx->truth.primary_down = false;
    until_held(fx, fx->one, 3);
}

/* ---- Redis in trouble ---- */

static void a_change_that_redis_sleeps_through_is_told_later(void **state)
{
    fixture *fx = *state;

    redis_signal(SIGSTOP);
    add_todo(fx, fx->one);
    assert_int_equal(list(fx, fx->one), 4);
    assert_int_equal(todo__floors_count(todo__redis_cache_of(fx->one)->notes), 1);
    EVENTUALLY(list(fx, fx->other) == 4);
    redis_signal(SIGCONT);
    for (int i = 0; i < 150; i++) {
        assert_int_equal(list(fx, fx->one), 4);
        assert_int_equal(list(fx, fx->other), 4);
        usleep(10000);
    }
    EVENTUALLY(todo__floors_count(todo__redis_cache_of(fx->one)->notes) == 0);
    until_held(fx, fx->one, 4);
    until_held(fx, fx->other, 4);
}

static void a_restart_of_redis_empties_it_and_is_not_noticed(void **state)
{
    fixture *fx = *state;

    redis_control("stop");
    add_todo(fx, fx->one);
    assert_int_equal(list(fx, fx->one), 4);
    EVENTUALLY(list(fx, fx->other) == 4);
    redis_control("start");
    for (int i = 0; i < 50; i++)
        assert_int_equal(list(fx, fx->other), 4);
    until_held(fx, fx->one, 4);
    until_held(fx, fx->other, 4);
    add_todo(fx, fx->one); /* the script is one that this Redis does not know */
    EVENTUALLY(list(fx, fx->other) == 5);
}

static void a_flush_empties_it_whoever_changed_what(void **state)
{
    fixture *fx = *state;

    until_held(fx, fx->one, 3);
    until_held(fx, fx->other, 3);
    atomic_store(&fx->truth.todos, 7); /* by somebody who tells nobody, as of a backup that was restored */
    assert_int_equal(todo__redis_flush(fx->other, NULL, NULL, NULL), TODO_OK);
    EVENTUALLY(list(fx, fx->one) == 7);
    EVENTUALLY(list(fx, fx->other) == 7);
    until_held(fx, fx->one, 7);
}

static void a_lost_listener_empties_it(void **state)
{
    fixture *fx = *state;
    uint64_t lost = stats_of(fx->other)->listener_lost;

    raw_do("CLIENT KILL TYPE pubsub");
    EVENTUALLY(stats_of(fx->other)->listener_lost > lost);
    for (unsigned todos = 4; todos < 20; todos++) {
        add_todo(fx, fx->one);
        EVENTUALLY(list(fx, fx->other) == todos);
    }
    until_held(fx, fx->other, 19);
}

/* ---- memory ---- */

static void todos_and_lists_share_one_bound(void **state)
{
    fixture *fx = *state;
    todo__redis_cache *cache = todo__redis_cache_of(fx->one);
    uint64_t most = 0, heard = stats_of(fx->one)->changes;

    atomic_store(&fx->truth.todos, 250);
    for (unsigned i = 0; i < 200; i++) {
        todo_uuid id = fake_id((uint8_t)i);

        put_version(fx->other, &id, 1);
    }
    /* The word of a put that comes after an item was loaded would throw the item out again. */
    EVENTUALLY(stats_of(fx->one)->changes - heard >= 200);
    for (unsigned i = 0; i < 200; i++) {
        todo_uuid id = fake_id((uint8_t)i);
        todo_list_query query = TODO_LIST_QUERY_INIT;
        uint64_t bytes;

        query.limit = i + 1;
        list_with(fx, fx->one, NULL, &query);
        held_version(fx->one, &id);
        bytes = todo__local_usage_of(cache->local).bytes + todo__pages_usage_of(cache->pages).bytes;
        most = bytes > most ? bytes : most;
        assert_in_range(bytes, 0, 1024 * 1024);
    }
    assert_in_range(most, 1024 * 1024 - 20000, 1024 * 1024);
    assert_in_range(todo__local_usage_of(cache->local).items, 20, 200);
    assert_in_range(todo__pages_usage_of(cache->pages).pages, 40, 80);
}

#define CASE(name)            cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define CASE_REPLICATED(name) cmocka_unit_test_setup_teardown(name, set_up_replicated, tear_down)
#define CASE_EARNEST(name)    cmocka_unit_test_setup_teardown(name, set_up_earnest, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_held_is_shown_without_asking_anybody),
        CASE(ones_own_change_is_seen_at_once),
        CASE(what_another_changes_is_heard_of),
        CASE(a_change_of_another_user_is_none),
        CASE(what_redis_drops_is_dropped_here_too),
        CASE(what_was_read_before_an_own_change_is_not_held),
        CASE(what_was_read_before_a_change_elsewhere_is_not_held),
        CASE(while_a_change_may_still_come_nothing_is_held),
        CASE(without_a_standby_no_position_is_asked_for),
        CASE_REPLICATED(a_standby_must_have_what_the_user_changed_anywhere),
        CASE_REPLICATED(other_lists_of_the_user_need_no_question_to_redis),
        CASE(lists_of_the_trash_are_not_held),
        CASE(a_way_into_the_trash_is_a_change_of_the_lists),
        CASE_REPLICATED(a_token_that_asks_for_more_is_kept),
        CASE_REPLICATED(a_client_that_follows_is_not_shown_what_others_may_not_have_heard_of),
        CASE_REPLICATED(with_the_primary_down_a_standby_serves_but_is_not_believed),
        CASE_EARNEST(a_change_that_redis_sleeps_through_is_told_later),
        CASE_EARNEST(a_restart_of_redis_empties_it_and_is_not_noticed),
        CASE(a_flush_empties_it_whoever_changed_what),
        CASE(a_lost_listener_empties_it),
        CASE(todos_and_lists_share_one_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

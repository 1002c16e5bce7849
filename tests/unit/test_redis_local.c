#include "testing.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fakes.h"

#include "adapters/redis/local.h"
#include "util/monotonic.h"

#define HOUR_US   (INT64_C(3600) * 1000000)
#define IN_A_HOUR (todo__monotonic_us() + HOUR_US)

static todo__hold *hold;

static int set_up_with(void **state, size_t bytes)
{
    todo__local *local = NULL;

    assert_int_equal(todo__hold_new(bytes, &hold, NULL), TODO_OK);
    assert_int_equal(todo__local_new(hold, &local, NULL), TODO_OK);
    todo__hold_trust(hold);
    todo__hold_renew(hold, IN_A_HOUR);
    *state = local;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, 1024 * 1024);
}

static int set_up_small(void **state)
{
    return set_up_with(state, 10000);
}

static int tear_down(void **state)
{
    todo__local_free(*state);
    todo__hold_free(hold);
    return 0;
}

static const todo_item *item_titled(const todo_uuid *id, const char *title)
{
    todo_uuid user = fake_id(101);

    return fake_item(&user, id, title);
}

/* Loads an item as a reader would that finds it in Redis. */
static void load(todo__local *local, const todo_uuid *id, const char *title, int64_t expires_at)
{
    const todo_item *shared;
    todo__load *own = todo__local_begin(local, NULL, id, &shared);
    const todo_item *item = item_titled(id, title);

    assert_non_null(own);
    todo__local_publish(local, own, item, expires_at);
    todo__local_end(local, own);
    todo_item_unref(item);
}

static bool holds(todo__local *local, const todo_uuid *id, const char *title)
{
    const todo_item *item = todo__local_get(local, id);
    bool same = item != NULL && strcmp(item->title, title) == 0;

    todo_item_unref(item);
    return same;
}

static bool holds_nothing(todo__local *local, const todo_uuid *id)
{
    const todo_item *item = todo__local_get(local, id);

    todo_item_unref(item);
    return item == NULL;
}

static void what_was_loaded_is_held(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(17); /* of the same shard */

    load(*state, &id, "milk", IN_A_HOUR);
    assert_true(holds(*state, &id, "milk"));
    assert_true(holds_nothing(*state, &other));
    assert_int_equal(todo__local_usage_of(*state).items, 1);
}

static void a_hit_is_the_very_item(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *first, *second;

    load(*state, &id, "milk", IN_A_HOUR);
    first = todo__local_get(*state, &id);
    second = todo__local_get(*state, &id);
    assert_ptr_equal(first, second);
    todo__local_forget(*state, &id);
    assert_string_equal(first->title, "milk"); /* a reference outlives what is held */
    todo_item_unref(first);
    todo_item_unref(second);
}

static void nothing_is_served_beyond_the_lease(void **state)
{
    todo_uuid id = fake_id(1);

    load(*state, &id, "milk", IN_A_HOUR);
    todo__hold_renew(hold, todo__monotonic_us() - 1);
    assert_true(holds_nothing(*state, &id));
    todo__hold_renew(hold, IN_A_HOUR);
    assert_true(holds(*state, &id, "milk"));
}

static void nothing_is_served_beyond_its_time_to_live(void **state)
{
    todo_uuid id = fake_id(1);

    load(*state, &id, "milk", todo__monotonic_us() - 1);
    assert_true(holds_nothing(*state, &id));
    assert_int_equal(todo__local_usage_of(*state).items, 0);
}

static void an_item_of_unknown_time_to_live_is_not_held(void **state)
{
    todo_uuid id = fake_id(1);

    load(*state, &id, "milk", 0);
    assert_true(holds_nothing(*state, &id));
}

static void a_changed_item_is_forgotten(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(17);

    load(*state, &id, "milk", IN_A_HOUR);
    load(*state, &other, "bread", IN_A_HOUR);
    todo__local_forget(*state, &id);
    assert_true(holds_nothing(*state, &id));
    assert_true(holds(*state, &other, "bread"));
}

static void what_changes_while_it_is_loaded_is_not_held(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *item = item_titled(&id, "old");
    const todo_item *shared;
    todo__load *own = todo__local_begin(*state, NULL, &id, &shared);

    assert_true(todo__local_undisturbed(*state, own));
    todo__local_forget(*state, &id);
    assert_false(todo__local_undisturbed(*state, own));
    load(*state, &id, "new", IN_A_HOUR); /* another one need not wait for it */
    todo__local_publish(*state, own, item, IN_A_HOUR);
    assert_true(holds(*state, &id, "new"));
    todo__local_end(*state, own);
    assert_true(holds(*state, &id, "new"));
    todo_item_unref(item);
}

static void a_loss_empties_it_and_spoils_what_is_being_loaded(void **state)
{
    todo_uuid id = fake_id(1), other = fake_id(2);
    const todo_item *item = item_titled(&other, "bread");
    const todo_item *shared;
    todo__load *own = todo__local_begin(*state, NULL, &other, &shared);

    load(*state, &id, "milk", IN_A_HOUR);
    todo__hold_distrust(hold);
    todo__hold_trust(hold);
    todo__hold_renew(hold, IN_A_HOUR);
    todo__local_publish(*state, own, item, IN_A_HOUR);
    todo__local_end(*state, own);
    assert_true(holds_nothing(*state, &id));
    assert_true(holds_nothing(*state, &other));
    assert_int_equal(todo__local_usage_of(*state).bytes, 0);
    todo_item_unref(item);
}

static void what_is_loaded_without_trust_is_not_held(void **state)
{
    todo_uuid id = fake_id(1);

    todo__hold_distrust(hold);
    load(*state, &id, "milk", IN_A_HOUR);
    todo__hold_trust(hold);
    todo__hold_renew(hold, IN_A_HOUR);
    assert_true(holds_nothing(*state, &id));
}

static void the_bound_is_kept_and_the_least_used_goes(void **state)
{
    todo__local *local = *state;
    char title[200];
    todo_uuid id = fake_id(0), kept = fake_id(0);

    memset(title, 'x', sizeof(title) - 1);
    title[sizeof(title) - 1] = '\0';
    kept.bytes[0] = 1;
    load(local, &kept, title, IN_A_HOUR);
    for (unsigned i = 2; i < 250; i++) {
        id.bytes[0] = id.bytes[15] = (uint8_t)i; /* in all shards */
        load(local, &id, title, IN_A_HOUR);
        usleep(2); /* use is told apart by the microsecond */
        assert_true(holds(local, &kept, title));
        assert_in_range(todo__local_usage_of(local).bytes, 1, 10000);
    }
    assert_in_range(todo__local_usage_of(local).items, 10, 40);
    assert_true(holds(local, &id, title));
    id.bytes[0] = id.bytes[15] = 2;
    assert_true(holds_nothing(local, &id));
}

static void an_item_that_would_push_others_out_is_not_held(void **state)
{
    char *title = malloc(200000);
    todo_uuid id = fake_id(1), large = fake_id(17);

    memset(title, 'x', 199999);
    title[199999] = '\0';
    load(*state, &id, "milk", IN_A_HOUR);
    load(*state, &large, title, IN_A_HOUR);
    assert_true(holds_nothing(*state, &large));
    assert_true(holds(*state, &id, "milk"));
    free(title);
}

/* One who waits for somebody else's load. */
typedef struct waiter {
    todo__local *local;
    pthread_t thread;
    const todo_item *got;
    bool had_to_load;
} waiter;

static void *wait_for_load(void *arg)
{
    waiter *self = arg;
    todo_uuid id = fake_id(1);
    todo__load *own = todo__local_begin(self->local, NULL, &id, &self->got);

    self->had_to_load = own != NULL;
    if (own != NULL)
        todo__local_end(self->local, own);
    return NULL;
}

static void others_share_what_one_has_loaded(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *shared;
    const todo_item *item = item_titled(&id, "milk");
    todo__load *own = todo__local_begin(*state, NULL, &id, &shared);
    waiter early = {.local = *state}, late = {.local = *state};

    pthread_create(&early.thread, NULL, wait_for_load, &early);
    usleep(10000); /* it may be waiting by now; if not, it shares all the same */
    todo__local_publish(*state, own, item, 0);
    pthread_join(early.thread, NULL);
    wait_for_load(&late);
    todo__local_end(*state, own);
    assert_ptr_equal(early.got, item);
    assert_ptr_equal(late.got, item);
    todo_item_unref(early.got);
    todo_item_unref(late.got);
    todo_item_unref(item);
}

static void who_waits_for_a_load_that_fails_loads_for_itself(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *shared;
    todo__load *own = todo__local_begin(*state, NULL, &id, &shared);
    waiter other = {.local = *state};

    pthread_create(&other.thread, NULL, wait_for_load, &other);
    usleep(10000);
    todo__local_end(*state, own);
    pthread_join(other.thread, NULL);
    assert_null(other.got);
}

static void who_waits_gives_up_at_the_deadline(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *shared;
    todo__load *own = todo__local_begin(*state, NULL, &id, &shared);
    todo_call call = TODO_CALL_INIT;

    todo_call_set_timeout(&call, 1);
    assert_null(todo__local_begin(*state, &call, &id, &shared));
    assert_null(shared);
    todo__local_end(*state, own);
}

static void who_brings_a_token_takes_nobody_elses_load(void **state)
{
    todo_uuid id = fake_id(1);
    const todo_item *shared;
    const todo_item *item = item_titled(&id, "of a replica that is behind");
    todo__load *own = todo__local_begin(*state, NULL, &id, &shared);
    todo_call call = TODO_CALL_INIT;

    call.at_least = &(todo_sequence){1, 1};
    todo__local_publish(*state, own, item, 0);
    assert_null(todo__local_begin(*state, &call, &id, &shared));
    assert_null(shared);
    todo__local_end(*state, own);
    todo_item_unref(item);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_loaded_is_held),
        CASE(a_hit_is_the_very_item),
        CASE(nothing_is_served_beyond_the_lease),
        CASE(nothing_is_served_beyond_its_time_to_live),
        CASE(an_item_of_unknown_time_to_live_is_not_held),
        CASE(a_changed_item_is_forgotten),
        CASE(what_changes_while_it_is_loaded_is_not_held),
        CASE(a_loss_empties_it_and_spoils_what_is_being_loaded),
        CASE(what_is_loaded_without_trust_is_not_held),
        cmocka_unit_test_setup_teardown(the_bound_is_kept_and_the_least_used_goes, set_up_small, tear_down),
        CASE(an_item_that_would_push_others_out_is_not_held),
        CASE(others_share_what_one_has_loaded),
        CASE(who_waits_for_a_load_that_fails_loads_for_itself),
        CASE(who_waits_gives_up_at_the_deadline),
        CASE(who_brings_a_token_takes_nobody_elses_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

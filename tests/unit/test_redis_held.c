#include "testing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "fakes.h"

#include "adapters/redis/held.h"
#include "util/monotonic.h"

#define HOUR_US  (INT64_C(3600) * 1000000)
#define AN_HOUR  (todo__monotonic_us() + HOUR_US)
#define AS_OF(n) ((todo_sequence){1, (n)})

static todo_uuid ann, bob;
static const todo_list_query newest = {.size = sizeof(newest), .limit = 21};

static todo__held *held_of(size_t bytes, int64_t keep_us)
{
    todo__held *held = NULL;

    ann = fake_id(101);
    bob = fake_id(117); /* of the same shard */
    assert_int_equal(todo__held_new(bytes, keep_us, &held, NULL), TODO_OK);
    todo__held_trust(held);
    todo__held_renew(held, AN_HOUR);
    return held;
}

static int set_up(void **state)
{
    *state = held_of(1024 * 1024, HOUR_US);
    return 0;
}

static int tear_down(void **state)
{
    todo__held_free(*state);
    return 0;
}

static void add(todo__held *held, todo__load *load, const todo_uuid *user, unsigned count, const char *title)
{
    for (unsigned i = 0; i < count; i++) {
        const todo_item item = {
            .id = fake_id((uint8_t)i), .user_id = *user, .title = title, .version = 1, .created_at = i};

        todo__held_add(held, load, &item);
    }
}

static void load_as(todo__held *held, const todo__held_key *key, unsigned count, const char *title,
                    uint64_t number)
{
    todo__load load;

    assert_true(todo__held_begin(held, &key->user, &load));
    add(held, &load, &key->user, count, title);
    todo__held_publish(held, &load, key, AS_OF(number));
    todo__held_end(held, &load);
}

static void load_list(todo__held *held, const todo_uuid *user, unsigned count)
{
    todo__held_key key = todo__held_key_of_list(user, &newest);

    load_as(held, &key, count, "milk", 5);
}

static todo_status count(void *arg, const todo_item *item)
{
    assert_int_equal(item->created_at, *(unsigned *)arg);
    ++*(unsigned *)arg;
    return TODO_OK;
}

/* How many todos the held answer has; -1: it is not held. */
static int held_under(todo__held *held, const todo__held_key *key)
{
    todo_sequence as_of = {0, 0};
    todo__answer *answer = todo__held_get(held, key, &as_of);
    unsigned seen = 0;

    if (answer == NULL)
        return -1;
    assert_true(as_of.epoch == 1);
    assert_int_equal(todo__answer_visit(answer, count, &seen), TODO_OK);
    todo__answer_unref(answer);
    return (int)seen;
}

static int list_of(todo__held *held, const todo_uuid *user)
{
    todo__held_key key = todo__held_key_of_list(user, &newest);

    return held_under(held, &key);
}

static void what_was_read_is_held_with_what_it_shows(void **state)
{
    todo_uuid id = fake_id(0);
    todo__held_key item = todo__held_key_of_item(&ann, &id);
    todo__held_key list = todo__held_key_of_list(&ann, &newest);
    todo_sequence as_of;
    todo__answer *answer;
    const todo_item *got;

    load_as(*state, &item, 1, "bread", 7);
    load_as(*state, &list, 20, "milk", 8);
    answer = todo__held_get(*state, &item, &as_of);
    assert_true(answer != NULL && as_of.number == 7);
    got = todo__answer_item(answer);
    todo__answer_unref(answer);
    assert_string_equal(got->title, "bread");
    todo_item_unref(got);
    assert_int_equal(held_under(*state, &list), 20);
    assert_int_equal(todo__held_usage_of(*state).items, 1);
    assert_int_equal(todo__held_usage_of(*state).lists, 1);
}

static void each_member_of_a_query_names_another_list(void **state)
{
    const todo_cursor after = {.key = 7, .id = fake_id(7)}, later = {.key = 8, .id = fake_id(7)};
    const todo_list_query queries[] = {
        newest,
        {.size = sizeof(newest), .limit = 22},
        {.size = sizeof(newest), .limit = 21, .completed = TODO_ONLY_TRUE},
        {.size = sizeof(newest), .limit = 21, .completed = TODO_ONLY_FALSE},
        {.size = sizeof(newest), .limit = 21, .sort = TODO_SORT_UPDATED_AT},
        {.size = sizeof(newest), .limit = 21, .ascending = true},
        {.size = sizeof(newest), .limit = 21, .after = &after},
        {.size = sizeof(newest), .limit = 21, .after = &later},
    };

    for (unsigned i = 0; i < COUNT_OF(queries); i++) {
        todo__held_key key = todo__held_key_of_list(&ann, &queries[i]);

        assert_int_equal(held_under(*state, &key), -1);
        load_as(*state, &key, i, "milk", 1);
    }
    for (unsigned i = 0; i < COUNT_OF(queries); i++) {
        todo__held_key key = todo__held_key_of_list(&ann, &queries[i]);

        assert_int_equal(held_under(*state, &key), i);
    }
}

static void a_message_drops_all_of_the_user_and_only_that(void **state)
{
    todo_uuid id = fake_id(0);
    todo__held_key item = todo__held_key_of_item(&ann, &id), others = todo__held_key_of_item(&bob, &id);

    load_as(*state, &item, 1, "bread", 1);
    load_as(*state, &others, 1, "bread", 1);
    load_list(*state, &ann, 3);
    load_list(*state, &bob, 4);
    todo__held_forget(*state, &ann);
    assert_int_equal(held_under(*state, &item), -1);
    assert_int_equal(list_of(*state, &ann), -1);
    assert_int_equal(held_under(*state, &others), 1);
    assert_int_equal(list_of(*state, &bob), 4);
    assert_int_equal(todo__held_usage_of(*state).items, 1);
}

static void a_load_that_was_disturbed_is_not_held(void **state)
{
    todo__held_key key = todo__held_key_of_list(&ann, &newest);
    todo__load load;

    for (int how = 0; how < 3; how++) {
        assert_true(todo__held_begin(*state, &ann, &load));
        add(*state, &load, &ann, 3, "milk");
        if (how == 0)
            todo__held_forget(*state, &ann);
        else if (how == 1)
            todo__held_distrust(*state);
        else
            todo__held_forget(*state, &bob);
        todo__held_publish(*state, &load, &key, AS_OF(1));
        todo__held_end(*state, &load);
        assert_int_equal(list_of(*state, &ann), how == 2 ? 3 : -1);
        todo__held_trust(*state);
        todo__held_renew(*state, AN_HOUR);
    }
}

static void a_load_that_was_given_up_is_not_held(void **state)
{
    todo__held_key key = todo__held_key_of_list(&ann, &newest);
    todo__load load;

    assert_true(todo__held_begin(*state, &ann, &load));
    add(*state, &load, &ann, 3, "milk");
    todo__held_give_up(&load);
    add(*state, &load, &ann, 3, "milk");
    todo__held_publish(*state, &load, &key, AS_OF(1));
    todo__held_end(*state, &load);
    assert_int_equal(list_of(*state, &ann), -1);
}

static void without_a_lease_nothing_is_served(void **state)
{
    load_list(*state, &ann, 3);
    todo__held_renew(*state, todo__monotonic_us() - 1);
    assert_int_equal(list_of(*state, &ann), -1);
    todo__held_renew(*state, AN_HOUR);
    assert_int_equal(list_of(*state, &ann), 3);
}

static void after_a_loss_nothing_is_left_and_nothing_is_loaded(void **state)
{
    todo__load load;

    load_list(*state, &ann, 3);
    todo__held_distrust(*state);
    todo__held_renew(*state, AN_HOUR);
    assert_int_equal(list_of(*state, &ann), -1);
    assert_false(todo__held_begin(*state, &ann, &load));
    assert_int_equal(todo__held_usage_of(*state).bytes, 0);
    todo__held_trust(*state);
    load_list(*state, &ann, 3);
    assert_int_equal(list_of(*state, &ann), 3);
}

static void an_entry_ends_with_its_time(void **state)
{
    todo__held *brief = held_of(1024 * 1024, 20000);

    (void)state;
    load_list(brief, &ann, 3);
    assert_int_equal(list_of(brief, &ann), 3);
    usleep(25000);
    assert_int_equal(list_of(brief, &ann), -1);
    assert_int_equal(todo__held_usage_of(brief).lists, 0);
    todo__held_free(brief);
}

static void the_bound_is_kept_and_the_least_used_goes(void **state)
{
    todo__held *small = held_of(32 * 1024, HOUR_US);

    (void)state;
    load_list(small, &ann, 3);
    for (unsigned i = 0; i < 400; i++) {
        todo_uuid user = fake_id((uint8_t)(i % 100));

        user.bytes[0] = (uint8_t)(i + 1);
        load_list(small, &user, 2);
        assert_int_equal(list_of(small, &ann), 3);
        assert_in_range(todo__held_usage_of(small).bytes, 1, 32 * 1024);
    }
    assert_in_range(todo__held_usage_of(small).lists, 10, 60);
    todo__held_free(small);
}

static void nothing_takes_more_than_an_eighth(void **state)
{
    todo__held *small = held_of(32 * 1024, HOUR_US);

    (void)state;
    load_list(small, &ann, 200);
    assert_int_equal(list_of(small, &ann), -1);
    load_list(small, &ann, 5);
    assert_int_equal(list_of(small, &ann), 5);
    todo__held_free(small);
}

static void without_memory_for_it_nothing_is_held(void **state)
{
    todo__held *none = held_of(0, HOUR_US);
    todo__load load;

    (void)state;
    assert_false(todo__held_begin(none, &ann, &load));
    assert_int_equal(list_of(none, &ann), -1);
    todo__held_free(none);
}

#define THREADS 8
#define ROUNDS  3000

static todo__held *shared;
static atomic_uint latest;

/* Half of the threads change the user's list, the others must never see it go back. */
static void *race(void *arg)
{
    unsigned index = (unsigned)(uintptr_t)arg;
    todo__held_key key = todo__held_key_of_list(&ann, &newest);
    uint64_t seen = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        todo_sequence as_of;
        todo__answer *answer;
        unsigned before;

        if (index % 2 == 0) {
            atomic_fetch_add(&latest, 1);
            todo__held_forget(shared, &ann);
        }
        before = atomic_load(&latest);
        answer = todo__held_get(shared, &key, &as_of);
        if (answer != NULL) {
            if (as_of.number < seen)
                return (void *)"it went back";
            seen = as_of.number;
            todo__answer_unref(answer);
        } else {
            todo__load load;

            if (!todo__held_begin(shared, &ann, &load))
                return (void *)"nothing can be held";
            before = atomic_load(&latest);
            add(shared, &load, &ann, 2, "milk");
            todo__held_publish(shared, &load, &key, AS_OF(before));
            todo__held_end(shared, &load);
        }
    }
    return NULL;
}

static void no_answer_ever_goes_back(void **state)
{
    pthread_t threads[THREADS];

    shared = *state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, (void *)i), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *complaint = NULL;

        pthread_join(threads[i], &complaint);
        assert_null(complaint);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_read_is_held_with_what_it_shows),
        CASE(each_member_of_a_query_names_another_list),
        CASE(a_message_drops_all_of_the_user_and_only_that),
        CASE(a_load_that_was_disturbed_is_not_held),
        CASE(a_load_that_was_given_up_is_not_held),
        CASE(without_a_lease_nothing_is_served),
        CASE(after_a_loss_nothing_is_left_and_nothing_is_loaded),
        CASE(an_entry_ends_with_its_time),
        CASE(the_bound_is_kept_and_the_least_used_goes),
        CASE(nothing_takes_more_than_an_eighth),
        CASE(without_memory_for_it_nothing_is_held),
        CASE(no_answer_ever_goes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

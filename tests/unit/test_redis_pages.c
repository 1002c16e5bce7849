#include "testing.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fakes.h"

#include "adapters/redis/pages.h"
#include "util/monotonic.h"

#define HOUR_US   (INT64_C(3600) * 1000000)
#define IN_A_HOUR (todo__monotonic_us() + HOUR_US)

static todo__hold *hold;
static todo_uuid ann, bob;
static const todo_list_query newest = {.size = sizeof(newest), .limit = 21};

static int set_up_with(void **state, size_t bytes)
{
    todo__pages *pages = NULL;

    ann = fake_id(101);
    bob = fake_id(117); /* of the same shard */
    assert_int_equal(todo__hold_new(bytes, &hold, NULL), TODO_OK);
    assert_int_equal(todo__pages_new(hold, &pages, NULL), TODO_OK);
    todo__hold_trust(hold);
    todo__hold_renew(hold, IN_A_HOUR);
    *state = pages;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, 1024 * 1024);
}

static int set_up_small(void **state)
{
    return set_up_with(state, 32 * 1024);
}

static int tear_down(void **state)
{
    todo__pages_free(*state);
    todo__hold_free(hold);
    return 0;
}

/* A todo in which every member says something; without a description if its number is even. */
static todo_item item_of(const todo_uuid *user, unsigned number, const char *title)
{
    return (todo_item){.id = fake_id((uint8_t)number),
                       .user_id = *user,
                       .title = title,
                       .description = number % 2 == 1 ? "of oats" : NULL,
                       .completed = number % 3 == 0,
                       .created_at = 1000 + number,
                       .updated_at = 2000 + number,
                       .version = 1 + number};
}

static void fill(todo__page_load *load, unsigned count, const char *title)
{
    for (unsigned i = 0; i < count; i++) {
        todo_item item = item_of(&load->user, i, title);

        todo__pages_add(load, &item);
    }
}

static void publish(todo__pages *pages, todo__page_load *load, const todo_list_query *query,
                    int64_t expires_at)
{
    const todo__page_facts facts = {.position = 7, .read_at = 8, .expires_at = expires_at};

    todo__pages_publish(pages, load, query, &facts);
}

static void load_page(todo__pages *pages, const todo_uuid *user, const todo_list_query *query, unsigned count,
                      const char *title)
{
    todo__page_load load;

    assert_true(todo__pages_begin(pages, user, &load));
    fill(&load, count, title);
    publish(pages, &load, query, IN_A_HOUR);
    todo__pages_end(pages, &load);
}

/* What a visit has to see, and has seen. */
typedef struct expectation {
    const todo_uuid *user;
    const char *title;
    unsigned seen;
    unsigned stop_after;
} expectation;

static todo_status compare(void *arg, const todo_item *item)
{
    expectation *expected = arg;
    todo_item wanted = item_of(expected->user, expected->seen++, expected->title);

    assert_null(item->reserved);
    assert_int_equal(todo_uuid_compare(&item->id, &wanted.id), 0);
    assert_int_equal(todo_uuid_compare(&item->user_id, &wanted.user_id), 0);
    assert_string_equal(item->title, wanted.title);
    if (wanted.description == NULL)
        assert_null(item->description);
    else
        assert_string_equal(item->description, wanted.description);
    assert_int_equal(item->completed, wanted.completed);
    assert_int_equal(item->created_at, wanted.created_at);
    assert_int_equal(item->updated_at, wanted.updated_at);
    assert_int_equal(item->version, wanted.version);
    return expected->seen == expected->stop_after ? TODO_ERR_CONFLICT : TODO_OK;
}

/* How many todos the held page has; -1 when none is held. */
static int held_count(todo__pages *pages, const todo_uuid *user, const todo_list_query *query,
                      const char *title)
{
    expectation expected = {.user = user, .title = title};
    todo__page_facts facts;
    todo__page *page = todo__pages_get(pages, user, query, &facts);

    if (page == NULL)
        return -1;
    assert_int_equal(todo__page_visit(page, compare, &expected), TODO_OK);
    todo__page_unref(page);
    return (int)expected.seen;
}

static void a_page_is_held_as_it_was_read(void **state)
{
    todo__page_facts facts;
    todo__page *page;

    load_page(*state, &ann, &newest, 21, "milk");
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), 21);
    assert_int_equal(held_count(*state, &bob, &newest, "milk"), -1);
    page = todo__pages_get(*state, &ann, &newest, &facts);
    assert_int_equal(facts.position, 7);
    assert_int_equal(facts.read_at, 8);
    todo__page_unref(page);
    assert_int_equal(todo__pages_usage_of(*state).pages, 1);
}

static void an_empty_page_is_a_page(void **state)
{
    load_page(*state, &ann, &newest, 0, "milk");
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), 0);
}

static void a_visit_ends_with_what_the_visitor_says(void **state)
{
    expectation expected = {.user = &ann, .title = "milk", .stop_after = 3};
    todo__page_facts facts;
    todo__page *page;

    load_page(*state, &ann, &newest, 21, "milk");
    page = todo__pages_get(*state, &ann, &newest, &facts);
    assert_int_equal(todo__page_visit(page, compare, &expected), TODO_ERR_CONFLICT);
    assert_int_equal(expected.seen, 3);
    todo__page_unref(page);
}

static void each_option_makes_another_page(void **state)
{
    const todo_cursor here = {5, fake_id(1)}, later = {6, fake_id(1)}, beside = {5, fake_id(2)}, none = {0};
    todo_list_query queries[] = {newest, newest, newest, newest, newest, newest, newest, newest, newest};
    static const char titles[COUNT_OF(queries)][2] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};

    queries[1].limit = 22;
    queries[2].completed = TODO_ONLY_TRUE;
    queries[3].sort = TODO_SORT_UPDATED_AT;
    queries[4].ascending = true;
    queries[5].after = &here;
    queries[6].after = &later;
    queries[7].after = &beside;
    queries[8].after = &none; /* not the same as no cursor */
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        load_page(*state, &ann, &queries[i], 2, titles[i]);
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        assert_int_equal(held_count(*state, &ann, &queries[i], titles[i]), 2);
    todo__pages_forget(*state, &ann);
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        assert_int_equal(held_count(*state, &ann, &queries[i], titles[i]), -1);
    assert_int_equal(todo__pages_usage_of(*state).bytes, 0);
}

static void a_change_of_one_user_leaves_the_others(void **state)
{
    load_page(*state, &ann, &newest, 2, "milk");
    load_page(*state, &bob, &newest, 3, "oats");
    todo__pages_forget(*state, &ann);
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), -1);
    assert_int_equal(held_count(*state, &bob, &newest, "oats"), 3);
}

static void a_later_page_takes_the_place_of_an_older_one(void **state)
{
    load_page(*state, &ann, &newest, 2, "milk");
    load_page(*state, &ann, &newest, 3, "oats");
    assert_int_equal(held_count(*state, &ann, &newest, "oats"), 3);
    assert_int_equal(todo__pages_usage_of(*state).pages, 1);
}

static void what_changes_while_it_is_read_is_not_held(void **state)
{
    todo__page_load load;

    assert_true(todo__pages_begin(*state, &ann, &load));
    fill(&load, 2, "milk");
    todo__pages_forget(*state, &ann);
    publish(*state, &load, &newest, IN_A_HOUR);
    todo__pages_end(*state, &load);
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), -1);
}

/* Not only the load that was first, and no longer than it lasts. */
static void a_change_spoils_every_load_under_way_and_none_after_it(void **state)
{
    todo__page_load first, second;

    assert_true(todo__pages_begin(*state, &ann, &first));
    assert_true(todo__pages_begin(*state, &ann, &second));
    todo__pages_forget(*state, &ann);
    todo__pages_end(*state, &first);
    load_page(*state, &ann, &newest, 3, "oats");
    fill(&second, 2, "milk");
    publish(*state, &second, &newest, IN_A_HOUR);
    todo__pages_end(*state, &second);
    assert_int_equal(held_count(*state, &ann, &newest, "oats"), 3);
}

static void a_loss_empties_it_and_spoils_what_is_being_read(void **state)
{
    todo__page_load load;

    load_page(*state, &bob, &newest, 2, "milk");
    assert_true(todo__pages_begin(*state, &ann, &load));
    fill(&load, 2, "milk");
    todo__hold_distrust(hold);
    todo__hold_trust(hold);
    todo__hold_renew(hold, IN_A_HOUR);
    publish(*state, &load, &newest, IN_A_HOUR);
    todo__pages_end(*state, &load);
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), -1);
    assert_int_equal(held_count(*state, &bob, &newest, "milk"), -1);
    assert_int_equal(todo__pages_usage_of(*state).bytes, 0);
}

static void without_trust_nothing_is_prepared_for_holding(void **state)
{
    todo__page_load load;

    todo__hold_distrust(hold);
    assert_false(todo__pages_begin(*state, &ann, &load));
}

static void nothing_is_served_beyond_the_lease(void **state)
{
    load_page(*state, &ann, &newest, 2, "milk");
    todo__hold_renew(hold, todo__monotonic_us() - 1);
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), -1);
    todo__hold_renew(hold, IN_A_HOUR);
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), 2);
}

static void nothing_is_served_beyond_its_time_to_live(void **state)
{
    todo__page_load load;

    assert_true(todo__pages_begin(*state, &ann, &load));
    fill(&load, 2, "milk");
    publish(*state, &load, &newest, todo__monotonic_us() - 1);
    todo__pages_end(*state, &load);
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), -1);
    assert_int_equal(todo__pages_usage_of(*state).pages, 0);
}

/* ---- the position ---- */

static void a_position_is_known_as_long_as_a_page_is_held(void **state)
{
    todo__page_load load;

    assert_true(todo__pages_begin(*state, &ann, &load));
    assert_false(load.has_position);
    todo__pages_learn(*state, &load, 42);
    fill(&load, 2, "milk");
    publish(*state, &load, &newest, IN_A_HOUR);
    todo__pages_end(*state, &load);

    assert_true(todo__pages_begin(*state, &ann, &load));
    assert_true(load.has_position);
    assert_int_equal(load.position, 42);
    todo__pages_end(*state, &load);

    todo__pages_forget(*state, &ann);
    assert_true(todo__pages_begin(*state, &ann, &load));
    assert_false(load.has_position);
    todo__pages_end(*state, &load);
}

static void a_position_is_not_believed_beyond_the_lease_nor_after_a_change(void **state)
{
    todo__page_load load, other;

    assert_true(todo__pages_begin(*state, &ann, &load));
    todo__pages_learn(*state, &load, 42);
    todo__hold_renew(hold, todo__monotonic_us() - 1);
    assert_true(todo__pages_begin(*state, &ann, &other));
    assert_false(other.has_position);
    todo__pages_end(*state, &other);
    todo__hold_renew(hold, IN_A_HOUR);
    todo__pages_forget(*state, &ann);
    todo__pages_learn(*state, &load, 42); /* it was asked before the change */
    assert_true(todo__pages_begin(*state, &ann, &other));
    assert_false(other.has_position);
    todo__pages_end(*state, &other);
    todo__pages_end(*state, &load);
}

/* ---- the bound ---- */

static void the_bound_is_kept_and_the_least_used_goes(void **state)
{
    todo_uuid user = fake_id(0), kept = fake_id(1);

    load_page(*state, &kept, &newest, 20, "milk");
    for (unsigned i = 2; i < 250; i++) {
        user.bytes[15] = (uint8_t)i;
        load_page(*state, &user, &newest, 20, "milk");
        usleep(2); /* use is told apart by the microsecond */
        assert_int_equal(held_count(*state, &kept, &newest, "milk"), 20);
        assert_in_range(todo__pages_usage_of(*state).bytes, 1, 32 * 1024);
    }
    assert_in_range(todo__pages_usage_of(*state).pages, 10, 28);
    assert_int_equal(held_count(*state, &user, &newest, "milk"), 20);
    user.bytes[15] = 2;
    assert_int_equal(held_count(*state, &user, &newest, "milk"), -1);
}

static void a_page_takes_no_more_than_an_eighth_of_it(void **state)
{
    load_page(*state, &bob, &newest, 1, "milk");
    load_page(*state, &ann, &newest, 80, "milk"); /* of 56 bytes at least: an eighth has no room for that */
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), -1);
    assert_int_equal(held_count(*state, &bob, &newest, "milk"), 1);
    load_page(*state, &ann, &newest, 40, "milk");
    assert_int_equal(held_count(*state, &ann, &newest, "milk"), 40);
}

static void a_thousand_todos_take_little_more_than_their_texts(void **state)
{
    todo_list_query query = newest;

    query.limit = 1001;
    load_page(*state, &ann, &query, 1000, "milk");
    assert_int_equal(held_count(*state, &ann, &query, "milk"), 1000);
    assert_in_range(todo__pages_usage_of(*state).bytes, 64000, 73000);
}

/* ---- all at once ---- */

typedef struct player {
    todo__pages *pages;
    pthread_t thread;
    unsigned number;
} player;

static todo_status count(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_OK;
}

static void *play(void *arg)
{
    player *this = arg;

    for (unsigned i = 0; i < 4000; i++) {
        todo_uuid user = fake_id((uint8_t)((i * 7 + this->number) % 40));
        todo__page_facts facts;
        todo__page_load load;
        todo__page *page = todo__pages_get(this->pages, &user, &newest, &facts);
        unsigned seen = 0;

        if (page != NULL)
            (void)todo__page_visit(page, count, &seen);
        todo__page_unref(page);
        if (page == NULL && todo__pages_begin(this->pages, &user, &load)) {
            fill(&load, 1 + i % 30, "milk");
            publish(this->pages, &load, &newest, IN_A_HOUR);
            todo__pages_end(this->pages, &load);
        }
        if (i % 16 == this->number)
            todo__pages_forget(this->pages, &user);
        if (i % 1000 == 999) {
            todo__hold_distrust(hold);
            todo__hold_trust(hold);
            todo__hold_renew(hold, IN_A_HOUR);
        }
    }
    return NULL;
}

static void many_may_load_visit_and_forget_at_once(void **state)
{
    player players[4];

    for (unsigned i = 0; i < COUNT_OF(players); i++) {
        players[i] = (player){.pages = *state, .number = i};
        assert_int_equal(pthread_create(&players[i].thread, NULL, play, &players[i]), 0);
    }
    for (unsigned i = 0; i < COUNT_OF(players); i++)
        pthread_join(players[i].thread, NULL);
    todo__hold_distrust(hold);
    assert_int_equal(todo__pages_usage_of(*state).bytes, 0);
}

#define CASE(name)       cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define CASE_SMALL(name) cmocka_unit_test_setup_teardown(name, set_up_small, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_page_is_held_as_it_was_read),
        CASE(an_empty_page_is_a_page),
        CASE(a_visit_ends_with_what_the_visitor_says),
        CASE(each_option_makes_another_page),
        CASE(a_change_of_one_user_leaves_the_others),
        CASE(a_later_page_takes_the_place_of_an_older_one),
        CASE(what_changes_while_it_is_read_is_not_held),
        CASE(a_change_spoils_every_load_under_way_and_none_after_it),
        CASE(a_loss_empties_it_and_spoils_what_is_being_read),
        CASE(without_trust_nothing_is_prepared_for_holding),
        CASE(nothing_is_served_beyond_the_lease),
        CASE(nothing_is_served_beyond_its_time_to_live),
        CASE(a_position_is_known_as_long_as_a_page_is_held),
        CASE(a_position_is_not_believed_beyond_the_lease_nor_after_a_change),
        CASE_SMALL(the_bound_is_kept_and_the_least_used_goes),
        CASE_SMALL(a_page_takes_no_more_than_an_eighth_of_it),
        CASE(a_thousand_todos_take_little_more_than_their_texts),
        CASE_SMALL(many_may_load_visit_and_forget_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

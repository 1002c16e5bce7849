/* Two stores, as of two cores, on a primary, a standby that lags and one Redis: nobody brings a token. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redis_testing.h"

#include <todo/port/build.h>
#include <todo/store.h>

#define ROUNDS 10

static todo_store *one, *other;

static todo_store *open_store(void)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    todo_error error = TODO_ERROR_INIT;

    options.url = getenv("TODO_TEST_STORE_URL");
    options.reader_url = getenv("TODO_TEST_READER_URL");
    options.cache_url = getenv("TODO_TEST_CACHE_URL");
    options.background_threads = true;
    if (todo_store_open(&options, &store, &error) != TODO_OK)
        fail_msg("%s: %s", error.message, error.detail);
    return store;
}

static todo_store_stats stats_of_store(todo_store *store)
{
    todo_store_stats stats = TODO_STORE_STATS_INIT;

    todo_store_get_stats(store, &stats);
    return stats;
}

static int set_up(void **state)
{
    (void)state;
    one = open_store();
    other = open_store();
    EVENTUALLY(stats_of_store(one).cache_listening && stats_of_store(other).cache_listening);
    usleep((TODO__REDIS_GRACE_MS + 100) * 1000); /* after that, what Redis holds is believed */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    todo_store_close(one);
    todo_store_close(other);
    raw_close();
    return 0;
}

static todo_uuid new_user(void)
{
    static unsigned number;
    todo_user_fields fields;
    const todo_user *user = NULL;
    char email[32];

    snprintf(email, sizeof(email), "ann%u@example.org", number++);
    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    fields.email = email;
    fields.password_hash = "x";
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(one), NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
    return fields.id;
}

static void create(todo_store *store, const todo_uuid *user)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;

    draft.title = "milk";
    assert_int_equal(todo_commands_create(todo_store_commands(store), NULL, user, &draft, &item, NULL),
                     TODO_OK);
    todo_item_unref(item);
}

static todo_status count(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_OK;
}

static unsigned listed(todo_store *store, const todo_uuid *user)
{
    unsigned seen = 0;

    assert_int_equal(
        todo_queries_each(todo_store_queries(store), NULL, user, NULL, count, &seen, NULL, NULL, NULL),
        TODO_OK);
    return seen;
}

/* The standby is half a second behind; who has no page of the user sees the change on any core at once. */
static void what_was_written_on_one_core_is_listed_on_another(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        todo_uuid user = new_user();

        create(one, &user);
        assert_int_equal(listed(other, &user), 1);
        assert_int_equal(listed(one, &user), 1);
        create(other, &user);
        assert_int_equal(listed(other, &user), 2);
        EVENTUALLY(listed(one, &user) == 2);
    }
}

/* Neither what the standby had when the page was read is held, nor anything older than what was written elsewhere. */
static void what_is_held_is_not_behind(void **state)
{
    todo_uuid user = new_user();

    (void)state;
    for (unsigned todos = 1; todos <= ROUNDS; todos++) {
        uint64_t hits = stats_of_store(other).cache_list_hits;

        create(one, &user);
        EVENTUALLY(listed(other, &user) == todos);
        EVENTUALLY(listed(other, &user) == todos && stats_of_store(other).cache_list_hits > hits);
        for (int i = 0; i < 10; i++)
            assert_int_equal(listed(other, &user), todos);
    }
}

/* The standby has the todos for half a second more. */
static void the_todos_of_an_account_that_was_removed_are_gone_everywhere(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        todo_uuid user = new_user();

        create(one, &user);
        usleep(1000000); /* so that the standby has it */
        assert_int_equal(todo_users_remove(todo_store_users(one), NULL, &user, NULL, NULL, NULL), TODO_OK);
        assert_int_equal(listed(one, &user), 0);
        assert_int_equal(listed(other, &user), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_on_one_core_is_listed_on_another),
        cmocka_unit_test(what_is_held_is_not_behind),
        cmocka_unit_test(the_todos_of_an_account_that_was_removed_are_gone_everywhere),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

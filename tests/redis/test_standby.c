/* Two stores, as of two cores, on a primary, a standby that lags and one Redis: nobody brings a token. */
#include "testing.h"

#include <stdio.h>
#include <unistd.h>

#include "redis_testing.h"
#include "store_testing.h"

#include <todo/port/build.h>

#define ROUNDS 10

static todo_store *one, *other;

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

/* The standby is half a second behind; who has no page of the user sees the change on any core at once. */
static void what_was_written_on_one_core_is_listed_on_another(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        todo_uuid user = new_user();

        create(one, &user, "milk");
        assert_int_equal(listed(other, &user), 1);
        assert_int_equal(listed(one, &user), 1);
        create(other, &user, "milk");
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

        create(one, &user, "milk");
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

        create(one, &user, "milk");
        usleep(1000000); /* so that the standby has it */
        assert_int_equal(todo_users_remove(todo_store_users(one), NULL, &user, NULL, NULL, NULL), TODO_OK);
        assert_int_equal(listed(one, &user), USER_UNKNOWN);
        assert_int_equal(listed(other, &user), USER_UNKNOWN);
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

#include "testing.h"

#include "adapters/redis/untold.h"

#define HOUR_US (INT64_C(3600) * 1000000)

static todo_uuid id_of(unsigned number)
{
    todo_uuid id = {{0}};

    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

static todo__untold *untold_for(int64_t keep_us)
{
    todo__untold *untold = NULL;

    assert_int_equal(todo__untold_new(keep_us, &untold, NULL), TODO_OK);
    return untold;
}

static void a_user_is_there_until_redis_was_told(void **state)
{
    todo__untold *untold = untold_for(HOUR_US);
    todo_uuid user = id_of(1), other = id_of(2);
    todo__untold_user taken;

    (void)state;
    assert_false(todo__untold_has(untold, &user));
    todo__untold_add(untold, &user, false);
    assert_true(todo__untold_has(untold, &user));
    assert_false(todo__untold_has(untold, &other));
    assert_int_equal(todo__untold_take(untold, &taken, 1), 1);
    assert_false(taken.unknown);
    assert_true(todo__untold_has(untold, &user));
    todo__untold_settle(untold, &taken);
    assert_false(todo__untold_has(untold, &user));
    assert_int_equal(todo__untold_count(untold), 0);
    todo__untold_settle(untold, &taken);
    todo__untold_free(untold);
}

static void a_change_while_redis_is_told_stays(void **state)
{
    todo__untold *untold = untold_for(HOUR_US);
    todo_uuid user = id_of(1);
    todo__untold_user taken;

    (void)state;
    todo__untold_add(untold, &user, false);
    assert_int_equal(todo__untold_take(untold, &taken, 1), 1);
    todo__untold_add(untold, &user, true);
    todo__untold_settle(untold, &taken);
    assert_true(todo__untold_has(untold, &user));
    assert_int_equal(todo__untold_take(untold, &taken, 1), 1);
    assert_true(taken.unknown);
    todo__untold_free(untold);
}

static void a_doubt_outweighs_what_comes_after_it(void **state)
{
    todo__untold *untold = untold_for(HOUR_US);
    todo_uuid user = id_of(1);
    todo__untold_user taken;

    (void)state;
    todo__untold_add(untold, &user, true);
    todo__untold_add(untold, &user, false);
    assert_int_equal(todo__untold_take(untold, &taken, 1), 1);
    assert_true(taken.unknown);
    assert_int_equal(todo__untold_count(untold), 1);
    todo__untold_free(untold);
}

static void some_are_taken_at_a_time(void **state)
{
    todo__untold *untold = untold_for(HOUR_US);
    todo__untold_user some[4];

    (void)state;
    assert_int_equal(todo__untold_take(untold, some, 4), 0);
    for (unsigned i = 0; i < 6; i++)
        todo__untold_add(untold, &(todo_uuid){{(uint8_t)i}}, false);
    assert_int_equal(todo__untold_take(untold, some, 4), 4);
    for (unsigned i = 0; i < 4; i++)
        todo__untold_settle(untold, &some[i]);
    assert_int_equal(todo__untold_take(untold, some, 4), 2);
    todo__untold_free(untold);
}

static void an_entry_goes_when_redis_can_hold_nothing_older(void **state)
{
    todo__untold *untold = untold_for(-1);
    todo__untold_user some[4];
    todo_uuid user = id_of(1), other = id_of(2);

    (void)state;
    todo__untold_add(untold, &user, false);
    todo__untold_add(untold, &other, false);
    assert_int_equal(todo__untold_count(untold), 1);
    assert_int_equal(todo__untold_take(untold, some, 4), 0);
    assert_int_equal(todo__untold_count(untold), 0);
    todo__untold_free(untold);
}

static void when_there_are_too_many_redis_is_believed_about_no_user(void **state)
{
    todo__untold *untold = untold_for(HOUR_US);
    todo_uuid user, another = id_of(TODO__UNTOLD_MAX + 7);

    (void)state;
    for (unsigned i = 0; i < TODO__UNTOLD_MAX; i++) {
        user = id_of(i);
        todo__untold_add(untold, &user, false);
    }
    todo__untold_add(untold, &user, false);
    assert_false(todo__untold_has(untold, &another));
    user = id_of(TODO__UNTOLD_MAX);
    todo__untold_add(untold, &user, false);
    assert_true(todo__untold_has(untold, &another));
    todo__untold_free(untold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_there_until_redis_was_told),
        cmocka_unit_test(a_change_while_redis_is_told_stays),
        cmocka_unit_test(a_doubt_outweighs_what_comes_after_it),
        cmocka_unit_test(some_are_taken_at_a_time),
        cmocka_unit_test(an_entry_goes_when_redis_can_hold_nothing_older),
        cmocka_unit_test(when_there_are_too_many_redis_is_believed_about_no_user),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "testing.h"

#include "adapters/redis/breaker.h"

static todo__breaker opened_at(int64_t now)
{
    todo__breaker breaker = {0};

    for (unsigned i = 1; i < TODO__BREAKER_THRESHOLD; i++)
        assert_false(todo__breaker_failed(&breaker, now));
    assert_true(todo__breaker_failed(&breaker, now));
    return breaker;
}

static void opens_after_failures_in_a_row(void **state)
{
    todo__breaker breaker = opened_at(1000);

    (void)state;
    assert_true(todo__breaker_is_open(&breaker));
    assert_false(todo__breaker_allows(&breaker, 1000));
}

static void a_success_in_between_starts_the_count_anew(void **state)
{
    todo__breaker breaker = {0};

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned j = 1; j < TODO__BREAKER_THRESHOLD; j++)
            assert_false(todo__breaker_failed(&breaker, 1000));
        todo__breaker_succeeded(&breaker);
    }
    assert_true(todo__breaker_allows(&breaker, 1000));
}

static void lets_one_through_after_the_pause(void **state)
{
    todo__breaker breaker = opened_at(0);

    (void)state;
    assert_false(todo__breaker_allows(&breaker, TODO__BREAKER_PAUSE_MIN_US - 1));
    assert_true(todo__breaker_allows(&breaker, TODO__BREAKER_PAUSE_MIN_US));
    assert_false(todo__breaker_allows(&breaker, TODO__BREAKER_PAUSE_MIN_US));
}

static void a_probe_that_never_reports_back_is_followed_by_another(void **state)
{
    todo__breaker breaker = opened_at(0);

    (void)state;
    assert_true(todo__breaker_allows(&breaker, TODO__BREAKER_PAUSE_MIN_US));
    assert_true(todo__breaker_allows(&breaker, 2 * TODO__BREAKER_PAUSE_MIN_US));
}

static void the_pause_grows_up_to_a_cap(void **state)
{
    todo__breaker breaker = opened_at(0);
    int64_t pause = TODO__BREAKER_PAUSE_MIN_US;

    (void)state;
    for (int i = 0; i < 40; i++) {
        assert_false(todo__breaker_failed(&breaker, 0));
        pause = pause * 2 > TODO__BREAKER_PAUSE_MAX_US ? TODO__BREAKER_PAUSE_MAX_US : pause * 2;
        assert_false(todo__breaker_allows(&breaker, pause - 1));
    }
    assert_true(todo__breaker_allows(&breaker, TODO__BREAKER_PAUSE_MAX_US));
}

static void a_success_closes_it(void **state)
{
    todo__breaker breaker = opened_at(0);

    (void)state;
    todo__breaker_succeeded(&breaker);
    assert_false(todo__breaker_is_open(&breaker));
    assert_true(todo__breaker_allows(&breaker, 1));
    assert_false(todo__breaker_failed(&breaker, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_after_failures_in_a_row),
        cmocka_unit_test(a_success_in_between_starts_the_count_anew),
        cmocka_unit_test(lets_one_through_after_the_pause),
        cmocka_unit_test(a_probe_that_never_reports_back_is_followed_by_another),
        cmocka_unit_test(the_pause_grows_up_to_a_cap),
        cmocka_unit_test(a_success_closes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "testing.h"

#include <unistd.h>

#include "util/gate.h"

static void a_free_slot_is_taken_at_once(void **state)
{
    todo__gate gate;

    (void)state;
    todo__gate_init(&gate, 2, 0);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", NULL), TODO_OK);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", NULL), TODO_OK);
    todo__gate_leave(&gate, NULL);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", NULL), TODO_OK);
    todo__gate_destroy(&gate);
}

static void one_more_than_may_wait_is_sent_away(void **state)
{
    todo__gate gate;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    todo__gate_init(&gate, 1, 0);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", NULL), TODO_OK);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", &error), TODO_ERR_RATE_LIMITED);
    assert_string_equal(error.code, "full");
    assert_true(error.retryable);
    todo__gate_destroy(&gate);
}

static void who_waits_too_long_times_out(void **state)
{
    todo__gate gate;
    todo_call call = TODO_CALL_INIT;

    (void)state;
    todo__gate_init(&gate, 1, 4);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", NULL), TODO_OK);
    todo_call_set_timeout(&call, 20);
    assert_int_equal(todo__gate_enter(&gate, &call, "full", NULL), TODO_ERR_TIMEOUT);
    todo__gate_leave(&gate, NULL);
    assert_int_equal(todo__gate_enter(&gate, &call, "full", NULL), TODO_OK);
    todo__gate_destroy(&gate);
}

static void *enter_and_leave(void *arg)
{
    todo__gate *gate = arg;

    if (todo__gate_enter(gate, NULL, "full", NULL) != TODO_OK)
        return gate;
    todo__gate_leave(gate, NULL);
    return NULL;
}

static void who_waits_is_let_in_when_a_slot_is_freed(void **state)
{
    todo__gate gate;
    pthread_t waiting[3];

    (void)state;
    todo__gate_init(&gate, 1, 3);
    assert_int_equal(todo__gate_enter(&gate, NULL, "full", NULL), TODO_OK);
    for (size_t i = 0; i < COUNT_OF(waiting); i++)
        assert_int_equal(pthread_create(&waiting[i], NULL, enter_and_leave, &gate), 0);
    usleep(10000);
    todo__gate_leave(&gate, NULL);
    for (size_t i = 0; i < COUNT_OF(waiting); i++) {
        void *complaint = &gate;

        pthread_join(waiting[i], &complaint);
        assert_null(complaint);
    }
    todo__gate_destroy(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_slot_is_taken_at_once),
        cmocka_unit_test(one_more_than_may_wait_is_sent_away),
        cmocka_unit_test(who_waits_too_long_times_out),
        cmocka_unit_test(who_waits_is_let_in_when_a_slot_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

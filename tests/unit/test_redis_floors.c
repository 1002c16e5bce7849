#include "testing.h"

#include "adapters/redis/floors.h"

#define HOUR_US (INT64_C(3600) * 1000000)

static todo_uuid id_of(unsigned number)
{
    todo_uuid id = {{0}};

    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

static todo__floors *floors_for(int64_t keep_us)
{
    todo__floors *floors = NULL;

    assert_int_equal(todo__floors_new(keep_us, &floors, NULL), TODO_OK);
    return floors;
}

static void a_floor_only_rises(void **state)
{
    todo__floors *floors = floors_for(HOUR_US);
    todo_uuid id = id_of(1), other = id_of(2);

    (void)state;
    assert_int_equal(todo__floors_of(floors, &id), 0);
    todo__floors_raise(floors, &id, 5);
    todo__floors_raise(floors, &id, 3);
    assert_int_equal(todo__floors_of(floors, &id), 5);
    assert_int_equal(todo__floors_of(floors, &other), 0);
    assert_int_equal(todo__floors_count(floors), 1);
    todo__floors_free(floors);
}

static void what_redis_knows_is_settled_unless_it_rose_meanwhile(void **state)
{
    todo__floors *floors = floors_for(HOUR_US);
    todo_uuid id = id_of(1);

    (void)state;
    todo__floors_raise(floors, &id, 5);
    todo__floors_settle(floors, &id, 4);
    assert_int_equal(todo__floors_of(floors, &id), 5);
    todo__floors_settle(floors, &id, 5);
    assert_int_equal(todo__floors_of(floors, &id), 0);
    assert_int_equal(todo__floors_count(floors), 0);
    todo__floors_free(floors);
}

static void some_are_taken_at_a_time(void **state)
{
    todo__floors *floors = floors_for(HOUR_US);
    todo__floor some[4];

    (void)state;
    assert_int_equal(todo__floors_take_some(floors, some, 4), 0);
    for (unsigned i = 0; i < 6; i++)
        todo__floors_raise(floors, &(todo_uuid){{(uint8_t)i}}, i + 1);
    assert_int_equal(todo__floors_take_some(floors, some, 4), 4);
    for (unsigned i = 0; i < 4; i++)
        todo__floors_settle(floors, &some[i].id, some[i].version);
    assert_int_equal(todo__floors_take_some(floors, some, 4), 2);
    todo__floors_free(floors);
}

static void a_floor_goes_when_redis_can_hold_nothing_older(void **state)
{
    todo__floors *floors = floors_for(-1);
    todo__floor some[4];
    todo_uuid id = id_of(1), other = id_of(2);

    (void)state;
    todo__floors_raise(floors, &id, 1);
    todo__floors_raise(floors, &other, 1);
    assert_int_equal(todo__floors_count(floors), 1);
    assert_int_equal(todo__floors_take_some(floors, some, 4), 0);
    assert_int_equal(todo__floors_count(floors), 0);
    todo__floors_free(floors);
}

static void when_there_are_too_many_nothing_is_believed(void **state)
{
    todo__floors *floors = floors_for(HOUR_US);
    todo_uuid id;

    (void)state;
    for (unsigned i = 0; i < TODO__FLOORS_MAX; i++) {
        id = id_of(i);
        todo__floors_raise(floors, &id, 1);
    }
    assert_false(todo__floors_lost(floors));
    todo__floors_raise(floors, &id, 2);
    assert_false(todo__floors_lost(floors));
    id = id_of(TODO__FLOORS_MAX);
    todo__floors_raise(floors, &id, 1);
    assert_true(todo__floors_lost(floors));
    todo__floors_free(floors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_floor_only_rises),
        cmocka_unit_test(what_redis_knows_is_settled_unless_it_rose_meanwhile),
        cmocka_unit_test(some_are_taken_at_a_time),
        cmocka_unit_test(a_floor_goes_when_redis_can_hold_nothing_older),
        cmocka_unit_test(when_there_are_too_many_nothing_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

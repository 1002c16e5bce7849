/*
 * Every public struct, vtables among them, has its members where callers compiled long ago expect them, and every
 * enumerator its number: layout.inc is what was frozen. It is changed by tests/abi/update alone, which takes additions
 * only.
 */
#include "testing.h"

#include <todo/port/adapter.h>
#include <todo/port/build.h>
#include <todo/port/cache.h>
#include <todo/port/clock.h>
#include <todo/port/decorators.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>
#include <todo/todo.h>

typedef struct place {
    const char *name;
    size_t offset, bytes;
    size_t frozen_offset, frozen_bytes;
} place;

static void members_are_where_they_were(void **state)
{
    static const place places[] = {
#define GROWS(type, size)
#define FIXED(type, size)
#define NUMBER(name, value)
#define MEMBER(type, member, at, size) \
    {#type "." #member, offsetof(type, member), sizeof(((type *)0)->member), at, size},
#include "layout.inc"
#undef GROWS
#undef FIXED
#undef MEMBER
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (places[i].offset != places[i].frozen_offset || places[i].bytes != places[i].frozen_bytes)
            fail_msg("%s: at %zu, %zu bytes; was at %zu, %zu bytes", places[i].name, places[i].offset,
                     places[i].bytes, places[i].frozen_offset, places[i].frozen_bytes);
}

static void what_is_embedded_by_value_keeps_its_size(void **state)
{
    (void)state;
#define GROWS(type, size)
#define FIXED(type, size) assert_int_equal(sizeof(type), size);
#define MEMBER(type, member, at, size)
#include "layout.inc"
#undef GROWS
#undef FIXED
}

static void what_has_a_size_only_grows(void **state)
{
    (void)state;
#define GROWS(type, size) assert_true(sizeof(type) >= (size));
#define FIXED(type, size)
#include "layout.inc"
#undef GROWS
#undef FIXED
#undef MEMBER
#undef NUMBER
}

static void enumerators_keep_their_numbers(void **state)
{
    (void)state;
#define GROWS(type, size)
#define FIXED(type, size)
#define MEMBER(type, member, at, size)
#define NUMBER(name, value) assert_int_equal(name, value);
#include "layout.inc"
}

/* Where a caller looks first, whatever the version. */
static void what_has_a_size_begins_with_it(void **state)
{
    (void)state;
    assert_int_equal(offsetof(todo_reader_ops, size), 0);
    assert_int_equal(offsetof(todo_writer_ops, size), 0);
    assert_int_equal(offsetof(todo_users_ops, size), 0);
    assert_int_equal(offsetof(todo_cache_ops, size), 0);
    assert_int_equal(offsetof(todo_clock_ops, size), 0);
    assert_int_equal(offsetof(todo_error, size), 0);
    assert_int_equal(offsetof(todo_call, size), 0);
    assert_int_equal(offsetof(todo_store_options, size), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_where_they_were),
        cmocka_unit_test(what_is_embedded_by_value_keeps_its_size),
        cmocka_unit_test(what_has_a_size_only_grows),
        cmocka_unit_test(enumerators_keep_their_numbers),
        cmocka_unit_test(what_has_a_size_begins_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

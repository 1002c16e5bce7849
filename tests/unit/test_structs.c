#include "testing.h"

#include "util/structs.h"

typedef struct old_options {
    size_t size;
    int first;
} old_options;

typedef struct options {
    size_t size;
    int first;
    int second;
} options;

typedef struct new_options {
    size_t size;
    int first;
    int second;
    int third;
    int fourth;
} new_options;

static void an_older_struct_gets_defaults(void **state)
{
    old_options given = {sizeof(given), 7};
    options known;

    (void)state;
    /* `old_options` is padded to the size of `options`, so say what its compiler would on a packed ABI. */
    given.size = offsetof(old_options, first) + sizeof(int);
    assert_int_equal(todo__struct_take(&known, sizeof(known), &given, NULL), TODO_OK);
    assert_int_equal(known.size, sizeof(known));
    assert_int_equal(known.first, 7);
    assert_int_equal(known.second, 0);
}

static void a_newer_struct_is_fine_until_it_asks_for_more(void **state)
{
    new_options given = {sizeof(given), 1, 2, 0, 0};
    options known;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo__struct_take(&known, sizeof(known), &given, &error), TODO_OK);
    assert_int_equal(known.second, 2);
    given.fourth = 1;
    assert_int_equal(todo__struct_take(&known, sizeof(known), &given, &error), TODO_ERR_UNSUPPORTED);
    assert_string_equal(error.code, "struct_member_unknown");
    assert_int_equal(todo__ops_take(&known, sizeof(known), &given, &error), TODO_OK);
}

static void null_and_impossible_sizes_are_refused(void **state)
{
    options given = {0, 1, 2}, known;

    (void)state;
    assert_int_equal(todo__struct_take(&known, sizeof(known), NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo__struct_take(&known, sizeof(known), &given, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo__ops_take(&known, sizeof(known), &given, NULL), TODO_ERR_INVALID);
}

static void giving_never_writes_beyond_the_callers_size(void **state)
{
    options known = {sizeof(known), 1, 2}, given = {offsetof(options, second), 0, 9};

    (void)state;
    todo__struct_give(&given, &known, sizeof(known));
    assert_int_equal(given.size, offsetof(options, second));
    assert_int_equal(given.first, 1);
    assert_int_equal(given.second, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_struct_gets_defaults),
        cmocka_unit_test(a_newer_struct_is_fine_until_it_asks_for_more),
        cmocka_unit_test(null_and_impossible_sizes_are_refused),
        cmocka_unit_test(giving_never_writes_beyond_the_callers_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

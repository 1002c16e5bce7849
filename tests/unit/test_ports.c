#include "testing.h"

#include <todo/port/clock.h>
#include <todo/port/reader.h>
#include <todo/port/writer.h>

static char self[] = "self";
static int destroyed;

static void destroy(void *of)
{
    assert_ptr_equal(of, self);
    destroyed++;
}

static todo_status get(void *of, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    (void)call, (void)user, (void)id, (void)ret_item;
    assert_ptr_equal(of, self);
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

static todo_status visit_nothing(void *arg, const todo_item *item)
{
    (void)arg, (void)item;
    return TODO_OK;
}

static void a_table_is_copied_and_its_gaps_are_unsupported(void **state)
{
    todo_reader_ops ops = {.size = sizeof(ops), .destroy = destroy, .get = get};
    todo_reader *reader = NULL;
    todo_uuid id = {{0}};
    const todo_item *item;

    (void)state;
    destroyed = 0;
    assert_int_equal(todo_reader_new(&ops, self, &reader, NULL), TODO_OK);
    memset(&ops, 0, sizeof(ops));
    assert_int_equal(todo_reader_get(reader, NULL, &id, &id, &item, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(todo_reader_list(reader, NULL, &id, NULL, visit_nothing, NULL, NULL),
                     TODO_ERR_UNSUPPORTED);
    assert_ptr_equal(todo_reader_ref(reader), reader);
    todo_reader_unref(reader);
    assert_int_equal(destroyed, 0);
    todo_reader_unref(reader);
    assert_int_equal(destroyed, 1);
    todo_reader_unref(NULL);
    assert_null(todo_reader_ref(NULL));
}

static void an_older_shorter_table_works(void **state)
{
    todo_reader_ops ops = {.size = offsetof(todo_reader_ops, list), .destroy = destroy, .get = get};
    todo_reader *reader = NULL;
    todo_uuid id = {{0}};

    (void)state;
    memset((char *)&ops + ops.size, 0x5A, sizeof(ops) - ops.size);
    assert_int_equal(todo_reader_new(&ops, self, &reader, NULL), TODO_OK);
    assert_int_equal(todo_reader_list(reader, NULL, &id, NULL, visit_nothing, NULL, NULL),
                     TODO_ERR_UNSUPPORTED);
    todo_reader_unref(reader);
}

static void a_newer_longer_table_works(void **state)
{
    struct {
        todo_reader_ops known;
        const void *unknown;
    } ops = {{.size = sizeof(ops), .destroy = destroy, .get = get}, "beyond"};
    todo_reader *reader = NULL;

    (void)state;
    assert_int_equal(todo_reader_new(&ops.known, self, &reader, NULL), TODO_OK);
    todo_reader_unref(reader);
}

static void a_handle_that_was_not_made_leaves_self_alone(void **state)
{
    todo_reader_ops ops = {.size = 0, .destroy = destroy};
    todo_clock_ops clock_ops = {.size = sizeof(clock_ops), .destroy = destroy};
    todo_reader *reader = NULL;
    todo_clock *clock = NULL;

    (void)state;
    destroyed = 0;
    assert_int_equal(todo_reader_new(&ops, self, &reader, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_reader_new(NULL, self, &reader, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_clock_new(&clock_ops, self, &clock, NULL), TODO_ERR_INVALID);
    assert_int_equal(destroyed, 0);
    assert_null(reader);
}

static void a_writer_needs_something_to_insert(void **state)
{
    todo_writer_ops ops = {.size = sizeof(ops)};
    todo_writer *writer = NULL;

    (void)state;
    assert_int_equal(todo_writer_new(&ops, NULL, &writer, NULL), TODO_OK);
    assert_int_equal(todo_writer_insert(writer, NULL, NULL, 0, NULL), TODO_ERR_INVALID);
    todo_writer_unref(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_copied_and_its_gaps_are_unsupported),
        cmocka_unit_test(an_older_shorter_table_works),
        cmocka_unit_test(a_newer_longer_table_works),
        cmocka_unit_test(a_handle_that_was_not_made_leaves_self_alone),
        cmocka_unit_test(a_writer_needs_something_to_insert),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "testing.h"

#include <stdlib.h>

#include "json/buffer.h"

static void a_new_buffer_is_empty_text(void **state)
{
    todo_buffer *buffer = NULL;

    (void)state;
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_buffer_length(buffer), 0);
    assert_string_equal(todo_buffer_data(buffer), "");
    todo_buffer_free(buffer);
}

static void what_is_appended_is_there_and_ended_by_a_nul(void **state)
{
    todo_buffer *buffer = NULL;

    (void)state;
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, "milk", 4, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, NULL, 0, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, "\0bread", 6, NULL), TODO_OK);
    assert_int_equal(todo_buffer_length(buffer), 10);
    assert_memory_equal(todo_buffer_data(buffer), "milk\0bread", 11);
    todo_buffer_free(buffer);
}

static void it_grows_without_losing_a_byte(void **state)
{
    todo_buffer *buffer = NULL;

    (void)state;
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    for (unsigned i = 0; i < 100000; i++) {
        unsigned char byte = (unsigned char)(i * 31 % 251);

        assert_int_equal(todo_buffer_append(buffer, &byte, 1, NULL), TODO_OK);
    }
    assert_int_equal(todo_buffer_length(buffer), 100000);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal((unsigned char)todo_buffer_data(buffer)[i], i * 31 % 251);
    assert_true(buffer->capacity <= 2 * 100001);
    todo_buffer_free(buffer);
}

static void cutting_keeps_the_memory(void **state)
{
    todo_buffer *buffer = NULL;
    const char *data;

    (void)state;
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    todo_buffer_truncate(buffer, 0);
    assert_int_equal(todo_buffer_append(buffer, "milk and honey", 14, NULL), TODO_OK);
    data = todo_buffer_data(buffer);
    todo_buffer_truncate(buffer, 20);
    assert_string_equal(todo_buffer_data(buffer), "milk and honey");
    todo_buffer_truncate(buffer, 4);
    assert_string_equal(todo_buffer_data(buffer), "milk");
    assert_int_equal(todo_buffer_append(buffer, "y", 1, NULL), TODO_OK);
    assert_string_equal(todo_buffer_data(buffer), "milky");
    assert_ptr_equal(todo_buffer_data(buffer), data);
    todo_buffer_free(buffer);
}

static void overwriting_stays_inside(void **state)
{
    todo_buffer *buffer = NULL;

    (void)state;
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, "milk and honey", 14, NULL), TODO_OK);
    todo_buffer_overwrite(buffer, 0, "silk", 4);
    todo_buffer_overwrite(buffer, 9, "money", 5);
    assert_string_equal(todo_buffer_data(buffer), "silk and money");
    todo_buffer_overwrite(buffer, 9, "boundless", 9);
    todo_buffer_overwrite(buffer, 15, "", 0);
    todo_buffer_overwrite(buffer, SIZE_MAX, "x", 1);
    todo_buffer_overwrite(buffer, 1, "x", SIZE_MAX);
    todo_buffer_overwrite(buffer, 14, "", 0);
    assert_string_equal(todo_buffer_data(buffer), "silk and money");
    todo_buffer_overwrite(NULL, 0, "x", 1);
    todo_buffer_free(buffer);
}

static void a_length_that_overflows_is_out_of_memory(void **state)
{
    todo_buffer *buffer = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, "milk", 4, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, "x", SIZE_MAX, &error), TODO_ERR_NOMEM);
    assert_int_equal(todo_buffer_append(buffer, "x", SIZE_MAX - 4, &error), TODO_ERR_NOMEM);
    assert_int_equal(error.status, TODO_ERR_NOMEM);
    assert_int_equal(todo_buffer_length(buffer), 4);
    assert_string_equal(todo_buffer_data(buffer), "milk");
    todo_buffer_free(buffer);
}

static void null_is_refused_or_harmless(void **state)
{
    (void)state;
    assert_int_equal(todo_buffer_new(NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_buffer_append(NULL, "x", 1, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_buffer_length(NULL), 0);
    assert_string_equal(todo_buffer_data(NULL), "");
    todo_buffer_truncate(NULL, 0);
    todo_buffer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_is_empty_text),
        cmocka_unit_test(what_is_appended_is_there_and_ended_by_a_nul),
        cmocka_unit_test(it_grows_without_losing_a_byte),
        cmocka_unit_test(cutting_keeps_the_memory),
        cmocka_unit_test(overwriting_stays_inside),
        cmocka_unit_test(a_length_that_overflows_is_out_of_memory),
        cmocka_unit_test(null_is_refused_or_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

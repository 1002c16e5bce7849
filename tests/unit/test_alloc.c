#include "testing.h"

#include <stdlib.h>

#include <todo/alloc.h>
#include <todo/buffer.h>

#include "util/alloc.h"

typedef struct counts {
    unsigned allocated, reallocated, released;
} counts;

static void *count_allocate(void *arg, size_t size)
{
    assert_int_not_equal(size, 0);
    ((counts *)arg)->allocated++;
    return malloc(size);
}

static void *count_reallocate(void *arg, void *pointer, size_t size)
{
    assert_int_not_equal(size, 0);
    ((counts *)arg)->reallocated++;
    return realloc(pointer, size);
}

static void count_release(void *arg, void *pointer)
{
    assert_non_null(pointer);
    ((counts *)arg)->released++;
    free(pointer);
}

static int back_to_malloc(void **state)
{
    (void)state;
    return todo_set_allocator(NULL, NULL) == TODO_OK ? 0 : -1;
}

static void all_memory_comes_from_the_allocator_that_was_set(void **state)
{
    counts seen = {0, 0, 0};
    todo_allocator allocator = {sizeof(allocator), count_allocate, count_reallocate, count_release, &seen};
    todo_buffer *buffer = NULL;

    (void)state;
    assert_int_equal(todo_set_allocator(&allocator, NULL), TODO_OK);
    memset(&allocator, 0, sizeof(allocator)); /* it was copied */
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_buffer_append(buffer, "x", 1, NULL), TODO_OK);
    todo_buffer_free(buffer);
    todo_free(todo__strdup("text"));
    todo_free(NULL);
    assert_int_equal(seen.allocated, 2);
    assert_int_equal(seen.reallocated, 1);
    assert_int_equal(seen.released, 3);
    assert_int_equal(todo_set_allocator(NULL, NULL), TODO_OK);
    todo__free(todo__malloc(1));
    assert_int_equal(seen.allocated, 2);
}

static void an_allocator_without_all_three_functions_is_refused(void **state)
{
    todo_allocator allocator = {sizeof(allocator), count_allocate, count_reallocate, NULL, NULL};
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_set_allocator(&allocator, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "argument_missing");
    todo_allocator_init(&allocator, sizeof(allocator));
    assert_int_equal(allocator.size, sizeof(allocator));
    assert_int_equal(todo_set_allocator(&allocator, NULL), TODO_ERR_INVALID);
    allocator.size = 0;
    assert_int_equal(todo_set_allocator(&allocator, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "struct_size_invalid");
}

static void zeroed_memory_is_zero_and_its_size_does_not_overflow(void **state)
{
    unsigned char *bytes = todo__calloc(100, 7);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < 700; i++)
        assert_int_equal(bytes[i], 0);
    todo__free(bytes);
    assert_null(todo__calloc(SIZE_MAX / 2, 3));
    bytes = todo__calloc(0, 0);
    assert_non_null(bytes);
    todo__free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_memory_comes_from_the_allocator_that_was_set, back_to_malloc),
        cmocka_unit_test_teardown(an_allocator_without_all_three_functions_is_refused, back_to_malloc),
        cmocka_unit_test(zeroed_memory_is_zero_and_its_size_does_not_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

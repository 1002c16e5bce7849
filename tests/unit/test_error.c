#include "testing.h"

#include <todo/error.h>

static void fills_every_member(void **state)
{
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(
        todo_error_set(&error, TODO_ERR_CONFLICT, "email_exists", "email", "email already exists"),
        TODO_ERR_CONFLICT);
    assert_int_equal(error.status, TODO_ERR_CONFLICT);
    assert_string_equal(error.code, "email_exists");
    assert_string_equal(error.field, "email");
    assert_string_equal(error.message, "email already exists");
    assert_false(error.retryable);
    todo_error_set_detail(&error, "23505");
    assert_string_equal(error.detail, "23505");
    todo_error_set(&error, TODO_ERR_UNAVAILABLE, NULL, NULL, NULL);
    assert_string_equal(error.code, "unavailable");
    assert_string_equal(error.detail, "");
    assert_true(error.retryable);
    assert_int_equal(error.retry_after, 1);
}

static void null_error_only_returns_the_status(void **state)
{
    (void)state;
    assert_int_equal(todo_error_set(NULL, TODO_ERR_NOMEM, NULL, NULL, NULL), TODO_ERR_NOMEM);
    todo_error_set_detail(NULL, "detail");
    todo_error_init(NULL, sizeof(todo_error));
}

static void long_texts_are_cut_between_characters(void **state)
{
    todo_error error = TODO_ERROR_INIT;
    char text[400];

    (void)state;
    for (size_t i = 0; i < 398; i += 2)
        memcpy(text + i, "\xC3\xA9", 3);
    todo_error_set(&error, TODO_ERR_INVALID, text, NULL, text);
    assert_int_equal(strlen(error.code), 38);
    assert_int_equal(strlen(error.message), 158);
}

static void an_older_shorter_error_is_not_overrun(void **state)
{
    struct {
        todo_error error;
    } guarded;
    size_t old_size = offsetof(todo_error, detail);

    (void)state;
    memset(&guarded, 0x5A, sizeof(guarded));
    todo_error_init(&guarded.error, old_size);
    todo_error_set(&guarded.error, TODO_ERR_INVALID, "code", "field", "message");
    todo_error_set_detail(&guarded.error, "detail");
    assert_string_equal(guarded.error.message, "message");
    for (size_t i = 0; i < sizeof(guarded.error.detail); i++)
        assert_int_equal(guarded.error.detail[i], 0x5A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_every_member),
        cmocka_unit_test(null_error_only_returns_the_status),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(an_older_shorter_error_is_not_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

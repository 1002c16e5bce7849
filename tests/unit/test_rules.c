#include "testing.h"

#include "domain/rules.h"

/* `count` times the two bytes of "é". */
static const char *accents(size_t count)
{
    static char text[1024];

    for (size_t i = 0; i < count; i++)
        memcpy(text + 2 * i, "\xC3\xA9", 3);
    return text;
}

static void assert_refused(todo_status status, const todo_error *error, const char *code, const char *message)
{
    assert_int_equal(status, TODO_ERR_INVALID);
    assert_string_equal(error->code, code);
    assert_string_equal(error->message, message);
}

static void titles_are_trimmed_and_bounded(void **state)
{
    todo__slice title;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo__rule_title("  milk ", &title, &error), TODO_OK);
    assert_int_equal(title.length, 4);
    assert_int_equal(todo__rule_title(accents(200), &title, &error), TODO_OK);
    assert_refused(todo__rule_title(accents(201), &title, &error), &error, "title_too_long",
                   "title must be at most 200 characters");
    assert_refused(todo__rule_title(" \t\xE3\x80\x80", &title, &error), &error, "title_empty",
                   "title cannot be empty");
    assert_refused(todo__rule_title(NULL, &title, &error), &error, "title_empty", "title cannot be empty");
    assert_refused(todo__rule_title("\xC3", &title, &error), &error, "utf8_invalid", "invalid UTF-8");
    assert_string_equal(error.field, "title");
}

static void emails_are_trimmed_and_lower_cased(void **state)
{
    char email[TODO_EMAIL_MAX + 1];
    char long_email[TODO_EMAIL_MAX + 2];
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo__rule_email("  Ann@Example.ORG\n", email, &error), TODO_OK);
    assert_string_equal(email, "ann@example.org");
    assert_refused(todo__rule_email(" ", email, &error), &error, "email_empty", "email cannot be empty");
    assert_refused(todo__rule_email("annexample.org", email, &error), &error, "email_invalid",
                   "invalid email format");
    assert_refused(todo__rule_email("ann@example", email, &error), &error, "email_invalid",
                   "invalid email format");
    assert_refused(todo__rule_email("ann @example.org", email, &error), &error, "email_invalid",
                   "invalid email format");
    memset(long_email, 'a', sizeof(long_email));
    memcpy(long_email, "a@b.", 4);
    long_email[TODO_EMAIL_MAX] = '\0';
    assert_int_equal(todo__rule_email(long_email, email, &error), TODO_OK);
    memcpy(long_email + TODO_EMAIL_MAX, "a", 2);
    assert_refused(todo__rule_email(long_email, email, &error), &error, "email_too_long",
                   "email must be at most 254 bytes");
}

static void an_address_has_one_spelling(void **state)
{
    static const char *const spellings[][2] = {
        {"\u00C4RGER@EXAMPLE.org", "\u00E4rger@example.org"},
        {"A\u0308rger@example.org", "\u00E4rger@example.org"},           /* a letter and its dots apart */
        {"\uFF21\uFF4E\uFF4E\uFF20example\uFF0Eorg", "ann@example.org"}, /* wide letters, @ and full stop */
        {"an\u200Bn@example.org", "ann@example.org"},                    /* a blank of no width */
        {"\u212Aate@example.org", "kate@example.org"},                   /* the kelvin sign */
        {"\u03A3\u0391\u03A3@example.org", "\u03C3\u03B1\u03C3@example.org"},
        {"STRASSE@example.org", "strasse@example.org"},
        {"stra\u00DFe@example.org", "stra\u00DFe@example.org"}, /* another mailbox than the one before */
        {"\u0130x@example.org", "i\u0307x@example.org"},        /* whatever the locale */
    };
    char email[TODO_EMAIL_MAX + 1], former[TODO_EMAIL_MAX + 1];
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        assert_int_equal(todo__rule_email(spellings[i][0], email, NULL), TODO_OK);
        assert_string_equal(email, spellings[i][1]);
        assert_int_equal(todo__rule_email(spellings[i][1], email, NULL), TODO_OK);
        assert_string_equal(email, spellings[i][1]);
    }
    assert_refused(todo__rule_email("ann\u00A0x@example.org", email, &error), &error, "email_invalid",
                   "invalid email format");
    assert_refused(
        todo__rule_email("\uFDFA@\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA.org", email, &error),
        &error, "email_too_long", "email must be at most 254 bytes");
    assert_false(todo__email_of_former_versions(" Ann@Example.org ", "ann@example.org", former));
    assert_true(todo__email_of_former_versions(" \u00C4RGER@Example.org ", "\u00E4rger@example.org", former));
    assert_string_equal(former, "\u00C4rger@example.org");
}

static void passwords_have_eight_characters_at_least(void **state)
{
    char longest[TODO_PASSWORD_MAX_BYTES + 2];
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo__rule_password(accents(8), &error), TODO_OK);
    assert_refused(todo__rule_password(accents(7), &error), &error, "password_too_short",
                   "password must be at least 8 characters");
    memset(longest, 'x', sizeof(longest));
    longest[TODO_PASSWORD_MAX_BYTES] = '\0';
    assert_int_equal(todo__rule_password(longest, &error), TODO_OK);
    memcpy(longest + TODO_PASSWORD_MAX_BYTES, "x", 2);
    assert_refused(todo__rule_password(longest, &error), &error, "password_too_long",
                   "password must be at most 511 bytes");
}

static void display_names_must_be_utf8(void **state)
{
    todo__slice name;

    (void)state;
    assert_int_equal(todo__rule_display_name(" Ann ", &name, NULL), TODO_OK);
    assert_int_equal(name.length, 3);
    assert_int_equal(todo__rule_display_name(accents(201), &name, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo__rule_display_name("\xFF", &name, NULL), TODO_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_are_trimmed_and_bounded),
        cmocka_unit_test(emails_are_trimmed_and_lower_cased),
        cmocka_unit_test(an_address_has_one_spelling),
        cmocka_unit_test(passwords_have_eight_characters_at_least),
        cmocka_unit_test(display_names_must_be_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

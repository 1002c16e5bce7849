#include "testing.h"

#include "domain/text.h"

static void tells_valid_from_invalid(void **state)
{
    static const char *const valid[] = {
        "", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"};
    static const char *const invalid[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",     "\xE0\x80\x80",
                                          "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80", "\xE2\x82",
                                          "a\xFF",        "\xF0\x9F\x98"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(valid); i++)
        assert_true(todo__utf8_valid(valid[i], strlen(valid[i])));
    for (size_t i = 0; i < COUNT_OF(invalid); i++)
        assert_false(todo__utf8_valid(invalid[i], strlen(invalid[i])));
}

static void counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(todo__utf8_count("a\xC3\xA9\xF0\x9F\x98\x80", 7), 3);
}

static void trims_unicode_white_space(void **state)
{
    todo__slice slice = todo__utf8_trim(" \t\xE3\x80\x80\xC2\xA0 milk and honey\xE2\x80\x83\n");

    (void)state;
    assert_int_equal(slice.length, strlen("milk and honey"));
    assert_memory_equal(slice.text, "milk and honey", slice.length);
    assert_int_equal(todo__utf8_trim("\xE3\x80\x80 ").length, 0);
    assert_int_equal(todo__utf8_trim("").length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_valid_from_invalid),
        cmocka_unit_test(counts_code_points),
        cmocka_unit_test(trims_unicode_white_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

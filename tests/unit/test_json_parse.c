#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

#include <todo/json.h>

/* A text that may hold a NUL, and the code it is refused with. */
typedef struct bad_text {
    const char *text;
    size_t length;
    const char *code;
} bad_text;

#define BAD(literal, code)                         \
    {                                              \
        literal, sizeof(literal) - 1, "json_" code \
    }
#define BAD_UTF8(literal)                            \
    {                                                \
        literal, sizeof(literal) - 1, "utf8_invalid" \
    }

static const bad_text bad_texts[] = {
    /* no text at all, or not one */
    BAD("", "malformed"),
    BAD(" ", "malformed"),
    BAD("\n\t\r ", "malformed"),
    BAD("{", "malformed"),
    BAD("}", "malformed"),
    BAD("[", "malformed"),
    BAD("]", "malformed"),
    BAD("{]", "malformed"),
    BAD("[}", "malformed"),
    BAD("{}}", "malformed"),
    BAD("{}{}", "malformed"),
    BAD("{} {}", "malformed"),
    BAD("[] 1", "malformed"),
    BAD("1 2", "malformed"),
    BAD("1,", "malformed"),
    BAD("{},", "malformed"),
    BAD("{}x", "malformed"),
    BAD("{}\0", "malformed"),
    BAD("\0{}", "malformed"),
    BAD("{\0}", "malformed"),
    BAD("title", "malformed"),
    BAD("<html>", "malformed"),
    BAD("\xEF\xBB\xBF{}", "malformed"),
    /* separators */
    BAD("[1,]", "malformed"),
    BAD("[,1]", "malformed"),
    BAD("[,]", "malformed"),
    BAD("[1 2]", "malformed"),
    BAD("[1,,2]", "malformed"),
    BAD("[1:2]", "malformed"),
    BAD("{\"a\":1,}", "malformed"),
    BAD("{,}", "malformed"),
    BAD("{\"a\"}", "malformed"),
    BAD("{\"a\":}", "malformed"),
    BAD("{\"a\" 1}", "malformed"),
    BAD("{\"a\"::1}", "malformed"),
    BAD("{:1}", "malformed"),
    BAD("{\"a\":1 \"b\":2}", "malformed"),
    BAD("{1:1}", "malformed"),
    BAD("{null:1}", "malformed"),
    BAD("{a:1}", "malformed"),
    /* what json-c takes although it is told to be strict */
    BAD("{'a':1}", "malformed"),
    BAD("{'a\":1,\"b':1}", "malformed"),
    BAD("['a']", "malformed"),
    BAD("{\"a\":'b'}", "malformed"),
    BAD("[NaN]", "malformed"),
    BAD("[nan]", "malformed"),
    BAD("NaN", "malformed"),
    BAD("[Infinity]", "malformed"),
    BAD("[-Infinity]", "malformed"),
    BAD("[inf]", "malformed"),
    BAD("/* no */{}", "malformed"),
    BAD("{}// no", "malformed"),
    BAD("[1 // no\n]", "malformed"),
    BAD("[\v1]", "malformed"),
    BAD("[\f1]", "malformed"),
    BAD("[\xC2\xA0]", "malformed"),
    /* words */
    BAD("True", "malformed"),
    BAD("TRUE", "malformed"),
    BAD("tru", "malformed"),
    BAD("truee", "malformed"),
    BAD("truefalse", "malformed"),
    BAD("nul", "malformed"),
    BAD("Null", "malformed"),
    BAD("[nulll]", "malformed"),
    BAD("[falsey]", "malformed"),
    BAD("{\"a\":undefined}", "malformed"),
    /* numbers */
    BAD("-", "malformed"),
    BAD("+1", "malformed"),
    BAD("[+1]", "malformed"),
    BAD("[--1]", "malformed"),
    BAD("[-]", "malformed"),
    BAD("[01]", "malformed"),
    BAD("[00]", "malformed"),
    BAD("[-01]", "malformed"),
    BAD("[-00]", "malformed"),
    BAD("[01.5]", "malformed"),
    BAD("[1.]", "malformed"),
    BAD("[1.e5]", "malformed"),
    BAD("[.5]", "malformed"),
    BAD("[-.5]", "malformed"),
    BAD("[1e]", "malformed"),
    BAD("[1e+]", "malformed"),
    BAD("[1e-]", "malformed"),
    BAD("[1.5.5]", "malformed"),
    BAD("[1e5e5]", "malformed"),
    BAD("[1e5.5]", "malformed"),
    BAD("[0x10]", "malformed"),
    BAD("[1_000]", "malformed"),
    BAD("[1a]", "malformed"),
    BAD("1a", "malformed"),
    BAD("[1-2]", "malformed"),
    /* strings */
    BAD("\"", "malformed"),
    BAD("\"a", "malformed"),
    BAD("\"a\\", "malformed"),
    BAD("\"a\\\"", "malformed"),
    BAD("[\"a]", "malformed"),
    BAD("[\"a\"b]", "malformed"),
    BAD("[\"\n\"]", "malformed"),
    BAD("[\"\t\"]", "malformed"),
    BAD("[\"\x1F\"]", "malformed"),
    BAD("[\"a\0b\"]", "malformed"),
    BAD("{\"a\0b\":1}", "malformed"),
    BAD("{\"\n\":1}", "malformed"),
    BAD("[\"\\a\"]", "malformed"),
    BAD("[\"\\'\"]", "malformed"),
    BAD("[\"\\0\"]", "malformed"),
    BAD("[\"\\x41\"]", "malformed"),
    BAD("[\"\\U0041\"]", "malformed"),
    BAD("[\"\\u\"]", "malformed"),
    BAD("[\"\\u12\"]", "malformed"),
    BAD("[\"\\u123g\"]", "malformed"),
    BAD("[\"\\u+123\"]", "malformed"),
    BAD("[\"\\u{41}\"]", "malformed"),
    BAD("{\"\\u0000\":1}", "malformed"),
    BAD("{\"a\":\"\\u0000\",\"b\\u0000\" :1}", "malformed"),
    BAD("{\"title\\u0000\":1}", "malformed"),
    BAD("{\"a\":1,\"a\\u0000b\":2}", "malformed"),
    BAD("[\"\\uD800\"]", "malformed"),
    BAD("[\"\\uDBFF\"]", "malformed"),
    BAD("[\"\\uDC00\"]", "malformed"),
    BAD("[\"\\uDFFF\"]", "malformed"),
    BAD("[\"\\uD83D \\uDE00\"]", "malformed"),
    BAD("[\"\\uD83D\\n\"]", "malformed"),
    BAD("[\"\\uD83D\\uD83D\\uDE00\"]", "malformed"),
    BAD("[\"\\uDE00\\uD83D\"]", "malformed"),
    BAD("[\"\\uD83D\\u0041\"]", "malformed"),
    BAD("[\"\\uD83D\\uDE0\"]", "malformed"),
    BAD("[\"\\uD83Du\"]", "malformed"),
    BAD("{\"\\uD800\":1}", "malformed"),
    /* the same member twice, however it is spelled and wherever it is */
    BAD("{\"a\":1,\"a\":1}", "duplicate_member"),
    BAD("{\"a\":1,\"b\":2,\"a\":3}", "duplicate_member"),
    BAD("{\"\":1,\"\":2}", "duplicate_member"),
    BAD("{\"a\":1,\"\\u0061\":2}", "duplicate_member"),
    BAD("{\"\\u0061\":1,\"a\":2}", "duplicate_member"),
    BAD("{\"\\u00e9\":1,\"\xC3\xA9\":2}", "duplicate_member"),
    BAD("{\"\\uD83D\\uDE00\":1,\"\xF0\x9F\x98\x80\":2}", "duplicate_member"),
    BAD("{\"/\":1,\"\\/\":2}", "duplicate_member"),
    BAD("{\"a:b\":1,\"a\\u003ab\":2}", "duplicate_member"),
    BAD("{\"\\\"\":1,\"\\u0022\":2}", "duplicate_member"),
    BAD("{\"a\":null,\"a\":null}", "duplicate_member"),
    BAD("{\"a\":{},\"a\":{\"b\":1}}", "duplicate_member"),
    BAD("{\"a\":{\"b\":1},\"a\":{}}", "duplicate_member"),
    BAD("[{\"a\":1},{\"a\":1,\"a\":1}]", "duplicate_member"),
    BAD("{\"x\":[{\"y\":{\"a\":1,\"a\":1}}]}", "duplicate_member"),
    BAD("{\"title\":\"a\",\"title\":\"a\"}", "duplicate_member"),
    /* too deep: 33 levels */
    BAD("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "too_deep"),
    BAD("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "too_deep"),
    BAD("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "too_deep"),
    /* no UTF-8 */
    BAD_UTF8("\xFF"),
    BAD_UTF8("[\"\x80\"]"),
    BAD_UTF8("[\"\xC0\x80\"]"),
    BAD_UTF8("[\"\xC1\xBF\"]"),
    BAD_UTF8("[\"\xE0\x80\x80\"]"),
    BAD_UTF8("[\"\xED\xA0\x80\"]"),
    BAD_UTF8("[\"\xED\xA0\xBD\xED\xB8\x80\"]"),
    BAD_UTF8("[\"\xF4\x90\x80\x80\"]"),
    BAD_UTF8("[\"\xF8\x88\x80\x80\x80\"]"),
    BAD_UTF8("[\"\xC3\"]"),
    BAD_UTF8("[\"\xE2\x82\"]"),
    BAD_UTF8("[\"\xF0\x9F\x98\"]"),
    BAD_UTF8("{\"\xFE\":1}"),
    BAD_UTF8("{\"a\":1}\xC3"),
};

/* The bytes alone in memory of their own, so that a sanitizer sees every step beyond them. */
static todo_status parse_exactly(const char *text, size_t length, todo_json **ret_json, todo_error *error)
{
    char *copy = malloc(length > 0 ? length : 1);
    todo_status status;

    assert_non_null(copy);
    memcpy(copy, text, length);
    status = todo_json_parse(copy, length, ret_json, error);
    free(copy);
    return status;
}

static void bad_texts_are_refused_with_their_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_texts); i++) {
        const bad_text *bad = &bad_texts[i];
        todo_json *json = (todo_json *)1;
        todo_error error = TODO_ERROR_INIT;
        todo_status status = parse_exactly(bad->text, bad->length, &json, &error);

        if (status != TODO_ERR_INVALID || strcmp(error.code, bad->code) != 0)
            fail_msg("%s: status %d, code %s", bad->text, status, error.code);
        assert_ptr_equal(json, (todo_json *)1);
        assert_string_not_equal(error.message, "");
    }
}

static void good_texts_are_accepted(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        " { } ",
        "\t\r\n[\n]\n",
        "null",
        "true",
        "false",
        " null ",
        "0",
        "-0",
        "1",
        "-1 ",
        "1.5",
        "0.5",
        "-0.5e-10",
        "1E5",
        "1e+5",
        "9223372036854775807",
        "-9223372036854775808",
        "1e308",
        "[9223372036854775808]",
        "[18446744073709551615,18446744073709551616]",
        "[-9223372036854775809]",
        "{\"x\":99999999999999999999999999999999999999}",
        "[1e400,-1e400]",
        "1e400",
        "{\"a\":{\"b\":[1e309]}}",
        "{\"x\":[\"\\u0000\",\"a\\u0000b\"],\"y\":1}",
        "1e-400",
        "\"\"",
        "\"a\"",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"]",
        "[\"\\uD83D\\uDE00\"]",
        "[\"\\ud83d\\ude00\"]",
        "[\"\x7F\"]",
        "[\"\\uFFFF\\u0001\"]",
        "[\"\xF4\x8F\xBF\xBF\"]",
        "{\"a\":1,\"A\":1,\"\":1,\" a\":1}",
        "{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}},\"b\":{\"a\":1}}",
        "[\":\",{\":\":\":\"}]",
        "[null,{\"a\":null}]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{\"a\":1}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        todo_json *json = NULL;
        todo_error error = TODO_ERROR_INIT;

        if (parse_exactly(good[i], strlen(good[i]), &json, &error) != TODO_OK)
            fail_msg("%s: %s (%s)", good[i], error.message, error.detail);
        assert_non_null(json);
        todo_json_free(json);
    }
}

static void many_members_are_counted_right(void **state)
{
    enum { COUNT = 20000 };
    char *text = malloc(COUNT * 16 + 64), *end = text;
    todo_json *json = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < COUNT; i++)
        end += sprintf(end, "%c\"m%d\":%d", i == 0 ? '{' : ',', i, i);
    strcpy(end, "}");
    assert_int_equal(todo_json_parse(text, strlen(text), &json, NULL), TODO_OK);
    todo_json_free(json);
    strcpy(end, ",\"m12345\":0}");
    assert_int_equal(todo_json_parse(text, strlen(text), &json, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "json_duplicate_member");
    free(text);
}

static void a_malformed_text_says_where(void **state)
{
    todo_json *json = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_json_parse("{\"a\": x}", 8, &json, &error), TODO_ERR_INVALID);
    assert_string_equal(error.message, "malformed JSON at byte 6");
    assert_int_equal(todo_json_parse("{\"a\" 1}", 7, &json, &error), TODO_ERR_INVALID);
    assert_string_equal(error.message, "malformed JSON at byte 5");
}

static void null_is_refused_or_harmless(void **state)
{
    todo_json *json = NULL;

    (void)state;
    assert_int_equal(todo_json_parse(NULL, 1, &json, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_parse("{}", 2, NULL, NULL), TODO_ERR_INVALID);
    todo_json_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_texts_are_refused_with_their_code),
        cmocka_unit_test(good_texts_are_accepted),
        cmocka_unit_test(many_members_are_counted_right),
        cmocka_unit_test(a_malformed_text_says_where),
        cmocka_unit_test(null_is_refused_or_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

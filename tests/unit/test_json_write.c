#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include <todo/json.h>

static todo_item example(void)
{
    todo_item item = {0};

    assert_int_equal(todo_uuid_parse("0190d2a4-7f3b-7cde-8f01-23456789abcd", &item.id, NULL), TODO_OK);
    assert_int_equal(todo_uuid_parse("0190d2a4-0000-7000-8000-fedcba987654", &item.user_id, NULL), TODO_OK);
    item.title = "Milk";
    item.created_at = INT64_C(1795000000123456);
    item.updated_at = INT64_C(1795000001000000);
    item.version = 1;
    return item;
}

static todo_buffer *new_buffer(void)
{
    todo_buffer *buffer = NULL;

    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    return buffer;
}

static void a_todo_has_its_members_in_order(void **state)
{
    todo_item item = example();
    todo_buffer *buffer = new_buffer();

    (void)state;
    assert_int_equal(todo_json_write_item(buffer, &item, NULL), TODO_OK);
    assert_string_equal(
        todo_buffer_data(buffer),
        "{\"id\":\"0190d2a4-7f3b-7cde-8f01-23456789abcd\","
        "\"user_id\":\"0190d2a4-0000-7000-8000-fedcba987654\",\"title\":\"Milk\",\"description\":null,"
        "\"completed\":false,\"created_at\":\"2026-11-18T11:06:40.123456Z\","
        "\"updated_at\":\"2026-11-18T11:06:41.000000Z\",\"version\":1}");
    assert_int_equal(todo_buffer_length(buffer), strlen(todo_buffer_data(buffer)));
    item.description = "";
    item.completed = true;
    item.version = INT64_MIN;
    todo_buffer_truncate(buffer, 0);
    assert_int_equal(todo_json_write_item(buffer, &item, NULL), TODO_OK);
    assert_non_null(strstr(todo_buffer_data(buffer), "\"description\":\"\",\"completed\":true,"));
    assert_non_null(strstr(todo_buffer_data(buffer), "\"version\":-9223372036854775808}"));
    item.deleted_at = INT64_C(1700000000123456);
    item.modseq = INT64_MAX;
    todo_buffer_truncate(buffer, 0);
    assert_int_equal(todo_json_write_item(buffer, &item, NULL), TODO_OK);
    assert_non_null(strstr(todo_buffer_data(buffer),
                           "\"version\":-9223372036854775808,\"deleted_at\":"
                           "\"2023-11-14T22:13:20.123456Z\",\"modseq\":9223372036854775807}"));
    todo_buffer_free(buffer);
}

static void a_user_has_its_members_in_order(void **state)
{
    todo_user user = {0};
    todo_buffer *buffer = new_buffer();

    (void)state;
    user.email = "ada@example.org";
    assert_int_equal(todo_json_write_user(buffer, &user, NULL), TODO_OK);
    user.display_name = "Ada \"the first\"";
    assert_int_equal(todo_json_write_user(buffer, &user, NULL), TODO_OK);
    assert_string_equal(
        todo_buffer_data(buffer),
        "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"email\":\"ada@example.org\","
        "\"display_name\":null,\"created_at\":\"1970-01-01T00:00:00.000000Z\"}"
        "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"email\":\"ada@example.org\","
        "\"display_name\":\"Ada \\\"the first\\\"\",\"created_at\":\"1970-01-01T00:00:00.000000Z\"}");
    todo_buffer_free(buffer);
}

static void strings_are_escaped_where_they_must(void **state)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a/b", "\"a/b\""},
        {"\"", "\"\\\"\""},
        {"\\", "\"\\\\\""},
        {"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""},
        {"\x01\x0B\x1F\x7F", "\"\\u0001\\u000b\\u001f\x7F\""},
        {"h\xC3\xB6ney \xE2\x82\xAC \xF0\x9F\x98\x80", "\"h\xC3\xB6ney \xE2\x82\xAC \xF0\x9F\x98\x80\""},
        {"\xFF", "\"\xEF\xBF\xBD\""},
        {"a\xC3", "\"a\xEF\xBF\xBD\""},
        {"\xC3(", "\"\xEF\xBF\xBD(\""},
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xE2\x82 12345678", "\"\xEF\xBF\xBD\xEF\xBF\xBD 12345678\""},
    };
    todo_buffer *buffer = new_buffer();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        todo_buffer_truncate(buffer, 0);
        assert_int_equal(todo_json_write_string(buffer, cases[i].text, NULL), TODO_OK);
        assert_string_equal(todo_buffer_data(buffer), cases[i].json);
    }
    todo_buffer_free(buffer);
}

/* Reads what was written through json-c. */
static void assert_reads_back(const todo_buffer *buffer, const char *text)
{
    json_object *value = json_tokener_parse(todo_buffer_data(buffer));

    assert_true(json_object_is_type(value, json_type_string));
    assert_int_equal(json_object_get_string_len(value), strlen(text));
    assert_string_equal(json_object_get_string(value), text);
    json_object_put(value);
}

static void every_byte_at_every_place_of_a_word_reads_back(void **state)
{
    todo_buffer *buffer = new_buffer();

    (void)state;
    for (int byte = 1; byte < 0x80; byte++)
        for (size_t length = 1; length <= 24; length++)
            for (size_t place = 0; place < length; place++) {
                char text[32];

                memset(text, 'x', length);
                text[length] = '\0';
                text[place] = (char)byte;
                todo_buffer_truncate(buffer, 0);
                assert_int_equal(todo_json_write_string(buffer, text, NULL), TODO_OK);
                assert_reads_back(buffer, text);
            }
    todo_buffer_free(buffer);
}

static void a_character_at_every_place_of_a_word_reads_back(void **state)
{
    static const char *const characters[] = {"\xC3\xB6", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    todo_buffer *buffer = new_buffer();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(characters); i++)
        for (int before = 0; before <= 17; before++)
            for (int after = 0; after <= 17; after++) {
                char text[48];

                sprintf(text, "%.*s%s%s%.*s", before, "0123456789abcdefg", characters[i], characters[i],
                        after, "0123456789abcdefg");
                todo_buffer_truncate(buffer, 0);
                assert_int_equal(todo_json_write_string(buffer, text, NULL), TODO_OK);
                assert_reads_back(buffer, text);
            }
    todo_buffer_free(buffer);
}

/* Room is made for texts as they are; escapes make them up to six times as long. */
static void texts_that_are_all_escapes_make_the_buffer_grow(void **state)
{
    static const char bytes[] = {'\x01', '"', 'x', '\xFF', '\n'};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bytes); i++)
        for (size_t length = 0; length < 2000; length += 37) {
            todo_buffer *buffer = new_buffer();
            todo_item item = example();
            char *text = malloc(length + 1);
            json_object *read;

            memset(text, bytes[i], length);
            text[length] = '\0';
            item.title = item.description = text;
            assert_int_equal(todo_json_write_item(buffer, &item, NULL), TODO_OK);
            read = json_tokener_parse(todo_buffer_data(buffer));
            assert_non_null(read);
            if (bytes[i] != '\xFF')
                assert_string_equal(json_object_get_string(json_object_object_get(read, "description")),
                                    text);
            assert_int_equal(json_object_get_int(json_object_object_get(read, "version")), 1);
            json_object_put(read);
            free(text);
            todo_buffer_free(buffer);
        }
}

static void what_was_there_before_stays(void **state)
{
    todo_buffer *buffer = new_buffer();
    todo_item item = example();
    size_t length;

    (void)state;
    assert_int_equal(todo_buffer_append(buffer, "[", 1, NULL), TODO_OK);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(todo_json_write_item(buffer, &item, NULL), TODO_OK);
        assert_int_equal(todo_buffer_append(buffer, i < 999 ? "," : "]", 1, NULL), TODO_OK);
    }
    length = todo_buffer_length(buffer);
    assert_int_equal(length, strlen(todo_buffer_data(buffer)));
    {
        json_object *read = json_tokener_parse(todo_buffer_data(buffer));

        assert_int_equal(json_object_array_length(read), 1000);
        json_object_put(read);
    }
    todo_buffer_free(buffer);
}

static void null_is_refused_and_leaves_the_buffer(void **state)
{
    todo_buffer *buffer = new_buffer();
    todo_item item = example(), untitled = example();
    todo_user nobody = {0};

    (void)state;
    untitled.title = NULL;
    assert_int_equal(todo_buffer_append(buffer, "before", 6, NULL), TODO_OK);
    assert_int_equal(todo_json_write_item(NULL, &item, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_item(buffer, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_item(buffer, &untitled, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_user(buffer, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_user(buffer, &nobody, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_user(NULL, &nobody, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_string(buffer, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_write_string(NULL, "", NULL), TODO_ERR_INVALID);
    assert_string_equal(todo_buffer_data(buffer), "before");
    todo_buffer_free(buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_todo_has_its_members_in_order),
        cmocka_unit_test(a_user_has_its_members_in_order),
        cmocka_unit_test(strings_are_escaped_where_they_must),
        cmocka_unit_test(every_byte_at_every_place_of_a_word_reads_back),
        cmocka_unit_test(a_character_at_every_place_of_a_word_reads_back),
        cmocka_unit_test(texts_that_are_all_escapes_make_the_buffer_grow),
        cmocka_unit_test(what_was_there_before_stays),
        cmocka_unit_test(null_is_refused_and_leaves_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

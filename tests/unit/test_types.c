#include "testing.h"

#include <stdio.h>
#include <time.h>

#include <todo/item.h>

static void a_uuid_survives_the_round_trip(void **state)
{
    static const char text[] = "0190d2a4-7f3b-7cde-8f01-23456789abcd";
    todo_uuid uuid;
    char formatted[TODO_UUID_TEXT_SIZE];

    (void)state;
    assert_int_equal(todo_uuid_parse("0190D2A4-7F3B-7CDE-8F01-23456789ABCD", &uuid, NULL), TODO_OK);
    todo_uuid_format(&uuid, formatted);
    assert_string_equal(formatted, text);
}

static void what_is_no_uuid_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "0190d2a4",
                                      "0190d2a47f3b7cde8f0123456789abcd",
                                      "0190d2a4-7f3b-7cde-8f01-23456789abcd0",
                                      "0190d2a4-7f3b-7cde-8f01-23456789abc",
                                      "0190d2a4-7f3b-7cde-8f01-23456789abcg",
                                      "0190d2a4_7f3b-7cde-8f01-23456789abcd",
                                      "{0190d2a4-7f3b-7cde-8f01-23456789abc}",
                                      "not-a-uuid"};
    todo_uuid uuid;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(todo_uuid_parse(bad[i], &uuid, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "uuid_invalid");
    assert_int_equal(todo_uuid_parse(NULL, &uuid, NULL), TODO_ERR_INVALID);
}

static void new_uuids_are_version_7_and_ordered_by_time(void **state)
{
    todo_uuid first, second;
    struct timespec pause = {0, 2000000};

    (void)state;
    assert_int_equal(todo_uuid_generate(&first, NULL), TODO_OK);
    nanosleep(&pause, NULL);
    assert_int_equal(todo_uuid_generate(&second, NULL), TODO_OK);
    assert_int_equal(first.bytes[6] >> 4, 7);
    assert_int_equal(first.bytes[8] >> 6, 2);
    assert_true(todo_uuid_compare(&first, &second) < 0);
}

static void assert_time(todo_time time, const char *expected)
{
    char text[TODO_TIME_TEXT_SIZE];
    todo_time parsed;

    todo_time_format(time, text);
    assert_string_equal(text, expected);
    assert_int_equal(todo_time_parse(expected, &parsed, NULL), TODO_OK);
    assert_int_equal(parsed, time);
}

static void times_are_rfc_3339_both_ways(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000000Z");
    assert_time(INT64_C(1795521630123456), "2026-11-24T12:00:30.123456Z");
    assert_time(-1, "1969-12-31T23:59:59.999999Z");
    assert_time(INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z");
    assert_time(INT64_C(-62167219200000000), "0000-01-01T00:00:00.000000Z");
    assert_time(INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z");
}

static void every_day_agrees_with_gmtime(void **state)
{
    (void)state;
    for (time_t day = -719528; day < 2932896; day += 17) {
        time_t seconds = day * 86400 + day % 86400;
        char text[TODO_TIME_TEXT_SIZE], expected[64];
        struct tm tm;

        if (seconds < -62167219200 || seconds > 253402300799)
            continue;
        gmtime_r(&seconds, &tm);
        snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.000000Z", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        todo_time_format((todo_time)seconds * 1000000, text);
        assert_string_equal(text, expected);
    }
}

static void offsets_fractions_and_leap_seconds_are_read(void **state)
{
    todo_time time;

    (void)state;
    assert_int_equal(todo_time_parse("2000-02-29T02:00:00+02:00", &time, NULL), TODO_OK);
    assert_int_equal(time, INT64_C(951782400000000));
    assert_int_equal(todo_time_parse("2000-02-28t22:30:00.5-01:30", &time, NULL), TODO_OK);
    assert_int_equal(time, INT64_C(951782400500000));
    assert_int_equal(todo_time_parse("2000-02-29T00:00:00.1234567899Z", &time, NULL), TODO_OK);
    assert_int_equal(time, INT64_C(951782400123456));
    assert_int_equal(todo_time_parse("1998-12-31T23:59:60Z", &time, NULL), TODO_OK);
    assert_int_equal(time, INT64_C(915148799000000));
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "2000-02-29",
                                      "2001-02-29T00:00:00Z",
                                      "2000-13-01T00:00:00Z",
                                      "2000-00-01T00:00:00Z",
                                      "2000-01-32T00:00:00Z",
                                      "2000-01-01T24:00:00Z",
                                      "2000-01-01T00:60:00Z",
                                      "2000-01-01T00:00:61Z",
                                      "2000-01-01T00:00:00",
                                      "2000-01-01T00:00:00.Z",
                                      "2000-01-01T00:00:00+0100",
                                      "2000-01-01T00:00:00Zz",
                                      "+2000-1-1T00:00:00Z"};
    todo_time time;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(todo_time_parse(bad[i], &time, NULL), TODO_ERR_INVALID);
}

static void a_cursor_survives_the_round_trip(void **state)
{
    todo_cursor cursor = {INT64_C(-2), {{1, 2, 3, 0xFF}}}, parsed;
    char text[TODO_CURSOR_TEXT_SIZE];

    (void)state;
    todo_cursor_format(&cursor, text);
    assert_int_equal(strlen(text), TODO_CURSOR_TEXT_SIZE - 1);
    assert_int_equal(todo_cursor_parse(text, &parsed, NULL), TODO_OK);
    assert_int_equal(parsed.key, cursor.key);
    assert_int_equal(todo_uuid_compare(&parsed.id, &cursor.id), 0);
    text[47] = 'x';
    assert_int_equal(todo_cursor_parse(text, &parsed, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_cursor_parse("", &parsed, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_cursor_parse(NULL, &parsed, NULL), TODO_ERR_INVALID);
}

static void a_deadline_counts_down(void **state)
{
    todo_call call = TODO_CALL_INIT;

    (void)state;
    assert_int_equal(todo_call_remaining(NULL), -1);
    assert_int_equal(todo_call_remaining(&call), -1);
    todo_call_set_timeout(&call, 60000);
    assert_in_range(todo_call_remaining(&call), 1, 60000);
    call.deadline = 1;
    assert_int_equal(todo_call_remaining(&call), 0);
}

static void a_sequence_survives_the_round_trip(void **state)
{
    const todo_sequence sequence = {7, UINT64_C(0xFEDCBA9876543210)};
    char text[TODO_SEQUENCE_TEXT_SIZE];
    todo_sequence parsed;

    (void)state;
    todo_sequence_format(&sequence, text);
    assert_string_equal(text, "0000000000000007-fedcba9876543210");
    assert_int_equal(todo_sequence_parse(text, &parsed, NULL), TODO_OK);
    assert_int_equal(todo_sequence_compare(&sequence, &parsed), 0);
}

static void sequences_are_ordered_by_epoch_then_number(void **state)
{
    static const todo_sequence rising[] = {{0, 0}, {0, 9}, {1, 0}, {1, 1}, {1, UINT64_MAX}, {2, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rising); i++)
        for (size_t j = 0; j < COUNT_OF(rising); j++) {
            int order = todo_sequence_compare(&rising[i], &rising[j]);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

static void what_is_no_sequence_is_refused(void **state)
{
    static const char *const broken[] = {"",
                                         "x",
                                         "0000000000000001-000000000000000",
                                         "0000000000000001-00000000000000001",
                                         "0000000000000001_0000000000000000",
                                         "000000000000000G-0000000000000000"};
    todo_sequence sequence;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_sequence_parse(NULL, &sequence, NULL), TODO_ERR_INVALID);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        assert_int_equal(todo_sequence_parse(broken[i], &sequence, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "consistency_token_invalid");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uuid_survives_the_round_trip),
        cmocka_unit_test(what_is_no_uuid_is_refused),
        cmocka_unit_test(new_uuids_are_version_7_and_ordered_by_time),
        cmocka_unit_test(times_are_rfc_3339_both_ways),
        cmocka_unit_test(every_day_agrees_with_gmtime),
        cmocka_unit_test(offsets_fractions_and_leap_seconds_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_cursor_survives_the_round_trip),
        cmocka_unit_test(a_deadline_counts_down),
        cmocka_unit_test(a_sequence_survives_the_round_trip),
        cmocka_unit_test(sequences_are_ordered_by_epoch_then_number),
        cmocka_unit_test(what_is_no_sequence_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

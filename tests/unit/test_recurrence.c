#include "testing.h"

#include <string.h>

#include <todo/recurrence.h>

static todo_date date_of(const char *text)
{
    todo_date date = {0, 0, 0};

    assert_int_equal(todo_date_parse(text, &date, NULL), TODO_OK);
    return date;
}

static todo_recurrence rule_of(const char *text)
{
    todo_recurrence rule;
    todo_error error = TODO_ERROR_INIT;

    if (todo_recurrence_parse(text, &rule, &error) != TODO_OK)
        fail_msg("%s: %s", text, error.message);
    return rule;
}

/* The first dates of a rule, up to eight of them, with blanks between. */
static const char *dates_of(const char *text, const char *start)
{
    static char dates[8 * TODO_DATE_TEXT_SIZE + 1];
    todo_recurrence rule = rule_of(text);
    todo_recurrence_walk walk;
    todo_date date;

    dates[0] = '\0';
    todo_recurrence_begin(&rule, date_of(start), &walk);
    for (int i = 0; i < 8 && todo_recurrence_next(&walk, &date); i++) {
        if (i > 0)
            strcat(dates, " ");
        todo_date_format(date, dates + strlen(dates));
    }
    return dates;
}

/* The examples of RFC 5545, 3.8.5.3, of the parts that are supported. */
static void the_examples_of_rfc_5545_give_their_dates(void **state)
{
    static const struct {
        const char *rule, *start, *dates;
    } examples[] = {
        {"FREQ=DAILY;COUNT=3", "1997-09-02", "1997-09-02 1997-09-03 1997-09-04"},
        {"FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02",
         "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"},
        {"FREQ=YEARLY;UNTIL=19980202T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "1998-01-30",
         "1998-01-30 1998-01-31"},
        {"FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=3", "1997-09-02", "1997-09-02 1997-09-16 1997-09-30"},
        {"FREQ=WEEKLY;COUNT=4;WKST=SU;BYDAY=TU,TH", "1997-09-02",
         "1997-09-02 1997-09-04 1997-09-09 1997-09-11"},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05",
         "1997-08-05 1997-08-10 1997-08-19 1997-08-24"},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05",
         "1997-08-05 1997-08-17 1997-08-19 1997-08-31"},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07"},
        {"FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=1SU,-1SU", "1997-09-07",
         "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25"},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17"},
        {"FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=4", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28 1997-12-29"},
        {"FREQ=MONTHLY;COUNT=5;BYMONTHDAY=1,-1", "1997-09-30",
         "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30"},
        {"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15",
         "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"},
        {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "1998-02-13", "1998-02-13 1998-03-13 1998-11-13"},
        {"FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=3", "1997-09-13",
         "1997-09-13 1997-10-11 1997-11-08"},
        {"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3", "1996-11-05",
         "1996-11-05 2000-11-07 2004-11-02"},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997-09-04 1997-10-07 1997-11-06"},
        {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3", "1997-09-29",
         "1997-09-29 1997-10-30 1997-11-27"},
        {"FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "1997-06-10", "1997-06-10 1997-07-10 1998-06-10 1998-07-10"},
        {"FREQ=YEARLY;BYDAY=20MO;COUNT=3", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"},
        {"FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=4", "1997-03-13",
         "1997-03-13 1997-03-20 1997-03-27 1998-03-05"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        assert_string_equal(dates_of(examples[i].rule, examples[i].start), examples[i].dates);
}

static void what_is_left_open_comes_from_the_start(void **state)
{
    (void)state;
    assert_string_equal(dates_of("FREQ=MONTHLY;COUNT=3", "2026-01-31"), "2026-01-31 2026-03-31 2026-05-31");
    assert_string_equal(dates_of("FREQ=YEARLY;COUNT=2", "2024-02-29"), "2024-02-29 2028-02-29");
    assert_string_equal(dates_of("FREQ=WEEKLY;COUNT=2", "2026-12-31"), "2026-12-31 2027-01-07");
}

/* Each of these would look for ever, or for a very long time. */
static void every_walk_ends(void **state)
{
    static const char *const barren[] = {
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;BYMONTH=4",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=YEARLY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO", /* from a Tuesday */
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(barren) / sizeof(barren[0]); i++)
        assert_string_equal(dates_of(barren[i], "2026-12-01"), "");
    assert_string_equal(
        dates_of("FREQ=YEARLY;INTERVAL=999", "2026-01-01"),
        "2026-01-01 3025-01-01 4024-01-01 5023-01-01 6022-01-01 7021-01-01 8020-01-01 9019-01-01");
    assert_string_equal(dates_of("FREQ=DAILY", "9999-12-30"), "9999-12-30 9999-12-31");
}

static void the_next_date_is_found_from_any(void **state)
{
    todo_recurrence rule = rule_of("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU");
    todo_date next;

    (void)state;
    assert_true(todo_recurrence_after(&rule, date_of("1997-08-05"), date_of("1997-08-19"), &next));
    assert_int_equal(todo_date_compare(next, date_of("1997-08-31")), 0);
    assert_true(todo_recurrence_after(&rule, date_of("1997-08-05"), date_of("1990-01-01"), &next));
    assert_int_equal(todo_date_compare(next, date_of("1997-08-05")), 0);
    rule = rule_of("FREQ=DAILY;COUNT=3");
    assert_true(todo_recurrence_after(&rule, date_of("2026-01-01"), date_of("2026-01-02"), &next));
    assert_int_equal(next.day, 3);
    assert_false(todo_recurrence_after(&rule, date_of("2026-01-01"), date_of("2026-01-03"), &next));
    assert_int_equal(next.day, 3); /* outputs are written only on success */
}

static void what_rfc_5545_rules_out_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "FREQ",
        "FREQ=",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1x",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=20270101T250000Z",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=-1FR",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYDAY=MO,",
        "FREQ=MONTHLY;BYDAY=,MO",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY; COUNT=2",
        "FREQ=DAILY;;COUNT=2",
        "FREQ=DAILY;WKST=1",
        "RRULE:FREQ=DAILY",
    };
    todo_recurrence rule = {.interval = 77};
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (todo_recurrence_parse(bad[i], &rule, &error) != TODO_ERR_INVALID)
            fail_msg("taken: %s", bad[i]);
        assert_string_equal(error.code, "recurrence_invalid");
    }
    assert_int_equal(rule.interval, 77);
}

static void a_rule_has_one_text(void **state)
{
    static const struct {
        const char *rule, *text;
    } cases[] = {
        {"freq=weekly;wkst=mo;interval=1;byday=th,mo,th", "FREQ=WEEKLY;BYDAY=MO,TH"},
        {"BYSETPOS=-1,2;BYDAY=FR,-1FR,+2FR;COUNT=3;INTERVAL=2;FREQ=MONTHLY;WKST=SU;BYMONTHDAY=-1,31,1;"
         "BYMONTH=12,1",
         "FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTH=1,12;BYMONTHDAY=1,31,-1;BYDAY=FR,2FR,-1FR;BYSETPOS=2,-1;"
         "WKST=SU"},
        {"FREQ=DAILY;UNTIL=20271224T235959Z", "FREQ=DAILY;UNTIL=20271224"},
    };
    char text[TODO_RECURRENCE_TEXT_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        todo_recurrence rule = rule_of(cases[i].rule);

        todo_recurrence_format(&rule, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void dates_are_read_and_counted(void **state)
{
    static const char *const bad[] = {"",           "2026-1-01",   "2026-02-29", "2026-13-01",
                                      "2026-00-01", "2026-01-00",  "0000-01-01", "2026-01-32",
                                      "20260101",   "2026-01-01T", "x026-01-01"};
    todo_date date;
    char text[TODO_DATE_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(todo_date_parse(bad[i], &date, NULL), TODO_ERR_INVALID);
    for (int32_t days = -719162; days <= 2932896; days++) {
        date = todo_date_from_days(days);
        assert_int_equal(todo_date_to_days(date), days);
    }
    todo_date_format(todo_date_from_days(INT32_MIN), text);
    assert_string_equal(text, "0001-01-01");
    todo_date_format(todo_date_from_days(INT32_MAX), text);
    assert_string_equal(text, "9999-12-31");
    assert_int_equal(todo_date_weekday(date_of("2026-11-28")), 5);
}

static void misuse_does_no_harm(void **state)
{
    todo_recurrence rule = rule_of("FREQ=DAILY");
    todo_recurrence_walk walk;
    todo_date date;
    char text[TODO_RECURRENCE_TEXT_MAX + 1];

    (void)state;
    assert_int_equal(todo_recurrence_parse(NULL, &rule, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_recurrence_parse("FREQ=DAILY", NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_date_parse(NULL, &date, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_date_parse("2026-01-01", NULL, NULL), TODO_ERR_INVALID);
    todo_recurrence_begin(&rule, (todo_date){2026, 2, 30}, &walk);
    assert_false(todo_recurrence_next(&walk, &date));
    todo_recurrence_begin(NULL, (todo_date){2026, 2, 1}, &walk);
    assert_false(todo_recurrence_next(&walk, &date));
    assert_false(todo_recurrence_next(NULL, &date));
    assert_false(todo_recurrence_after(&rule, date_of("2026-01-01"), date_of("2026-01-01"), NULL));
    todo_recurrence_format(NULL, text);
    assert_string_equal(text, "");
    todo_recurrence_format(&rule, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_rfc_5545_give_their_dates),
        cmocka_unit_test(what_is_left_open_comes_from_the_start),
        cmocka_unit_test(every_walk_ends),
        cmocka_unit_test(the_next_date_is_found_from_any),
        cmocka_unit_test(what_rfc_5545_rules_out_is_refused),
        cmocka_unit_test(a_rule_has_one_text),
        cmocka_unit_test(dates_are_read_and_counted),
        cmocka_unit_test(misuse_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

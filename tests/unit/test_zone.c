#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/zone.h"

#define SECOND INT64_C(1000000)

static todo_zone *open_zone(const char *name)
{
    todo_zone *zone = NULL;

    assert_int_equal(todo_zone_open(name, &zone, NULL), TODO_OK);
    return zone;
}

static int64_t seconds_of(const char *text)
{
    todo_time time;

    assert_int_equal(todo_time_parse(text, &time, NULL), TODO_OK);
    return time;
}

static void nine_stays_nine(void **state)
{
    todo_zone *zone = open_zone("Europe/Vienna");
    todo_time time;
    todo_wall_kind kind;

    (void)state;
    todo_zone_to_time(zone, seconds_of("2026-03-28T09:00:00Z"), &time, &kind);
    assert_int_equal(time, seconds_of("2026-03-28T08:00:00Z"));
    assert_int_equal(kind, TODO_WALL_ONCE);
    todo_zone_to_time(zone, seconds_of("2026-03-29T09:00:00Z"), &time, &kind);
    assert_int_equal(time, seconds_of("2026-03-29T07:00:00Z"));
    assert_int_equal(todo_zone_to_wall(zone, time), seconds_of("2026-03-29T09:00:00Z"));
    todo_zone_to_time(zone, seconds_of("2090-07-01T09:00:00.123456Z"), &time,
                      NULL); /* by the rule at the end */
    assert_int_equal(time, seconds_of("2090-07-01T07:00:00.123456Z"));
    todo_zone_close(zone);
}

static void what_is_skipped_moves_forward_and_the_first_of_two_is_meant(void **state)
{
    todo_zone *zone = open_zone("Europe/Vienna");
    todo_time time;
    todo_wall_kind kind;

    (void)state;
    todo_zone_to_time(zone, seconds_of("2026-03-29T02:30:00Z"), &time, &kind);
    assert_int_equal(kind, TODO_WALL_SKIPPED);
    assert_int_equal(todo_zone_to_wall(zone, time), seconds_of("2026-03-29T03:30:00Z"));
    todo_zone_to_time(zone, seconds_of("2026-10-25T02:30:00Z"), &time, &kind);
    assert_int_equal(kind, TODO_WALL_TWICE);
    assert_int_equal(time, seconds_of("2026-10-25T00:30:00Z"));
    todo_zone_close(zone);
}

static void the_environment_does_not_matter(void **state)
{
    todo_zone *zone = open_zone("Pacific/Kiritimati");

    (void)state;
    assert_int_equal(setenv("TZ", "America/St_Johns", 1), 0);
    assert_int_equal(todo_zone_to_wall(zone, 0), -INT64_C(38400) * SECOND);
    assert_int_equal(todo_zone_to_wall(zone, seconds_of("2026-01-01T00:00:00Z")),
                     seconds_of("2026-01-01T14:00:00Z"));
    unsetenv("TZ");
    todo_zone_close(zone);
}

static void names_are_those_of_zones_only(void **state)
{
    static const char *const bad[] = {"",          "Nowhere",     "../../../etc/passwd", "/etc/localtime",
                                      "Europe",    "Europe/",     "Europe//Vienna",      "zone.tab",
                                      "tzdata.zi", "leapseconds", "Europe/Vienna ",      "ЕВРОПА"};
    todo_zone *zone = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(todo_zone_open(bad[i], &zone, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "time_zone_unknown");
    }
    assert_null(zone);
}

static void rules_of_every_form_are_read(void **state)
{
    static const struct {
        const char *text;
        int32_t january, july; /* offsets in 2026 */
    } rules[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200},
        {"<-03>3", -10800, -10800},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3600},
        {"EST5EDT,J60/2,J300", -18000, -14400},
        {"EST5EDT,59/2,299", -18000, -14400},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 39600, 36000},
        {"XXX-0:30:15", 1815, 1815},
        {"<+01>-1", 3600, 3600},
    };
    static const char *const bad[] = {"",
                                      "C",
                                      "CET",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,J0,J1",
                                      "CET-1CEST,366,1",
                                      "CET-200",
                                      "<CET-1",
                                      "CET-1CEST,M3.5.0,M10.5.0x",
                                      "CET-1 ",
                                      "CET-1CEST,M3.5.0/,M10.5.0"};
    todo__zone_rule rule = {.present = false};

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        assert_true(todo__zone_rule_parse(rules[i].text, &rule));
        assert_int_equal(todo__zone_rule_offset(&rule, seconds_of("2026-01-15T00:00:00Z") / SECOND),
                         rules[i].january);
        assert_int_equal(todo__zone_rule_offset(&rule, seconds_of("2026-07-15T00:00:00Z") / SECOND),
                         rules[i].july);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(todo__zone_rule_parse(bad[i], &rule));
}

/* The zone data is the system's own, but a broken file must not break the program. */
static void a_broken_file_is_refused_or_read_within_its_bytes(void **state)
{
    static uint8_t whole[TODO__ZONE_FILE_MAX];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Dublin", "rb");
    size_t length;
    unsigned seed = 1;

    (void)state;
    assert_non_null(file);
    length = fread(whole, 1, sizeof(whole), file);
    fclose(file);
    for (size_t i = 0; i < 20000; i++) {
        size_t size = i < length ? i : length;
        uint8_t *bytes = malloc(size + 1);
        todo_zone *zone = NULL;

        assert_non_null(bytes);
        memcpy(bytes, whole, size);
        for (unsigned n = 0; i >= length && n < 4; n++) {
            seed = seed * 1103515245u + 12345u;
            bytes[(seed >> 8) % (n < 2 ? 120 : size)] = (uint8_t)(seed >> 24);
        }
        if (todo__zone_read(bytes, size, &zone, NULL) == TODO_OK) {
            (void)todo_zone_to_wall(zone, INT64_MAX / 2);
            (void)todo_zone_to_wall(zone, INT64_MIN / 2);
        }
        todo_zone_close(zone);
        free(bytes);
    }
}

static void misuse_does_no_harm(void **state)
{
    todo_zone *zone = open_zone("UTC"), *none = NULL;
    todo_time time = 7;

    (void)state;
    assert_int_equal(todo_zone_open(NULL, &none, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_zone_open("UTC", NULL, NULL), TODO_ERR_INVALID);
    todo_zone_to_time(NULL, 0, &time, NULL);
    assert_int_equal(time, 7);
    todo_zone_to_time(zone, 0, NULL, NULL);
    assert_int_equal(todo_zone_to_wall(NULL, 5), 0);
    todo_zone_close(NULL);
    todo_zone_close(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_stays_nine),
        cmocka_unit_test(what_is_skipped_moves_forward_and_the_first_of_two_is_meant),
        cmocka_unit_test(the_environment_does_not_matter),
        cmocka_unit_test(names_are_those_of_zones_only),
        cmocka_unit_test(rules_of_every_form_are_read),
        cmocka_unit_test(a_broken_file_is_refused_or_read_within_its_bytes),
        cmocka_unit_test(misuse_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

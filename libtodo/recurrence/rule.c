/* The text of a rule, both ways. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "recurrence/calendar.h"
#include "util/entry.h"

static const char *const frequencies[] = {
    [TODO_DAILY] = "DAILY", [TODO_WEEKLY] = "WEEKLY", [TODO_MONTHLY] = "MONTHLY", [TODO_YEARLY] = "YEARLY"};
static const char *const weekday_names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/* A run of bytes of the rule's text. */
typedef struct slice {
    const char *text;
    size_t length;
} slice;

static bool is(slice word, const char *name)
{
    return strlen(name) == word.length && strncasecmp(word.text, name, word.length) == 0;
}

/* Cuts off what stands before `separator`; all of it when there is none. */
static slice cut(slice *rest, char separator)
{
    const char *end = memchr(rest->text, separator, rest->length);
    slice word = {rest->text, end != NULL ? (size_t)(end - rest->text) : rest->length};
    size_t used = word.length + (end != NULL);

    rest->text += used;
    rest->length -= used;
    return word;
}

/* A number of at most three digits with a sign before it, not 0, whose size is at most `maximum`. */
static bool read_signed(slice word, int maximum, int *ret_number)
{
    bool minus = word.length > 0 && word.text[0] == '-';

    if (minus || (word.length > 0 && word.text[0] == '+')) {
        word.text++;
        word.length--;
    }
    if (word.length == 0 || word.length > 3 || !todo__read_number(word.text, word.length, ret_number) ||
        *ret_number == 0 || *ret_number > maximum)
        return false;
    *ret_number = minus ? -*ret_number : *ret_number;
    return true;
}

static bool read_unsigned(slice word, int maximum, uint32_t *ret_number)
{
    int number;

    if (word.length == 0 || word.length > 7 || !todo__read_number(word.text, word.length, &number) ||
        number < 1 || number > maximum)
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

static bool read_frequency(slice value, todo_recurrence *rule)
{
    for (todo_frequency i = TODO_DAILY; i <= TODO_YEARLY; i++)
        if (is(value, frequencies[i]))
            rule->frequency = i;
    return rule->frequency != 0;
}

static bool read_interval(slice value, todo_recurrence *rule)
{
    return read_unsigned(value, TODO_INTERVAL_MAX, &rule->interval);
}

static bool read_count(slice value, todo_recurrence *rule)
{
    return read_unsigned(value, TODO_COUNT_MAX, &rule->count);
}

/* DATE or DATE-TIME (3.3.4, 3.3.5), of which the date counts. */
static bool read_until(slice value, todo_recurrence *rule)
{
    int year, month, day, time;
    bool timed =
        value.length == 15 || (value.length == 16 && (value.text[15] == 'Z' || value.text[15] == 'z'));

    if (value.length != 8 && !timed)
        return false;
    if (timed &&
        ((value.text[8] != 'T' && value.text[8] != 't') || !todo__read_number(value.text + 9, 6, &time) ||
         time / 10000 > 23 || time / 100 % 100 > 59 || time % 100 > 60))
        return false;
    rule->has_until =
        todo__read_number(value.text, 4, &year) && todo__read_number(value.text + 4, 2, &month) &&
        todo__read_number(value.text + 6, 2, &day) && todo__make_date(year, month, day, &rule->until);
    return rule->has_until;
}

static bool read_weekday(slice word, uint8_t *ret_weekday)
{
    for (uint8_t i = 0; i < 7; i++) {
        if (is(word, weekday_names[i])) {
            *ret_weekday = i;
            return true;
        }
    }
    return false;
}

static bool read_week_start(slice value, todo_recurrence *rule)
{
    return read_weekday(value, &rule->week_start);
}

/* One element of a list. */
static bool read_by_day(slice word, todo_recurrence *rule)
{
    int ordinal = 0;
    uint8_t weekday;

    if (word.length < 2 || !read_weekday((slice){word.text + word.length - 2, 2}, &weekday) ||
        (word.length > 2 && !read_signed((slice){word.text, word.length - 2}, 53, &ordinal)))
        return false;
    if (ordinal < 0)
        rule->last_weekdays[weekday] |= UINT64_C(1) << -ordinal;
    else
        rule->weekdays[weekday] |= UINT64_C(1) << ordinal;
    return true;
}

static bool read_by_month_day(slice word, todo_recurrence *rule)
{
    int day;

    if (!read_signed(word, 31, &day))
        return false;
    if (day < 0)
        rule->last_month_days |= UINT32_C(1) << -day;
    else
        rule->month_days |= UINT32_C(1) << day;
    return true;
}

static bool read_by_month(slice word, todo_recurrence *rule)
{
    int month;

    if (!read_signed(word, 12, &month) || month < 0)
        return false;
    rule->months = (uint16_t)(rule->months | 1u << month);
    return true;
}

static bool read_by_position(slice word, todo_recurrence *rule)
{
    int position;
    uint64_t *bits;

    if (!read_signed(word, 366, &position))
        return false;
    bits = position < 0 ? rule->last_positions : rule->positions;
    position = (position < 0 ? -position : position) - 1;
    bits[position / 64] |= UINT64_C(1) << (position % 64);
    return true;
}

static const struct part {
    const char *name;
    bool list; /* of values, each of which `read` takes */
    bool (*read)(slice value, todo_recurrence *rule);
} parts[] = {
    {"FREQ", false, read_frequency},  {"INTERVAL", false, read_interval},
    {"COUNT", false, read_count},     {"UNTIL", false, read_until},
    {"BYDAY", true, read_by_day},     {"BYMONTHDAY", true, read_by_month_day},
    {"BYMONTH", true, read_by_month}, {"BYSETPOS", true, read_by_position},
    {"WKST", false, read_week_start},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

__attribute__((format(printf, 2, 3))) static todo_status refuse(todo_error *error, const char *format, ...)
{
    char message[sizeof(error->message)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    return todo_error_set(error, TODO_ERR_INVALID, "recurrence_invalid", "recurrence", message);
}

static bool read_values(const struct part *part, slice value, todo_recurrence *rule)
{
    bool good = value.length > 0;

    if (!part->list)
        return part->read(value, rule);
    /* A list that ends with a comma has an empty value at its end. */
    while (good && value.length > 0) {
        slice word = cut(&value, ',');

        good = part->read(word, rule) && (value.length > 0 || word.text + word.length == value.text);
    }
    return good;
}

static todo_status read_part(slice part, unsigned *seen, todo_recurrence *rule, todo_error *error)
{
    slice value = part, name;
    size_t at = 0;

    name = cut(&value, '=');
    while (at < PART_COUNT && !is(name, parts[at].name))
        at++;
    if (at == PART_COUNT)
        return refuse(error, "\"%.*s\" is not a supported part of a recurrence rule",
                      name.length < 20 ? (int)name.length : 20, name.text);
    if (*seen & 1u << at)
        return refuse(error, "%s is there twice", parts[at].name);
    *seen |= 1u << at;
    if (!read_values(&parts[at], value, rule))
        return refuse(error, "the value of %s is not valid", parts[at].name);
    return TODO_OK;
}

static bool has_ordinals(const todo_recurrence *rule)
{
    for (int i = 0; i < 7; i++)
        if (rule->weekdays[i] > 1 || rule->last_weekdays[i] != 0)
            return true;
    return false;
}

/* What RFC 5545 rules out of parts together. Bits of `seen` are in the order of `parts`. */
static todo_status check_together(const todo_recurrence *rule, unsigned seen, todo_error *error)
{
    enum { BY_DAY = 1 << 4, BY_MONTH_DAY = 1 << 5, BY_MONTH = 1 << 6, BY_POSITION = 1 << 7 };

    if (rule->frequency == 0)
        return refuse(error, "FREQ is missing");
    if (rule->count != 0 && rule->has_until)
        return refuse(error, "COUNT and UNTIL exclude each other");
    if (rule->frequency < TODO_MONTHLY && has_ordinals(rule))
        return refuse(error, "BYDAY has numbers only with FREQ=MONTHLY or YEARLY");
    if (rule->frequency == TODO_WEEKLY && (seen & BY_MONTH_DAY) != 0)
        return refuse(error, "BYMONTHDAY cannot stand with FREQ=WEEKLY");
    if ((seen & BY_POSITION) != 0 && (seen & (BY_DAY | BY_MONTH_DAY | BY_MONTH)) == 0)
        return refuse(error, "BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH");
    return TODO_OK;
}

todo_status todo_recurrence_parse(const char *text, todo_recurrence *ret_rule, todo_error *error)
{
    todo_recurrence rule = {.interval = 1};
    slice rest = {text, text != NULL ? strlen(text) : 0};
    unsigned seen = 0;
    todo_status status = TODO_OK;

    if (!todo__given(error, text, ret_rule))
        return TODO_ERR_INVALID;
    if (rest.length > TODO_RECURRENCE_TEXT_MAX)
        return refuse(error, "a recurrence rule has at most %u bytes", TODO_RECURRENCE_TEXT_MAX);
    while (status == TODO_OK && rest.length > 0)
        status = read_part(cut(&rest, ';'), &seen, &rule, error);
    if (status == TODO_OK)
        status = check_together(&rule, seen, error);
    if (status == TODO_OK)
        *ret_rule = rule;
    return status;
}

/* ---- writing ---- */

/* A text that grows; what does not fit is left out. */
typedef struct output {
    char *text;
    size_t length;
} output;

__attribute__((format(printf, 2, 3))) static void add(output *out, const char *format, ...)
{
    size_t room = TODO_RECURRENCE_TEXT_MAX + 1 - out->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(out->text + out->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        out->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* The separator before a value of the list `name`: its name first, then commas. */
static const char *before(bool *begun, const char *name)
{
    const char *text = *begun ? "," : name;

    *begun = true;
    return text;
}

static void add_weekdays(output *out, const todo_recurrence *rule)
{
    bool begun = false;

    for (int day = 0; day < 7; day++) {
        if (rule->weekdays[day] & 1)
            add(out, "%s%s", before(&begun, ";BYDAY="), weekday_names[day]);
        for (int n = 1; n <= 53; n++)
            if (rule->weekdays[day] >> n & 1)
                add(out, "%s%d%s", before(&begun, ";BYDAY="), n, weekday_names[day]);
        for (int n = 1; n <= 53; n++)
            if (rule->last_weekdays[day] >> n & 1)
                add(out, "%s-%d%s", before(&begun, ";BYDAY="), n, weekday_names[day]);
    }
}

static void add_numbers(output *out, const char *name, const uint64_t *bits, const uint64_t *last_bits,
                        int base, int count)
{
    bool begun = false;

    for (int i = 0; i < count; i++)
        if (bits[i / 64] >> (i % 64) & 1)
            add(out, "%s%d", before(&begun, name), i + base);
    for (int i = 0; i < count; i++)
        if (last_bits[i / 64] >> (i % 64) & 1)
            add(out, "%s-%d", before(&begun, name), i + base);
}

void todo_recurrence_format(const todo_recurrence *rule, char *text)
{
    const uint64_t none = 0;
    output out = {text, 0};

    if (text == NULL)
        return;
    *text = '\0';
    if (rule == NULL || rule->frequency < TODO_DAILY || rule->frequency > TODO_YEARLY)
        return;
    add(&out, "FREQ=%s", frequencies[rule->frequency]);
    if (rule->interval > 1)
        add(&out, ";INTERVAL=%u", rule->interval);
    if (rule->count != 0)
        add(&out, ";COUNT=%u", rule->count);
    if (rule->has_until)
        add(&out, ";UNTIL=%04d%02d%02d", rule->until.year, rule->until.month, rule->until.day);
    add_numbers(&out, ";BYMONTH=", &(uint64_t){rule->months}, &none, 0, 13);
    add_numbers(&out, ";BYMONTHDAY=", &(uint64_t){rule->month_days}, &(uint64_t){rule->last_month_days}, 0,
                32);
    add_weekdays(&out, rule);
    add_numbers(&out, ";BYSETPOS=", rule->positions, rule->last_positions, 1, 366);
    if (rule->week_start != 0)
        add(&out, ";WKST=%s", weekday_names[rule->week_start]);
}

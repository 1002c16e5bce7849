/* The rule in the form of POSIX's TZ that ends a zone file: `CET-1CEST,M3.5.0,M10.5.0/3`. */
#include <string.h>

#include "recurrence/calendar.h"
#include "zone/zone.h"

#define DAY INT64_C(86400)

/* Skips an abbreviation: letters, or anything between < and >. */
static bool skip_name(const char **text)
{
    const char *at = *text;

    if (*at == '<') {
        at = strchr(at, '>');
        if (at == NULL)
            return false;
        *text = at + 1;
        return true;
    }
    while ((*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'))
        at++;
    if (at - *text < 3)
        return false;
    *text = at;
    return true;
}

static bool read_digits(const char **text, int maximum, int *ret_number)
{
    int number = 0;
    const char *start = *text;

    while (**text >= '0' && **text <= '9' && *text - start < 3)
        number = number * 10 + (*(*text)++ - '0');
    *ret_number = number;
    return *text > start && number <= maximum;
}

/* hh[:mm[:ss]] with a sign, of up to 167 hours. */
static bool read_time(const char **text, int32_t *ret_seconds)
{
    int sign = **text == '-' ? -1 : 1, parts[3] = {0, 0, 0};

    if (**text == '-' || **text == '+')
        (*text)++;
    for (int i = 0; i < 3; i++) {
        if (!read_digits(text, i == 0 ? 167 : 59, &parts[i]))
            return false;
        if (**text != ':')
            break;
        (*text)++;
    }
    *ret_seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return true;
}

static bool read_month_week_day(const char **text, todo__zone_change *change)
{
    change->form = TODO__MONTH_WEEK_DAY;
    (*text)++;
    if (!read_digits(text, 12, &change->month) || change->month == 0 || *(*text)++ != '.')
        return false;
    if (!read_digits(text, 5, &change->week) || change->week == 0 || *(*text)++ != '.')
        return false;
    return read_digits(text, 6, &change->day);
}

static bool read_change(const char **text, todo__zone_change *change)
{
    change->time = 7200;
    if (*(*text)++ != ',')
        return false;
    if (**text == 'M') {
        if (!read_month_week_day(text, change))
            return false;
    } else {
        change->form = **text == 'J' ? TODO__JULIAN : TODO__ZERO_BASED;
        *text += **text == 'J';
        if (!read_digits(text, 365, &change->day) || (change->form == TODO__JULIAN && change->day == 0))
            return false;
    }
    if (**text != '/')
        return true;
    (*text)++;
    return read_time(text, &change->time);
}

bool todo__zone_rule_parse(const char *text, todo__zone_rule *ret_rule)
{
    todo__zone_rule rule = {.present = true};

    if (!skip_name(&text) || !read_time(&text, &rule.standard))
        return false;
    rule.standard = -rule.standard; /* POSIX counts to the west */
    if (*text != '\0') {
        rule.changes = true;
        rule.summer = rule.standard + 3600;
        if (!skip_name(&text))
            return false;
        if (*text != ',') {
            if (!read_time(&text, &rule.summer))
                return false;
            rule.summer = -rule.summer;
        }
        if (!read_change(&text, &rule.begins) || !read_change(&text, &rule.ends))
            return false;
    }
    *ret_rule = rule;
    return *text == '\0';
}

static int64_t day_of_change(const todo__zone_change *change, int year)
{
    if (change->form == TODO__JULIAN) /* 29 February is not counted */
        return todo__days_of(year, 1, 1) + change->day - 1 + (todo__is_leap(year) && change->day > 59);
    if (change->form == TODO__ZERO_BASED)
        return todo__days_of(year, 1, 1) + change->day;
    {
        int32_t first = todo__days_of(year, change->month, 1);
        int weekday = (change->day + 6) % 7; /* Monday first, as everywhere else */
        int day = (weekday - todo__weekday_of(first) + 7) % 7 + (change->week - 1) * 7;

        return first + (day < todo__days_of_month(year, change->month) ? day : day - 7);
    }
}

int32_t todo__zone_rule_offset(const todo__zone_rule *rule, int64_t at)
{
    int64_t local = at + rule->standard, begins, ends;
    int year;

    if (!rule->changes)
        return rule->standard;
    /* The calendar repeats after 400 years, so a year of the same kind serves for those that a date does not reach. */
    year = todo_date_from_days((int32_t)((local >= 0 ? local : local - DAY + 1) / DAY)).year;
    begins = day_of_change(&rule->begins, year) * DAY + rule->begins.time - rule->standard;
    ends = day_of_change(&rule->ends, year) * DAY + rule->ends.time - rule->summer;
    if (begins < ends)
        return at >= begins && at < ends ? rule->summer : rule->standard;
    return at >= ends && at < begins ? rule->standard : rule->summer;
}

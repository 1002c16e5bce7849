/*
 * Carries a rule out period by period (a day, a week, a month, a year): the days of a period that the rule has are a bitmap,
 * from which BYSETPOS picks and the walk takes one after the other.
 */
#include <string.h>

#include "recurrence/calendar.h"

/* The periods after which the calendar, and so a rule, repeats: those of 400 years, whatever the interval. */
static const uint32_t repeats[] = {
    [TODO_DAILY] = 146097, [TODO_WEEKLY] = 20871, [TODO_MONTHLY] = 4800, [TODO_YEARLY] = 400};

/* A period of the rule: its days, and what ordinals count in. */
typedef struct period {
    int32_t first; /* its first day */
    int length;    /* in days */
    int year;      /* of months and years */
    int month;     /* of months; 0 for years */
} period;

static bool in(const uint64_t *bits, int index)
{
    return (bits[index / 64] >> (index % 64) & 1) != 0;
}

static bool has_weekdays(const todo_recurrence *rule)
{
    for (int i = 0; i < 7; i++)
        if ((rule->weekdays[i] | rule->last_weekdays[i]) != 0)
            return true;
    return false;
}

static bool has_positions(const todo_recurrence *rule)
{
    for (int i = 0; i < 6; i++)
        if ((rule->positions[i] | rule->last_positions[i]) != 0)
            return true;
    return false;
}

/* Whether the rule's BYDAY has a day, which is the one at `index` of the `length` days that ordinals count in. */
static bool weekday_fits(const todo_recurrence *rule, int weekday, int index, int length)
{
    return (rule->weekdays[weekday] & 1) != 0 || (rule->weekdays[weekday] >> (index / 7 + 1) & 1) != 0 ||
           (rule->last_weekdays[weekday] >> ((length - 1 - index) / 7 + 1) & 1) != 0;
}

static bool month_day_fits(const todo_recurrence *rule, todo_date date)
{
    int left = todo__days_of_month(date.year, date.month) - date.day + 1;

    return (rule->month_days >> date.day & 1) != 0 || (rule->last_month_days >> left & 1) != 0;
}

/* BYDAY in the month if the rule is about months, in the year otherwise. */
static bool by_day_fits(const todo_recurrence *rule, todo_date date, const period *of, int32_t day)
{
    int weekday = todo__weekday_of(day);

    if (rule->frequency == TODO_MONTHLY || (rule->frequency == TODO_YEARLY && rule->months != 0))
        return weekday_fits(rule, weekday, date.day - 1, todo__days_of_month(date.year, date.month));
    if (rule->frequency == TODO_YEARLY)
        return weekday_fits(rule, weekday, day - of->first, of->length);
    return (rule->weekdays[weekday] & 1) != 0;
}

/* Whether the rule has a day of the period. What it leaves open, `start` says. */
static bool fits(const todo_recurrence_walk *walk, const period *of, int32_t day)
{
    const todo_recurrence *rule = &walk->rule;
    bool by_day = has_weekdays(rule), by_month_day = (rule->month_days | rule->last_month_days) != 0;
    todo_date date = todo_date_from_days(day);

    if (rule->months != 0 && (rule->months >> date.month & 1) == 0)
        return false;
    if (by_month_day && !month_day_fits(rule, date))
        return false;
    if (by_day && !by_day_fits(rule, date, of, day))
        return false;
    if (by_day || by_month_day)
        return true;
    switch (rule->frequency) {
    case TODO_WEEKLY:
        return todo__weekday_of(day) == todo_date_weekday(walk->start);
    case TODO_MONTHLY:
        return date.day == walk->start.day;
    case TODO_YEARLY:
        return date.day == walk->start.day && (rule->months != 0 || date.month == walk->start.month);
    default:
        return true;
    }
}

/* The period of a number, counted in intervals from the one that `start` is in. False beyond the year 9999. */
static bool period_at(const todo_recurrence_walk *walk, int32_t number, period *ret_period)
{
    const todo_recurrence *rule = &walk->rule;
    int64_t step = (int64_t)number * rule->interval;
    int32_t start = todo_date_to_days(walk->start);
    period found = {0};

    if (rule->frequency == TODO_DAILY || rule->frequency == TODO_WEEKLY) {
        int back = rule->frequency == TODO_WEEKLY ? (todo__weekday_of(start) - rule->week_start + 7) % 7 : 0;

        found.length = rule->frequency == TODO_WEEKLY ? 7 : 1;
        if (start - back + step * found.length > TODO__LAST_DAY)
            return false;
        found.first = (int32_t)(start - back + step * found.length);
    } else {
        int64_t months = rule->frequency == TODO_YEARLY
                             ? (walk->start.year + step) * 12
                             : walk->start.year * 12 + walk->start.month - 1 + step;

        found.year = (int)(months / 12);
        if (found.year > 9999)
            return false;
        found.month = rule->frequency == TODO_YEARLY ? 0 : (int)(months % 12) + 1;
        found.first = todo__days_of(found.year, found.month == 0 ? 1 : found.month, 1);
        found.length =
            found.month == 0 ? 365 + todo__is_leap(found.year) : todo__days_of_month(found.year, found.month);
    }
    *ret_period = found;
    return true;
}

/* Keeps of `days` those that BYSETPOS picks. */
static void pick(const todo_recurrence *rule, uint64_t days[6])
{
    int count = 0, at = 0;

    for (int i = 0; i < 6; i++)
        count += __builtin_popcountll(days[i]);
    for (int i = 0; i < 6 * 64; i++) {
        if (!in(days, i))
            continue;
        if (!in(rule->positions, at) && !in(rule->last_positions, count - 1 - at))
            days[i / 64] &= ~(UINT64_C(1) << (i % 64));
        at++;
    }
}

/* Fills the walk's days with those of a period. False when the period has none. */
static bool fill(todo_recurrence_walk *walk, const period *of)
{
    bool any = false;

    memset(walk->days, 0, sizeof(walk->days));
    walk->first_day = of->first;
    for (int i = 0; i < of->length; i++) {
        int32_t day = of->first + i;

        if (day >= TODO__FIRST_DAY && day <= TODO__LAST_DAY && fits(walk, of, day))
            walk->days[i / 64] |= UINT64_C(1) << (i % 64);
    }
    if (has_positions(&walk->rule))
        pick(&walk->rule, walk->days);
    for (int i = 0; i < 6; i++)
        any = any || walk->days[i] != 0;
    return any;
}

/* Goes on to the next period that has a day. False when there is none. */
static bool advance(todo_recurrence_walk *walk)
{
    period next;

    while (walk->barren < repeats[walk->rule.frequency] && period_at(walk, walk->period, &next)) {
        walk->period++;
        if (fill(walk, &next)) {
            walk->barren = 0;
            return true;
        }
        walk->barren++;
    }
    walk->ended = true;
    return false;
}

/* Takes the first of the days that are left. */
static bool take(todo_recurrence_walk *walk, int32_t *ret_day)
{
    for (int i = 0; i < 6; i++) {
        if (walk->days[i] != 0) {
            *ret_day = walk->first_day + i * 64 + __builtin_ctzll(walk->days[i]);
            walk->days[i] &= walk->days[i] - 1;
            return true;
        }
    }
    return false;
}

void todo_recurrence_begin(const todo_recurrence *rule, todo_date start, todo_recurrence_walk *ret_walk)
{
    if (ret_walk == NULL)
        return;
    memset(ret_walk, 0, sizeof(*ret_walk));
    ret_walk->ended = rule == NULL ||
                      !todo__make_date(start.year, start.month, start.day, &ret_walk->start) ||
                      rule->frequency < TODO_DAILY || rule->frequency > TODO_YEARLY || rule->interval == 0;
    if (!ret_walk->ended)
        ret_walk->rule = *rule;
}

bool todo_recurrence_next(todo_recurrence_walk *walk, todo_date *ret_date)
{
    int32_t day, start;

    if (walk == NULL || ret_date == NULL || walk->ended)
        return false;
    start = todo_date_to_days(walk->start);
    do {
        while (!take(walk, &day))
            if (!advance(walk))
                return false;
    } while (day < start);
    if ((walk->rule.has_until && day > todo_date_to_days(walk->rule.until)) ||
        (walk->rule.count != 0 && walk->emitted == walk->rule.count)) {
        walk->ended = true;
        return false;
    }
    walk->emitted++;
    *ret_date = todo_date_from_days(day);
    return true;
}

/* The number of the last period that begins no later than a day; those before it have no date that is asked for. */
static int32_t period_before(const todo_recurrence_walk *walk, todo_date date)
{
    const todo_recurrence *rule = &walk->rule;
    int32_t apart = 0;

    switch (rule->frequency) {
    case TODO_DAILY:
        apart = todo_date_to_days(date) - todo_date_to_days(walk->start);
        break;
    case TODO_WEEKLY:
        apart = (todo_date_to_days(date) - todo_date_to_days(walk->start)) / 7;
        break;
    case TODO_MONTHLY:
        apart = (date.year - walk->start.year) * 12 + date.month - walk->start.month;
        break;
    case TODO_YEARLY:
        apart = date.year - walk->start.year;
        break;
    }
    return apart / (int32_t)rule->interval - 1;
}

bool todo_recurrence_after(const todo_recurrence *rule, todo_date start, todo_date after, todo_date *ret_date)
{
    todo_recurrence_walk walk;
    todo_date date;

    if (ret_date == NULL)
        return false;
    todo_recurrence_begin(rule, start, &walk);
    if (!walk.ended && rule->count == 0 && todo_date_compare(after, start) > 0) {
        int32_t number = period_before(&walk, after);

        walk.period = number > 0 ? number : 0;
    }
    while (todo_recurrence_next(&walk, &date)) {
        if (todo_date_compare(date, after) > 0) {
            *ret_date = date;
            return true;
        }
    }
    return false;
}

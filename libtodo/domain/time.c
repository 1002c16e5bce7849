#include <todo/types.h>

#include <string.h>
#include <time.h>

#include "util/entry.h"

#define MICROSECONDS 1000000
#define TIME_MIN     INT64_C(-62167219200000000) /* 0000-01-01T00:00:00Z */
#define TIME_MAX     INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

todo_time todo_time_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (todo_time)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

/* Writes a value below 100 as two digits. */
static char *put_pair(char *text, unsigned value)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";

    memcpy(text, pairs + 2 * value, 2);
    return text + 2;
}

typedef struct civil_date {
    unsigned year, month, day;
} civil_date;

/*
 * The proleptic Gregorian date of a day counted from 0000-01-01; gmtime_r does the same at several times the cost, and
 * every todo in a list has two times. The algorithm counts in eras of 400 years that begin on a 1 March.
 */
static civil_date date_of_day(unsigned day)
{
    unsigned from_era0 = day + (146097 - 60); /* one era more: year 0 begins 60 days before a 1 March */
    unsigned era = from_era0 / 146097, of_era = from_era0 % 146097;
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted_month = (5 * day_of_year + 2) / 153;
    civil_date date;

    date.day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    date.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    date.year = year_of_era + era * 400 - 400 + (date.month <= 2);
    return date;
}

static char *put_date(char *text, unsigned day)
{
    civil_date date = date_of_day(day);

    text = put_pair(text, date.year / 100);
    text = put_pair(text, date.year % 100);
    *text++ = '-';
    text = put_pair(text, date.month);
    *text++ = '-';
    return put_pair(text, date.day);
}

static char *put_clock(char *text, unsigned second, unsigned microsecond)
{
    text = put_pair(text, second / 3600);
    *text++ = ':';
    text = put_pair(text, second / 60 % 60);
    *text++ = ':';
    text = put_pair(text, second % 60);
    *text++ = '.';
    text = put_pair(text, microsecond / 10000);
    text = put_pair(text, microsecond / 100 % 100);
    return put_pair(text, microsecond % 100);
}

void todo_time_format(todo_time time, char *text)
{
    uint64_t microseconds, seconds;

    if (text == NULL)
        return;
    time = time < TIME_MIN ? TIME_MIN : time > TIME_MAX ? TIME_MAX : time;
    microseconds = (uint64_t)(time - TIME_MIN);
    seconds = microseconds / MICROSECONDS;
    text = put_date(text, (unsigned)(seconds / 86400));
    *text++ = 'T';
    text = put_clock(text, (unsigned)(seconds % 86400), (unsigned)(microseconds % MICROSECONDS));
    *text++ = 'Z';
    *text = '\0';
}

/* Reads exactly `width` digits and moves on; false if they are not there. */
static bool take_digits(const char **text, int width, int *value)
{
    *value = 0;
    for (int i = 0; i < width; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return true;
}

static bool take(const char **text, const char *any_of)
{
    if (**text == '\0' || strchr(any_of, **text) == NULL)
        return false;
    (*text)++;
    return true;
}

static bool take_date(const char **text, struct tm *tm)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, leap;

    if (!take_digits(text, 4, &year) || !take(text, "-") || !take_digits(text, 2, &month) ||
        !take(text, "-") || !take_digits(text, 2, &day))
        return false;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1] + (month == 2 && leap))
        return false;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    tm->tm_mday = day;
    return true;
}

static bool take_clock(const char **text, struct tm *tm)
{
    if (!take_digits(text, 2, &tm->tm_hour) || !take(text, ":") || !take_digits(text, 2, &tm->tm_min) ||
        !take(text, ":") || !take_digits(text, 2, &tm->tm_sec))
        return false;
    if (tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60)
        return false;
    if (tm->tm_sec == 60)
        tm->tm_sec = 59;
    return true;
}

static bool take_fraction(const char **text, int *microseconds)
{
    int digit, weight = MICROSECONDS / 10;

    *microseconds = 0;
    if (!take(text, "."))
        return true;
    if (!take_digits(text, 1, &digit))
        return false;
    do {
        *microseconds += digit * weight;
        weight /= 10;
    } while (take_digits(text, 1, &digit));
    return true;
}

static bool take_offset(const char **text, int *seconds)
{
    bool negative = **text == '-';
    int hours, minutes;

    *seconds = 0;
    if (take(text, "Zz"))
        return true;
    if (!take(text, "+-") || !take_digits(text, 2, &hours) || !take(text, ":") ||
        !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 60 + minutes) * (negative ? -60 : 60);
    return true;
}

todo_status todo_time_parse(const char *text, todo_time *ret_time, todo_error *error)
{
    struct tm tm = {0};
    int microseconds, offset;

    if (!todo__given(error, ret_time))
        return TODO_ERR_INVALID;
    if (text == NULL || !take_date(&text, &tm) || !take(&text, "Tt ") || !take_clock(&text, &tm) ||
        !take_fraction(&text, &microseconds) || !take_offset(&text, &offset) || *text != '\0')
        return todo_error_set(error, TODO_ERR_INVALID, "time_invalid", NULL, "not an RFC 3339 date-time");
    *ret_time = ((todo_time)timegm(&tm) - offset) * MICROSECONDS + microseconds;
    return TODO_OK;
}

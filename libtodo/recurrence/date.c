#include <todo/recurrence.h>

#include <stdio.h>
#include <string.h>

#include "recurrence/calendar.h"
#include "util/entry.h"

int todo__days_of_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && todo__is_leap(year) ? 29 : days[month - 1];
}

/* Days of the civil calendar in eras of 400 years that begin on 1 March (Howard Hinnant, days_from_civil). */
int32_t todo__days_of(int year, int month, int day)
{
    int shifted = month <= 2 ? year - 1 : year;
    int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int year_of_era = shifted - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

int32_t todo_date_to_days(todo_date date)
{
    return todo__days_of(date.year, date.month, date.day);
}

todo_date todo_date_from_days(int32_t days)
{
    int32_t since = (days < TODO__FIRST_DAY  ? TODO__FIRST_DAY
                     : days > TODO__LAST_DAY ? TODO__LAST_DAY
                                             : days) +
                    719468;
    int era = since / 146097, day_of_era = since % 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * day_of_year + 2) / 153;
    int month = shifted < 10 ? shifted + 3 : shifted - 9;

    return (todo_date){(int16_t)(era * 400 + year_of_era + (month <= 2)), (uint8_t)month,
                       (uint8_t)(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

int todo_date_compare(todo_date a, todo_date b)
{
    int32_t left = todo_date_to_days(a), right = todo_date_to_days(b);

    return (left > right) - (left < right);
}

int todo_date_weekday(todo_date date)
{
    return todo__weekday_of(todo_date_to_days(date));
}

void todo_date_format(todo_date date, char *text)
{
    unsigned year = date.year < 1 ? 1 : date.year > 9999 ? 9999 : (unsigned)date.year;

    snprintf(text, TODO_DATE_TEXT_SIZE, "%04u-%02u-%02u", year % 10000, date.month % 100u, date.day % 100u);
}

bool todo__read_number(const char *text, size_t length, int *ret_number)
{
    int number = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool todo__make_date(int year, int month, int day, todo_date *ret_date)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > todo__days_of_month(year, month))
        return false;
    *ret_date = (todo_date){(int16_t)year, (uint8_t)month, (uint8_t)day};
    return true;
}

todo_status todo_date_parse(const char *text, todo_date *ret_date, todo_error *error)
{
    int year, month, day;

    if (!todo__given(error, ret_date))
        return TODO_ERR_INVALID;
    if (text == NULL || strlen(text) != TODO_DATE_TEXT_SIZE - 1 || text[4] != '-' || text[7] != '-' ||
        !todo__read_number(text, 4, &year) || !todo__read_number(text + 5, 2, &month) ||
        !todo__read_number(text + 8, 2, &day) || !todo__make_date(year, month, day, ret_date))
        return todo_error_set(error, TODO_ERR_INVALID, "date_invalid", NULL, "not a date such as 2026-12-24");
    return TODO_OK;
}

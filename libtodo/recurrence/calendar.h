/* The calendar that recurrence rules walk through. */
#ifndef TODO_RECURRENCE_CALENDAR_H
#define TODO_RECURRENCE_CALENDAR_H

#include <todo/recurrence.h>

#define TODO__FIRST_DAY (-719162) /* 0001-01-01 */
#define TODO__LAST_DAY  2932896   /* 9999-12-31 */

static inline bool todo__is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int todo__days_of_month(int year, int month);

/* The days from 1970-01-01 to a date of any year. */
int32_t todo__days_of(int year, int month, int day);

/* 0 is Monday. 1970-01-01 was a Thursday. */
static inline int todo__weekday_of(int32_t days)
{
    return (int)(((days + 3) % 7 + 7) % 7);
}

/* Reads `length` digits. */
bool todo__read_number(const char *text, size_t length, int *ret_number);

/* False for a date that does not exist. */
bool todo__make_date(int year, int month, int day, todo_date *ret_date);

#endif

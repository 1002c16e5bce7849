/**
 * @file recurrence.h
 * Recurrence rules (RFC 5545, 3.3.10) on civil dates: reading, writing and carrying out `FREQ=MONTHLY;BYDAY=-1FR` and the like.
 *
 * Supported are FREQ from DAILY to YEARLY, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST. Dates are
 * those of the proleptic Gregorian calendar, years 1 to 9999; the time of day and its zone are the caller's.
 *
 * Nothing here allocates, and every call ends after a bounded number of steps: the calendar repeats every 400 years, so a
 * rule that has no date in as many periods as these are has none at all (`BYMONTH=2;BYMONTHDAY=30`).
 * All functions are thread-safe.
 */
#ifndef TODO_RECURRENCE_H
#define TODO_RECURRENCE_H

#include <todo/error.h>

TODO_BEGIN_DECLS

/** A civil date. */
typedef struct todo_date {
    int16_t year;  /**< 1 to 9999 */
    uint8_t month; /**< 1 to 12 */
    uint8_t day;   /**< 1 to 31 */
} todo_date;

#define TODO_DATE_TEXT_SIZE 11 /**< "2026-12-24" and the NUL */

/** Reads a full-date of RFC 3339 that exists. INVALID, code "date_invalid". */
TODO_API todo_status todo_date_parse(const char *text, todo_date *ret_date, todo_error *error);

/** Writes a date as RFC 3339 has it, and a NUL, into `text`, of TODO_DATE_TEXT_SIZE bytes. */
TODO_API void todo_date_format(todo_date date, char *text);

/** Orders two dates: negative, 0 or positive. */
TODO_API int todo_date_compare(todo_date a, todo_date b);

/** The days from 1970-01-01 to the date. */
TODO_API int32_t todo_date_to_days(todo_date date);

/** The date that is so many days after 1970-01-01; the nearest one of the years 1 to 9999. */
TODO_API todo_date todo_date_from_days(int32_t days);

/** The day of the week: 0 is Monday, 6 is Sunday. */
TODO_API int todo_date_weekday(todo_date date);

/** How often. */
typedef enum todo_frequency {
    TODO_DAILY = 1,
    TODO_WEEKLY = 2,
    TODO_MONTHLY = 3,
    TODO_YEARLY = 4
} todo_frequency;

#define TODO_INTERVAL_MAX        999u     /**< of INTERVAL */
#define TODO_COUNT_MAX           1000000u /**< of COUNT */
#define TODO_RECURRENCE_TEXT_MAX 4096u    /**< bytes of a rule's text, without the NUL */

/** A rule. Made by todo_recurrence_parse; its members may be read. */
typedef struct todo_recurrence {
    todo_frequency frequency; /**< FREQ */
    uint32_t interval;        /**< INTERVAL, 1 when absent */
    uint32_t count;           /**< COUNT, 0 when absent */
    bool has_until;           /**< whether there is an UNTIL */
    todo_date until;          /**< its date, the last one that may occur */
    uint8_t week_start;       /**< WKST: 0 is Monday */
    uint16_t months;          /**< BYMONTH: bit 1 is January; 0 when absent */
    uint32_t month_days;      /**< BYMONTHDAY: bit n is day n */
    uint32_t last_month_days; /**< BYMONTHDAY: bit n is day -n */
    uint64_t weekdays[7]; /**< BYDAY by day, Monday first: bit 0 is every one, bit n the nth of the period */
    uint64_t last_weekdays[7];  /**< BYDAY: bit n is the nth from the end of the period */
    uint64_t positions[6];      /**< BYSETPOS: bit n - 1 is n */
    uint64_t last_positions[6]; /**< BYSETPOS: bit n - 1 is -n */
} todo_recurrence;

/**
 * Reads the value of an RRULE, such as `FREQ=WEEKLY;BYDAY=MO,TH`, in either case of letters; an UNTIL with a time counts by its date.
 * INVALID, code "recurrence_invalid", with a message that names the part, for what RFC 5545 rules out and for parts that are not supported.
 */
TODO_API todo_status todo_recurrence_parse(const char *text, todo_recurrence *ret_rule, todo_error *error);

/**
 * Writes a rule in one way for all that mean the same text: parts and lists in a fixed order. `text` is of
 * TODO_RECURRENCE_TEXT_MAX + 1 bytes.
 */
TODO_API void todo_recurrence_format(const todo_recurrence *rule, char *text);

/** A walk through the dates of a rule. Its members are the library's own; it may be copied. */
typedef struct todo_recurrence_walk {
    todo_recurrence rule; /**< what is walked through */
    todo_date start;      /**< where it began */
    int32_t period;       /**< the number of the period to look at next */
    int32_t first_day;    /**< of the period that `days` are of */
    uint32_t emitted;     /**< dates that were given */
    uint32_t barren;      /**< periods without a date, one after the other */
    uint64_t days[6];     /**< what is left of the latest period, as bits */
    bool ended;           /**< whether there is no date any more */
} todo_recurrence_walk;

/**
 * Begins a walk. `start` (DTSTART) is the first date that may occur, and says what the rule leaves open: the weekday, the day
 * of the month, the month. It occurs itself only if the rule has it.
 */
TODO_API void todo_recurrence_begin(const todo_recurrence *rule, todo_date start,
                                    todo_recurrence_walk *ret_walk);

/** The next date of the walk, in order. False when there is none any more. */
TODO_API bool todo_recurrence_next(todo_recurrence_walk *walk, todo_date *ret_date);

/** The first date of the rule that is later than `after`. False when there is none. */
TODO_API bool todo_recurrence_after(const todo_recurrence *rule, todo_date start, todo_date after,
                                    todo_date *ret_date);

TODO_END_DECLS

#endif

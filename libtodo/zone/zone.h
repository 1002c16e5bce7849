/* What a zone file says, and the rule that goes on where its table ends. */
#ifndef TODO_ZONE_ZONE_H
#define TODO_ZONE_ZONE_H

#include <todo/zone.h>

#define TODO__ZONE_FILE_MAX 65536u /* the largest of the system's has 4 KB */

/* A day of a year on which clocks are set, in the form of POSIX's TZ (RFC 9636, 3.3.1). */
typedef struct todo__zone_change {
    enum { TODO__JULIAN, TODO__ZERO_BASED, TODO__MONTH_WEEK_DAY } form;
    int month, week, day;
    int32_t time; /* seconds of the day on the clock until then; may be negative or beyond a day */
} todo__zone_change;

/* The rule for what comes after the table. */
typedef struct todo__zone_rule {
    bool present;
    bool changes; /* false: the same offset for ever */
    int32_t standard;
    int32_t summer;
    todo__zone_change begins; /* of summer time */
    todo__zone_change ends;
} todo__zone_rule;

/* An offset from UTC that holds from an instant on. */
typedef struct todo__zone_transition {
    int64_t at;
    int32_t offset;
} todo__zone_transition;

struct todo_zone {
    int32_t first_offset; /* before the first transition */
    size_t count;
    todo__zone_rule rule;
    todo__zone_transition transitions[];
};

/* Reads the footer of a file: the text between its newlines. False for what is no such text. */
bool todo__zone_rule_parse(const char *text, todo__zone_rule *ret_rule);

/* The offset that the rule has at an instant. */
int32_t todo__zone_rule_offset(const todo__zone_rule *rule, int64_t at);

/* Reads a file's bytes. INTERNAL, NOMEM. */
todo_status todo__zone_read(const uint8_t *bytes, size_t length, todo_zone **ret_zone, todo_error *error);

#endif

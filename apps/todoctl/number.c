#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MAX (3650ull * 86400)

/* The number at the start of `text`; false if there is none, or it is too large. */
static bool leading_number(const char *text, uint64_t *ret_number, const char **ret_rest)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || errno != 0)
        return false;
    *ret_number = number;
    *ret_rest = end;
    return true;
}

bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *ret_number)
{
    uint64_t number;
    const char *rest;
    if (!leading_number(text, &number, &rest) || rest[0] != '\0' || number < low || number > high)
        return false;
    *ret_number = number;
    return true;
}

bool parse_duration(const char *text, int64_t *ret_seconds)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    uint64_t number;
    const char *rest;
    if (!leading_number(text, &number, &rest))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(rest, units[i].unit) == 0 && number > 0 && number <= DURATION_MAX / units[i].seconds) {
            *ret_seconds = (int64_t)(number * units[i].seconds);
            return true;
        }
    }
    return false;
}

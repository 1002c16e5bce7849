/* Numbers from the command line and the environment. */
#ifndef TODOCTL_NUMBER_H
#define TODOCTL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a decimal number from `low` to `high`; nothing but digits is accepted. */
bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *ret_number);

/* Reads a duration of up to ten years as seconds: "90", "90s", "30m", "24h" or "7d". */
bool parse_duration(const char *text, int64_t *ret_seconds);

#endif

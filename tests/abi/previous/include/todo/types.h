/**
 * @file types.h
 * Ids and times.
 */
#ifndef TODO_TYPES_H
#define TODO_TYPES_H

#include <todo/error.h>

TODO_BEGIN_DECLS

/** A UUID (RFC 9562) in network byte order. */
typedef struct todo_uuid {
    uint8_t bytes[16]; /**< time first, of version 7 */
} todo_uuid;

#define TODO_UUID_TEXT_SIZE 37 /**< 36 characters and the NUL */

/**
 * Makes a new UUID version 7 (RFC 9562, 5.7): ordered by time, from the kernel's random source.
 * Fails only with INTERNAL, when that source does. Thread-safe.
 */
TODO_API todo_status todo_uuid_generate(todo_uuid *ret_uuid, todo_error *error);

/**
 * Reads the 36-character form of any version, in either case; nothing else is accepted.
 * Fails with INVALID, code "uuid_invalid". Thread-safe.
 */
TODO_API todo_status todo_uuid_parse(const char *text, todo_uuid *ret_uuid, todo_error *error);

/** Writes the lower-case 36-character form and a NUL into `text`, of TODO_UUID_TEXT_SIZE bytes. Thread-safe. */
TODO_API void todo_uuid_format(const todo_uuid *uuid, char *text);

/** Orders two ids bytewise: negative, 0 or positive, as memcmp. Thread-safe. */
TODO_API int todo_uuid_compare(const todo_uuid *a, const todo_uuid *b);

/** Called once for each id, in the thread that asked. */
typedef void (*todo_uuid_visit)(void *arg, const todo_uuid *uuid);

/** Microseconds since 1970-01-01T00:00:00Z, UTC, leap seconds not counted. */
typedef int64_t todo_time;

#define TODO_TIME_TEXT_SIZE 28 /**< "2026-11-24T10:20:30.123456Z" and the NUL */

/** The wall clock now (CLOCK_REALTIME). Thread-safe. */
TODO_API todo_time todo_time_now(void);

/**
 * Writes a time as RFC 3339 in UTC with six fraction digits and `Z` into `text`, of TODO_TIME_TEXT_SIZE bytes.
 * Years outside 0000 to 9999 are written as the nearest time inside. Thread-safe.
 */
TODO_API void todo_time_format(todo_time time, char *text);

/**
 * Reads an RFC 3339 date-time with any offset; digits beyond the microsecond are dropped, a leap second counts
 * as the second before it.
 * Fails with INVALID, code "time_invalid". Thread-safe.
 */
TODO_API todo_status todo_time_parse(const char *text, todo_time *ret_time, todo_error *error);

TODO_END_DECLS

#endif

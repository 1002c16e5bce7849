/**
 * @file zone.h
 * Time zones: the instant of a wall time, and the wall time of an instant, by the system's zone data (TZif, RFC 9636).
 *
 * A zone is read once from its file, is immutable, and depends on no environment variable, locale or global state: programs may use
 * several at once from any thread. When the system's data is updated, a zone that is opened afterwards has the new rules.
 */
#ifndef TODO_ZONE_H
#define TODO_ZONE_H

#include <todo/types.h>

TODO_BEGIN_DECLS

/** A zone, such as Europe/Vienna. */
typedef struct todo_zone todo_zone;

/**
 * Opens a zone by its name in the IANA database ("UTC" included), in the folder of the system's zone data, /usr/share/zoneinfo.
 * The caller owns it.
 * INVALID, code "time_zone_unknown", for a name that the data does not have; NOMEM; INTERNAL for a file that breaks RFC 9636.
 * Thread-safe.
 */
TODO_API todo_status todo_zone_open(const char *name, todo_zone **ret_zone, todo_error *error);

/** Closes a zone. NULL is fine. */
TODO_API void todo_zone_close(todo_zone *zone);

/** A wall time: microseconds since 1970-01-01T00:00:00 on a clock that shows the zone's local time. */
typedef int64_t todo_wall_time;

/** How a wall time lies in a zone. */
typedef enum todo_wall_kind {
    TODO_WALL_ONCE = 0,   /**< it comes once */
    TODO_WALL_TWICE = 1,  /**< clocks are set back over it: the first of its two instants is meant */
    TODO_WALL_SKIPPED = 2 /**< clocks are set forward over it: it moves forward by as much as they do */
} todo_wall_kind;

/**
 * The instant of a wall time. `ret_kind` may be NULL. Does nothing when `zone` or `ret_time` is NULL. Thread-safe.
 */
TODO_API void todo_zone_to_time(const todo_zone *zone, todo_wall_time wall, todo_time *ret_time,
                                todo_wall_kind *ret_kind);

/** The wall time of an instant; 0 when `zone` is NULL. Thread-safe. */
TODO_API todo_wall_time todo_zone_to_wall(const todo_zone *zone, todo_time time);

TODO_END_DECLS

#endif

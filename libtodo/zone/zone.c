#include "zone/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/entry.h"

#define FOLDER         "/usr/share/zoneinfo"
#define SECOND         INT64_C(1000000)
#define NAME_MAX_BYTES 64u

/* Names of files below the folder only: letters, digits and - + _ in parts that a slash separates. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > NAME_MAX_BYTES || name[0] == '/' || name[length - 1] == '/' ||
        strstr(name, "//") != NULL)
        return false;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-+_/") == length;
}

static todo_status unknown(const char *name, todo_error *error)
{
    char message[sizeof(error->message)];

    snprintf(message, sizeof(message), "unknown time zone \"%.64s\"", name);
    return todo_error_set(error, TODO_ERR_INVALID, "time_zone_unknown", "time_zone", message);
}

/* Reads a whole file of up to TODO__ZONE_FILE_MAX bytes. The number of bytes; -1 when it cannot be read. */
static ssize_t read_file(const char *path, uint8_t *bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t length = 0;
    ssize_t got;

    if (file < 0)
        return -1;
    while ((got = read(file, bytes + length, TODO__ZONE_FILE_MAX - length)) > 0)
        length += (size_t)got;
    close(file);
    return got < 0 ? -1 : (ssize_t)length;
}

todo_status todo_zone_open(const char *name, todo_zone **ret_zone, todo_error *error)
{
    char path[sizeof(FOLDER) + NAME_MAX_BYTES + 1];
    uint8_t *bytes;
    ssize_t length;
    todo_status status;

    if (!todo__given(error, name, ret_zone))
        return TODO_ERR_INVALID;
    if (!is_name(name))
        return unknown(name, error);
    bytes = todo__malloc(TODO__ZONE_FILE_MAX);
    if (bytes == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    length = read_file(path, bytes);
    /* The folder has other files too: tables of names and of leap seconds. */
    status = length < 4 || memcmp(bytes, "TZif", 4) != 0
                 ? unknown(name, error)
                 : todo__zone_read(bytes, (size_t)length, ret_zone, error);
    todo__free(bytes);
    return status;
}

void todo_zone_close(todo_zone *zone)
{
    todo__free(zone);
}

/* How many transitions lie at or before an instant. */
static size_t transitions_until(const todo_zone *zone, int64_t at)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->transitions[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The offset from UTC, in seconds, at an instant in seconds. */
static int32_t offset_at(const todo_zone *zone, int64_t at)
{
    size_t before = transitions_until(zone, at);

    if (before == zone->count && zone->rule.present)
        return todo__zone_rule_offset(&zone->rule, at);
    return before == 0 ? zone->first_offset : zone->transitions[before - 1].offset;
}

/* The second that a time lies in. */
static int64_t second_of(int64_t time)
{
    return time >= 0 ? time / SECOND : -((SECOND - 1 - time) / SECOND);
}

todo_wall_time todo_zone_to_wall(const todo_zone *zone, todo_time time)
{
    return zone == NULL ? 0 : time + offset_at(zone, second_of(time)) * SECOND;
}

/*
 * Offsets change at most once a day and by less than a day: those of a day before and a day after are all that come into
 * question. The earlier one is right before clocks are set, so it decides what comes twice, and moves what is skipped.
 */
void todo_zone_to_time(const todo_zone *zone, todo_wall_time wall, todo_time *ret_time,
                       todo_wall_kind *ret_kind)
{
    int64_t second = second_of(wall);
    todo_wall_kind kind;
    int32_t before, after;
    bool first, last;

    if (zone == NULL || ret_time == NULL)
        return;
    before = offset_at(zone, second - 86400);
    after = offset_at(zone, second + 86400);
    first = offset_at(zone, second - before) == before;
    last = offset_at(zone, second - after) == after;
    kind = !first && !last                    ? TODO_WALL_SKIPPED
           : first && last && before != after ? TODO_WALL_TWICE
                                              : TODO_WALL_ONCE;
    *ret_time = wall - (first || !last ? before : after) * SECOND;
    if (ret_kind != NULL)
        *ret_kind = kind;
}

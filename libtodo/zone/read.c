/* Reads a zone file (TZif, RFC 9636): the 64-bit data block of version 2 and later, and its footer. */
#include <string.h>

#include "util/alloc.h"
#include "zone/zone.h"

#define HEADER_LENGTH 44u

/* The counts of a header. */
typedef struct counts {
    uint32_t is_utc, is_standard, leaps, transitions, types, characters;
} counts;

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t get64(const uint8_t *bytes)
{
    return (int64_t)((uint64_t)get32(bytes) << 32 | get32(bytes + 4));
}

static bool read_header(const uint8_t *bytes, size_t length, counts *ret_counts)
{
    if (length < HEADER_LENGTH || memcmp(bytes, "TZif", 4) != 0)
        return false;
    *ret_counts = (counts){get32(bytes + 20), get32(bytes + 24), get32(bytes + 28),
                           get32(bytes + 32), get32(bytes + 36), get32(bytes + 40)};
    return ret_counts->transitions <= TODO__ZONE_FILE_MAX && ret_counts->types <= 256 &&
           ret_counts->characters <= TODO__ZONE_FILE_MAX && ret_counts->leaps <= TODO__ZONE_FILE_MAX &&
           ret_counts->is_utc <= 256 && ret_counts->is_standard <= 256;
}

/* The bytes of a data block with times of `time_size` bytes. */
static size_t block_length(const counts *of, size_t time_size)
{
    return of->transitions * (time_size + 1) + of->types * 6u + of->characters + of->leaps * (time_size + 4) +
           of->is_standard + of->is_utc;
}

/* The text between the newlines of the footer. */
static bool read_footer(const uint8_t *bytes, size_t length, todo__zone_rule *ret_rule)
{
    char text[128];
    const uint8_t *end;
    size_t size;

    if (length < 2 || bytes[0] != '\n')
        return false;
    end = memchr(bytes + 1, '\n', length - 1);
    if (end == NULL || (size = (size_t)(end - bytes - 1)) >= sizeof(text))
        return false;
    memcpy(text, bytes + 1, size);
    text[size] = '\0';
    return size == 0 || todo__zone_rule_parse(text, ret_rule);
}

/* Fills a zone from the 64-bit block, whose counts were checked against the length. */
static bool read_block(const uint8_t *bytes, const counts *of, todo_zone *zone)
{
    const uint8_t *types = bytes + of->transitions * 8, *infos = types + of->transitions;

    if (of->types == 0)
        return false;
    zone->count = of->transitions;
    zone->first_offset = (int32_t)get32(infos);
    for (size_t i = 0; i < zone->count; i++) {
        if (types[i] >= of->types)
            return false;
        zone->transitions[i] =
            (todo__zone_transition){get64(bytes + 8 * i), (int32_t)get32(infos + 6 * types[i])};
        if (i > 0 && zone->transitions[i].at <= zone->transitions[i - 1].at)
            return false;
    }
    return true;
}

static todo_status broken(todo_error *error)
{
    todo_error_set(error, TODO_ERR_INTERNAL, "time_zone_broken", NULL, NULL);
    todo_error_set_detail(error, "a file of the system's zone data breaks RFC 9636");
    return TODO_ERR_INTERNAL;
}

todo_status todo__zone_read(const uint8_t *bytes, size_t length, todo_zone **ret_zone, todo_error *error)
{
    counts first, second;
    size_t at, block;
    todo_zone *zone;

    if (!read_header(bytes, length, &first) || bytes[4] < '2')
        return broken(error);
    at = HEADER_LENGTH + block_length(&first, 4);
    if (at > length || !read_header(bytes + at, length - at, &second))
        return broken(error);
    at += HEADER_LENGTH;
    block = block_length(&second, 8);
    if (block > length - at)
        return broken(error);
    zone = todo__calloc(1, sizeof(*zone) + second.transitions * sizeof(zone->transitions[0]));
    if (zone == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    if (!read_block(bytes + at, &second, zone) ||
        !read_footer(bytes + at + block, length - at - block, &zone->rule)) {
        todo__free(zone);
        return broken(error);
    }
    *ret_zone = zone;
    return TODO_OK;
}

#include "route.h"
#include "list.h"

static int hex_digit(char c)
{
    char lower = ascii_lower(c);

    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Reads one byte of a segment, decoded; returns how many characters it took, 0 for one that may not be there. */
static size_t read_byte(struct str rest, unsigned char *ret_byte)
{
    unsigned char byte = (unsigned char)rest.ptr[0];
    size_t taken = 1;

    if (byte == '%') {
        int high = rest.len > 2 ? hex_digit(rest.ptr[1]) : -1;
        int low = rest.len > 2 ? hex_digit(rest.ptr[2]) : -1;
        if (high < 0 || low < 0) {
            return 0;
        }
        byte = (unsigned char)(high * 16 + low);
        taken = 3;
    }
    *ret_byte = byte;
    bool encoded = taken == 3;
    if (byte < 0x20 || byte == 0x7F || byte == '\\' || (encoded && byte == '/')) {
        return 0;
    }
    /* Raw, these are no URI characters; encoded they are data. */
    return !encoded && (byte == ' ' || byte > 0x7E) ? 0 : taken;
}

/* A segment that is not empty, and not `.` or `..` in any spelling. */
static bool segment_is_plain(struct str segment)
{
    size_t length = 0, dots = 0;

    while (segment.len > 0) {
        unsigned char byte;
        size_t taken = read_byte(segment, &byte);
        if (taken == 0) {
            return false;
        }
        length++;
        dots += byte == '.';
        segment = str_from(segment, taken);
    }
    return length > 0 && (dots < length || length > 2);
}

bool path_is_plain(struct str path)
{
    if (path.len == 0 || path.ptr[0] != '/') {
        return false;
    }
    struct str rest = str_from(path, 1);
    while (rest.len > 0) {
        struct str segment = {rest.ptr, str_span_until(rest, '/')};
        if (!segment_is_plain(segment)) {
            return false;
        }
        /* A slash at the very end is fine: it is part of the last segment's path, not an empty segment to merge. */
        rest = segment.len == rest.len ? str_from(rest, rest.len) : str_from(rest, segment.len + 1);
    }
    return true;
}

enum route route_of(struct str path_with_query, struct str open_paths)
{
    struct str path = {path_with_query.ptr, str_span_until(path_with_query, '?')};

    if (!path_is_plain(path)) {
        return ROUTE_BAD;
    }
    if (str_equal(path, STR("/health"))) {
        return ROUTE_HEALTH;
    }
    if (str_equal(path, STR("/api/auth/register")) || str_equal(path, STR("/api/auth/login")) ||
        str_equal(path, STR("/openapi.json")) || list_has(open_paths, path)) {
        return ROUTE_OPEN;
    }
    return str_starts_with(path, STR("/api/")) ? ROUTE_PROTECTED : ROUTE_UNKNOWN;
}

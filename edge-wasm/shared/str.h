/**
 * @file str.h
 * Counted strings: what the component model passes. They are not NUL-terminated and own nothing.
 */
#ifndef EDGE_STR_H
#define EDGE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

/** For initializers of static data, where a compound literal may not stand. */
#define STR_INIT(literal)            \
    {                                \
        literal, sizeof(literal) - 1 \
    }
#define STR(literal) ((struct str){literal, sizeof(literal) - 1})

static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/** Compares without regard to ASCII case: `b` must be in lower case. */
static inline bool str_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.ptr[i]) != b.ptr[i]) {
            return false;
        }
    }
    return true;
}

static inline bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

static inline struct str str_from(struct str s, size_t start)
{
    return (struct str){s.ptr + start, s.len - start};
}

/** The length of the part before the first `c`, or all of it. */
static inline size_t str_span_until(struct str s, char c)
{
    const char *found = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return found ? (size_t)(found - s.ptr) : s.len;
}

/** Without spaces and tabs at either end (OWS of RFC 9110, 5.6.3). */
static inline struct str str_trim(struct str s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s = str_from(s, 1);
    }
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

#endif

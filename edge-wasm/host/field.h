/* A message's fields, wherever they come from. */
#ifndef EDGE_HOST_FIELD_H
#define EDGE_HOST_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

struct fields {
    struct field *at;
    size_t count;
};

/* Whether it is this one; names are the same in any case. */
bool field_is(const struct field *field, const char *lower_name);

/* A token as its name; in its value visible characters, blanks and bytes above 127 (RFC 9110, 5.5). */
bool field_is_valid(const struct field *field);

/* What Content-Length says among these: -1 without one, -2 when there are several or it is no number. */
int64_t fields_length(const struct field *fields, size_t count);

/* Whether it is visible ASCII throughout, so that it ends no line and no part of one. */
bool is_visible(const char *text, size_t length);

#endif

/* UTF-8 (RFC 3629) text. */
#ifndef TODO_DOMAIN_TEXT_H
#define TODO_DOMAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/export.h"

/* A run of bytes inside somebody else's string. */
typedef struct todo__slice {
    const char *text;
    size_t length;
} todo__slice;

/* The length of the valid character that `text`, of 1 byte or more, begins with; 0 if it begins with none. */
size_t todo__utf8_sequence(const char *text, size_t length);

/* Whether `length` bytes are valid UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
TODO__EXPORT bool todo__utf8_valid(const char *text, size_t length);

/* The number of code points of valid UTF-8. */
size_t todo__utf8_count(const char *text, size_t length);

/* The largest length <= limit that does not cut a character of valid UTF-8 in two. */
size_t todo__utf8_cut(const char *text, size_t limit);

/* The valid UTF-8 without the white space (Unicode's White_Space) around it. */
todo__slice todo__utf8_trim(const char *text);

/* Whether valid UTF-8 has anything to see: not white space, controls and characters that show nothing alone. */
bool todo__utf8_is_visible(todo__slice text);

#endif

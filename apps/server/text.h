/* Slices of text, and comparing them as HTTP does. */
#ifndef TODO_SERVER_TEXT_H
#define TODO_SERVER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Not NUL-terminated. */
typedef struct text_slice {
    const char *start;
    size_t length;
} text_slice;

/* The slice without spaces and tabs around it. */
text_slice text_trim(text_slice slice);

/* Whether it is `text`; the second in any case (ASCII). */
bool text_is(text_slice slice, const char *text);
bool text_is_nocase(text_slice slice, const char *text);

/*
 * Takes the next element of a list separated by commas (RFC 9110, 5.6.1) off `rest`, trimmed; empty ones are skipped.
 * Commas within double quotes belong to the element. False at the end.
 */
bool text_next_element(text_slice *rest, text_slice *ret_element);

/* Text in the making, in memory of the caller. What does not fit is left out, and `overflow` tells. */
typedef struct text_out {
    char *bytes;
    size_t size;
    size_t length;
    bool overflow;
} text_out;

void text_put(text_out *out, const char *text);
void text_put_bytes(text_out *out, const char *bytes, size_t length);
void text_put_number(text_out *out, unsigned long long number);

/* Reads decimal digits and nothing else. False when it is none, or more than `highest`. */
bool text_to_number(text_slice slice, unsigned long long highest, unsigned long long *ret_number);

#endif

/* A stream of text that is read once, in bounded memory. */
#ifndef TODOCTL_INPUT_H
#define TODOCTL_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define INPUT_LINE_MAX (16u << 20) /* bytes of a line, unfolded */

typedef struct ctl_input {
    FILE *file;
    uint64_t line;   /* the number of the line that is being read, from 1 */
    uint64_t offset; /* bytes read so far */
    bool at_start;   /* of a line */
} ctl_input;

/* A text that grows; kept from record to record. */
typedef struct ctl_text {
    char *data; /* NUL-terminated once something was added; NULL before */
    size_t length;
    size_t room;
} ctl_text;

/* The next byte, or EOF. */
int input_byte(ctl_input *input);

/* Passes over a byte order mark, which other programs put in front of UTF-8. Before anything else is read. */
void input_skip_mark(ctl_input *input);

/* The next byte, or EOF, which stays to be read. */
int input_peek(ctl_input *input);

typedef enum input_result {
    INPUT_OK,
    INPUT_END,
    INPUT_REFUSED, /* a record that can't be taken; the next one can be read */
    INPUT_BAD      /* nothing that follows can be read */
} input_result;

/*
 * Replaces `line` by the next line, without its end (LF or CRLF). INPUT_BAD, with the reason in `ret_problem`: longer
 * than INPUT_LINE_MAX, a NUL in it, or a read error.
 */
input_result input_line(ctl_input *input, ctl_text *line, const char **ret_problem);

void text_clear(ctl_text *text);
void text_add(ctl_text *text, char byte);
void text_free(ctl_text *text);

#endif

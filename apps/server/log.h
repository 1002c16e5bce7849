/*
 * The log: one JSON object a line on standard error. Whole lines are written with one write(2), so that those of several
 * threads never mix. Never give it a secret.
 */
#ifndef TODO_SERVER_LOG_H
#define TODO_SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <todo/buffer.h>

typedef enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } log_level;

/* A line in the making, in a buffer of the caller. A line that memory does not suffice for is left out. */
typedef struct log_line {
    todo_buffer *buffer;
    size_t start; /* where it begins in the buffer */
    bool broken;
} log_line;

/* Reads "error", "warn", "info" or "debug". */
bool log_level_parse(const char *text, log_level *ret_level);

/* What is less severe than `level` is left out from now on. Call it before there are threads. */
void log_set_level(log_level level);

/* Whether lines of this level are written. */
bool log_enabled(log_level level);

/* Begins a line at the end of `buffer`: the time, the level and a message. */
log_line log_begin(todo_buffer *buffer, log_level level, const char *message);

/* Adds a member. A NULL text adds none. */
void log_text(log_line *line, const char *name, const char *text);
void log_number(log_line *line, const char *name, int64_t number);

/* Ends the line. */
void log_end(log_line *line);

/* Writes a line of a message and up to one member (`name` may be NULL) at once. */
void log_message(log_level level, const char *message, const char *name, const char *text);

#endif

/* Errors: one line on stderr, with the next step to try, and the exit code that goes with it. */
#ifndef TODOCTL_REPORT_H
#define TODOCTL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <todo/error.h>

/* Prints "todoctl: MESSAGE; try: NEXT" on stderr and returns `code`. `next` may be NULL. */
int fail(int code, const char *next, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Prints "todoctl: MESSAGE" on stderr: something that does not end the command. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The same as fail for what the library said, after the words of `format` ("cannot add ann@example.org"), with the exit code of
 * its status. `next` NULL takes the step that fits the status.
 */
int fail_error(const todo_error *error, const char *next, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The exit code for a status of the library. */
int exit_code_of(todo_status status);

/* Ends the program with exit code 1: there is no going on without memory. */
void *need_memory(void *pointer);

/* Whether colours are fit for `stream`: a terminal that can, and NO_COLOR not set (https://no-color.org). */
bool colours(FILE *stream);

/* Replaces in place what would end the line or drive the terminal (control characters, C1 included). */
void make_printable(char *text);

#endif

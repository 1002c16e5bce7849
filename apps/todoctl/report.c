#include "report.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "progress.h"

bool colours(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
           isatty(fileno(stream));
}

void make_printable(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7f)
            *at = ' ';
        else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* U+0080 to U+009F */
            at[0] = at[1] = ' ';
}

static void print_line(const char *next, char *message)
{
    bool colour = colours(stderr);
    make_printable(message);
    fflush(stdout);
    progress_make_room();
    fprintf(stderr, "%stodoctl:%s %s%s%s\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", message,
            next != NULL ? "; try: " : "", next != NULL ? next : "");
}

int fail(int code, const char *next, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    print_line(next, message);
    return code;
}

void warn(const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    print_line(NULL, message);
}

int exit_code_of(todo_status status)
{
    switch (status) {
    case TODO_OK:
        return 0;
    case TODO_ERR_INVALID:
    case TODO_ERR_UNPROCESSABLE:
    case TODO_ERR_TOO_LARGE:
        return EXIT_USAGE;
    case TODO_ERR_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case TODO_ERR_UNAVAILABLE:
    case TODO_ERR_TIMEOUT:
    case TODO_ERR_RATE_LIMITED:
        return EXIT_UNAVAILABLE;
    case TODO_ERR_CONFLICT:
    case TODO_ERR_PRECONDITION:
        return EXIT_CONFLICT;
    case TODO_ERR_UNAUTHENTICATED:
    case TODO_ERR_FORBIDDEN:
        return EXIT_DENIED;
    default:
        return EXIT_FAILED;
    }
}

static const char *usual_next(const todo_error *error)
{
    switch (error->status) {
    case TODO_ERR_UNAVAILABLE:
    case TODO_ERR_TIMEOUT:
        return "todoctl doctor";
    case TODO_ERR_RATE_LIMITED:
        return "again in a second";
    case TODO_ERR_NOT_FOUND:
        return "todoctl todo list";
    case TODO_ERR_UNSUPPORTED:
        return "a build of libtodo with this adapter";
    case TODO_ERR_INVALID:
        return strcmp(error->code, "store_url_invalid") == 0
                   ? "--store sqlite:PATH or postgres://HOST/DATABASE"
                   : "another value";
    case TODO_ERR_INTERNAL:
        return "todoctl doctor";
    default:
        return NULL;
    }
}

int fail_error(const todo_error *error, const char *next, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof(message)) {
        /* A driver's words may end with a line end. */
        size_t detail = strlen(error->detail);
        while (detail > 0 && isspace((unsigned char)error->detail[detail - 1]))
            detail--;
        snprintf(message + length, sizeof(message) - (size_t)length, ": %s%s%.*s%s", error->message,
                 detail > 0 ? " (" : "", (int)detail, error->detail, detail > 0 ? ")" : "");
    }
    print_line(next != NULL ? next : usual_next(error), message);
    return exit_code_of(error->status);
}

void *need_memory(void *pointer)
{
    if (pointer == NULL)
        exit(fail(EXIT_FAILED, NULL, "out of memory"));
    return pointer;
}

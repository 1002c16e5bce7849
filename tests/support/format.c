#include "format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

char *format(const char *pattern, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, pattern);
    if (vasprintf(&text, pattern, arguments) < 0)
        abort();
    va_end(arguments);
    return text;
}

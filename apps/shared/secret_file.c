#include "secret_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *check(char *text, size_t length)
{
    if (length > SECRET_FILE_MAX)
        return "longer than 16 KiB";
    if (length > 0 && text[length - 1] == '\n')
        length--;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    text[length] = '\0';
    if (length == 0)
        return "empty";
    return strlen(text) == length ? NULL : "a NUL byte in it";
}

char *secret_file_read(const char *path, const char **ret_reason)
{
    char *text = malloc(SECRET_FILE_MAX + 2);
    FILE *file = text == NULL ? NULL : fopen(path, "re");
    const char *reason;

    if (file == NULL) {
        reason = strerror(errno);
    } else {
        size_t length = fread(text, 1, SECRET_FILE_MAX + 1, file);

        reason = ferror(file) ? strerror(errno) : check(text, length);
        fclose(file);
    }
    if (reason == NULL)
        return text;
    free(text);
    *ret_reason = reason;
    return NULL;
}

#include "secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM (SECRET_FILE_MAX + 2) /* one byte shows that it is too long, and a NUL */

/* Reads until the end, or until there is more than there may be; -1 with errno. */
static ssize_t read_all(int fd, char *text)
{
    size_t length = 0;

    while (length <= SECRET_FILE_MAX) {
        ssize_t got = read(fd, text + length, SECRET_FILE_MAX + 1 - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -1 : (ssize_t)length;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

/* Ends the text; why it is no secret, or NULL. */
static const char *check(char *text, ssize_t got, size_t *ret_length)
{
    size_t length;

    if (got < 0)
        return strerror(errno);
    length = (size_t)got;
    if (length > SECRET_FILE_MAX)
        return "longer than 16 KiB";
    if (length > 0 && text[length - 1] == '\n')
        length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
    text[length] = '\0';
    *ret_length = length;
    if (length == 0)
        return "empty";
    return strlen(text) == length ? NULL : "a NUL byte in it";
}

char *secret_read(int fd, size_t *ret_length, const char **ret_reason)
{
    char *text = malloc(ROOM);
    const char *reason = text == NULL ? strerror(errno) : NULL;
    size_t length = 0;

    if (reason == NULL)
        reason = check(text, read_all(fd, text), &length);
    if (reason == NULL) {
        if (ret_length != NULL)
            *ret_length = length;
        return text;
    }
    if (text != NULL)
        explicit_bzero(text, ROOM);
    free(text);
    *ret_reason = reason;
    return NULL;
}

char *secret_file_read(const char *path, size_t *ret_length, const char **ret_reason)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text;

    if (fd < 0) {
        *ret_reason = strerror(errno);
        return NULL;
    }
    text = secret_read(fd, ret_length, ret_reason);
    close(fd);
    return text;
}

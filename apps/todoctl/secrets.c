#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report.h"
#include "terminal.h"

void secret_wipe(ctl_secret *secret)
{
    if (secret->text != NULL) {
        explicit_bzero(secret->text, secret->length);
        free(secret->text);
    }
    *secret = (struct ctl_secret){NULL, 0};
}

/* Reads all of `fd` into `text`, of SECRET_MAX + 1 bytes; -1 with errno. */
static ssize_t read_all(int fd, char *text)
{
    size_t length = 0;
    while (length <= SECRET_MAX) {
        ssize_t got = read(fd, text + length, SECRET_MAX + 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -1 : (ssize_t)length;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static const char *check(char *text, ssize_t length, ctl_secret *ret_secret)
{
    if (length < 0)
        return strerror(errno);
    if ((size_t)length > SECRET_MAX)
        return "longer than 16 KiB";
    if (length > 0 && text[length - 1] == '\n')
        length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
    text[length] = '\0';
    if (length == 0)
        return "empty";
    if (strlen(text) != (size_t)length)
        return "a NUL byte in it";
    *ret_secret = (ctl_secret){need_memory(strdup(text)), (size_t)length};
    return NULL;
}

bool secret_read_file(const char *path, ctl_secret *ret_secret, const char **ret_reason)
{
    bool from_stdin = strcmp(path, "-") == 0;
    int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *ret_reason = strerror(errno);
        return false;
    }
    char *text = need_memory(malloc(SECRET_MAX + 2));
    const char *reason = check(text, read_all(fd, text), ret_secret);
    explicit_bzero(text, SECRET_MAX + 2);
    free(text);
    if (!from_stdin)
        close(fd);
    if (reason != NULL)
        *ret_reason = reason;
    return reason == NULL;
}

static int ask(const char *prompt, const char *option, bool twice, ctl_secret *ret_secret)
{
    char first[1024];
    char again[1024];
    char next[128];
    snprintf(next, sizeof(next), "--%s FILE, or --%s - to read standard input", option, option);
    int code = 0;
    if (!terminal_ask(prompt, false, first, sizeof(first)))
        return fail(EXIT_USAGE, next, "there is no terminal to ask for the secret");
    if (first[0] == '\0')
        code = fail(EXIT_USAGE, "again", "nothing was entered");
    else if (twice &&
             (!terminal_ask("Once more: ", false, again, sizeof(again)) || strcmp(first, again) != 0))
        code = fail(EXIT_USAGE, "again", "the two are not the same");
    else
        *ret_secret = (ctl_secret){need_memory(strdup(first)), strlen(first)};
    explicit_bzero(first, sizeof(first));
    explicit_bzero(again, sizeof(again));
    return code;
}

int secret_get(const char *prompt, const char *file, const char *option, bool twice, ctl_secret *ret_secret)
{
    if (file == NULL)
        return ask(prompt, option, twice, ret_secret);
    const char *reason;
    if (!secret_read_file(file, ret_secret, &reason)) {
        return fail(EXIT_USAGE, "a file that holds the secret alone, on one line", "cannot use %s: %s",
                    strcmp(file, "-") == 0 ? "standard input" : file, reason);
    }
    return 0;
}

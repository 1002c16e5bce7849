/*
 * Secrets come from a terminal, without echo, or from a file: never from argv, which every user of the machine can
 * read.
 */
#ifndef TODOCTL_SECRETS_H
#define TODOCTL_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

/* A secret in memory of its own. */
typedef struct ctl_secret {
    char *text; /* NUL-terminated, without a NUL inside; NULL when there is none */
    size_t length;
} ctl_secret;

/*
 * Reads a file, or standard input when `path` is "-", less one line end at its end. False with the reason (such as
 * "Permission denied") when it can't be read, is empty, longer than 16 KiB or holds a NUL.
 */
bool secret_read_file(const char *path, ctl_secret *ret_secret, const char **ret_reason);

/*
 * Gets a secret: from `file` if that is given, else from the terminal, asked twice with `twice`. Returns 0, or an exit
 * code after a line on stderr that names `option` as the way without a terminal.
 */
int secret_get(const char *prompt, const char *file, const char *option, bool twice, ctl_secret *ret_secret);

/* Wipes and releases a secret. One without a text is fine. */
void secret_wipe(ctl_secret *secret);

#endif

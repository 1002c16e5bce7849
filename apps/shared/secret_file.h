/*
 * Secrets that lie in files: what orchestrators mount, and what is better than an environment or an argv that others may
 * see.
 */
#ifndef TODO_SHARED_SECRET_FILE_H
#define TODO_SHARED_SECRET_FILE_H

#include <stddef.h>

#define SECRET_FILE_MAX 16384u /* bytes */

/*
 * What `fd` has to read less one line end at its end, NUL-terminated; the caller wipes and frees it. `ret_length` may be
 * NULL. NULL with the reason (such as "Permission denied") when it can't be read, is empty, longer than SECRET_FILE_MAX
 * or holds a NUL.
 */
char *secret_read(int fd, size_t *ret_length, const char **ret_reason);

/* The same of a file. */
char *secret_file_read(const char *path, size_t *ret_length, const char **ret_reason);

#endif

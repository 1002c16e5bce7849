/* Secrets that lie in files: what orchestrators mount, and what is better than an environment that others may see. */
#ifndef TODO_SERVER_SECRET_FILE_H
#define TODO_SERVER_SECRET_FILE_H

#define SECRET_FILE_MAX 16384 /* bytes */

/*
 * The content of a file less one line end at its end, which lives as long as the process. NULL with the reason when it
 * can't be read, is empty, longer than SECRET_FILE_MAX or holds a NUL.
 */
char *secret_file_read(const char *path, const char **ret_reason);

#endif

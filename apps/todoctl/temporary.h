/* A file that must not stay behind when a signal ends the program. */
#ifndef TODOCTL_TEMPORARY_H
#define TODOCTL_TEMPORARY_H

/*
 * Makes a file with a name of its own beside `path`, for its owner alone. Until temporary_keep or temporary_remove, SIGINT,
 * SIGTERM and SIGHUP remove it before they end the program. One at a time. Returns the descriptor, or -1 with errno.
 */
int temporary_make(const char *path);

/* Makes `path` itself, which must not be there yet, and removes it alike. */
int temporary_make_new(const char *path);

/* Renames it to `path`; -1 with errno when that fails, which leaves it to temporary_remove. */
int temporary_keep(const char *path);

/* Removes it, if there is one. */
void temporary_remove(void);

#endif

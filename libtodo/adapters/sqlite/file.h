/* The file of a database: making it, and how it may be opened. */
#ifndef TODO_ADAPTERS_SQLITE_FILE_H
#define TODO_ADAPTERS_SQLITE_FILE_H

#include <sys/stat.h>

#include "adapters/sqlite/identity.h"

/* INVALID as "store_url_invalid", else "database_unavailable". The detail is the path and the reason. */
todo_status todo__sqlite_not_usable(todo_error *error, todo_status status, const char *message,
                                    const char *path, const char *reason);

/*
 * Makes the file if `mode` allows it, refuses what is not a regular file or belongs to another program, and chooses how to
 * open it. Writes `ret_file` for TODO__SQLITE_FROZEN only. UNAVAILABLE ("store_missing"), INVALID ("store_foreign").
 */
todo_status todo__sqlite_prepare_file(const char *path, todo_store_mode mode, todo__sqlite_mode *ret_mode,
                                      struct stat *ret_file, todo_error *error);

/* Whether the file is as it was, and no process has opened it to write. */
bool todo__sqlite_is_frozen(const char *path, const struct stat *file);

#endif

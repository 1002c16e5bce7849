#include "adapters/sqlite/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

todo_status todo__sqlite_not_usable(todo_error *error, todo_status status, const char *message,
                                    const char *path, const char *reason)
{
    char detail[1024];

    snprintf(detail, sizeof(detail), "%s: %s", path, reason);
    todo_error_set(error, status, status == TODO_ERR_INVALID ? "store_url_invalid" : "database_unavailable",
                   NULL, message);
    todo_error_set_detail(error, detail);
    return status;
}

static todo_status no_folder(const char *path, const char *reason, todo_error *error)
{
    return todo__sqlite_not_usable(
        error, TODO_ERR_INVALID,
        "the folder of the SQLite file does not exist: create it, or name another file", path, reason);
}

/*
 * Makes the file, for its owner alone, if there is none. Closing a descriptor of a file gives up every lock that the
 * process holds on it, so no other thread may open the database between the two: hence the lock, and never another
 * descriptor of a file that was there before.
 */
static todo_status make_file(const char *path, todo_error *error)
{
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
    int file, reason;
    char text[128];
    const char *words;

    pthread_mutex_lock(&making);
    file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    reason = errno;
    if (file >= 0)
        close(file);
    pthread_mutex_unlock(&making);
    if (file >= 0 || reason == EEXIST)
        return TODO_OK;
    words = strerror_r(reason, text, sizeof(text));
    if (reason == ENOENT || reason == ENOTDIR)
        return no_folder(path, words, error);
    return todo__sqlite_not_usable(
        error, TODO_ERR_UNAVAILABLE,
        "the SQLite file can't be created: check the rights on its folder and the disk", path, words);
}

/* What there is to say of a file that is not there. */
static todo_status missing(const char *path, todo_error *error)
{
    char *end, folder[PATH_MAX];

    snprintf(folder, sizeof(folder), "%s", path);
    end = strrchr(folder, '/');
    if (end != NULL && end != folder) {
        *end = '\0';
        if (access(folder, F_OK) != 0)
            return no_folder(path, "No such file or directory", error);
    }
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "store_missing", NULL, "there is no such SQLite file");
    todo_error_set_detail(error, path);
    return TODO_ERR_UNAVAILABLE;
}

/* Whether a process has the database open, or left its log behind. SQLite keeps the log beside the file, not a link. */
static bool has_log(const char *path)
{
    char file[PATH_MAX], log[PATH_MAX + 8];

    snprintf(log, sizeof(log), "%s-wal", realpath(path, file) != NULL ? file : path);
    return access(log, F_OK) == 0;
}

todo_status todo__sqlite_prepare_file(const char *path, todo_store_mode mode, todo__sqlite_mode *ret_mode,
                                      struct stat *ret_file, todo_error *error)
{
    struct stat file;
    todo_status status = mode == TODO_STORE_CREATE ? make_file(path, error) : TODO_OK;
    char text[128];

    if (status != TODO_OK)
        return status;
    if (stat(path, &file) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? missing(path, error)
                   : todo__sqlite_not_usable(error, TODO_ERR_UNAVAILABLE,
                                             "the SQLite file can't be opened: check its rights", path,
                                             strerror_r(errno, text, sizeof(text)));
    if (!S_ISREG(file.st_mode))
        return todo__sqlite_not_usable(error, TODO_ERR_UNAVAILABLE, "the SQLite file can't be opened", path,
                                       "it is not a regular file");
    status = todo__sqlite_peek(path, error);
    if (status != TODO_OK) {
        todo_error_set_detail(error, path);
        return status;
    }
    *ret_mode = mode != TODO_STORE_READ ? TODO__SQLITE_WRITE
                : has_log(path)         ? TODO__SQLITE_READ
                                        : TODO__SQLITE_FROZEN;
    *ret_file = file;
    return TODO_OK;
}

bool todo__sqlite_is_frozen(const char *path, const struct stat *file)
{
    struct stat now;

    return stat(path, &now) == 0 && now.st_dev == file->st_dev && now.st_ino == file->st_ino &&
           now.st_size == file->st_size && now.st_mtim.tv_sec == file->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == file->st_mtim.tv_nsec && !has_log(path);
}

#include "adapters/sqlite/error.h"

#include <stdio.h>

todo_status todo__sqlite_timeout(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_TIMEOUT, NULL, NULL, NULL);
}

int todo__sqlite_constraint(sqlite3 *sqlite, int rc)
{
    return (rc & 0xFF) == SQLITE_CONSTRAINT ? sqlite3_extended_errcode(sqlite) : 0;
}

static todo_status set(todo_error *error, int rc)
{
    if (rc == SQLITE_IOERR_NOMEM)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    switch (rc & 0xFF) {
    case SQLITE_NOMEM:
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    case SQLITE_TOOBIG:
        return todo_error_set(error, TODO_ERR_TOO_LARGE, NULL, NULL, NULL);
    case SQLITE_BUSY:      /* the busy handler gave up, */
    case SQLITE_INTERRUPT: /* or the progress handler did: both do so at the deadline only */
        return todo__sqlite_timeout(error);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL,
                              "the database is temporarily unavailable");
    case SQLITE_NOTADB:
        return todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", NULL,
                              "the file is not an SQLite database");
    default:
        return todo_error_set(error, TODO_ERR_INTERNAL, "database_error", NULL, NULL);
    }
}

todo_status todo__sqlite_error(sqlite3 *sqlite, int rc, todo_error *error)
{
    int extended = sqlite != NULL ? sqlite3_extended_errcode(sqlite) : rc;
    const char *words = sqlite != NULL ? sqlite3_errmsg(sqlite) : sqlite3_errstr(rc);
    char detail[256];
    todo_status status;

    if ((extended & 0xFF) != (rc & 0xFF)) {
        extended = rc;
        words = sqlite3_errstr(rc);
    }
    snprintf(detail, sizeof(detail), "SQLite %d: %s", extended, words);
    status = set(error, extended);
    todo_error_set_detail(error, detail);
    return status;
}

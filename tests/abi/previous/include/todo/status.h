/**
 * @file status.h
 * The outcome of every fallible call. The numbers are part of the ABI and never change.
 */
#ifndef TODO_STATUS_H
#define TODO_STATUS_H

#include <todo/base.h>

TODO_BEGIN_DECLS

/** How a call ended. Any but TODO_OK is a failure, also one that a program does not know yet. */
typedef enum todo_status {
    TODO_OK = 0,
    TODO_ERR_INVALID = 1,         /**< an argument or a value breaks a rule (HTTP 400) */
    TODO_ERR_NOT_FOUND = 2,       /**< no such thing for this user (404) */
    TODO_ERR_CONFLICT = 3,        /**< it exists already (409) */
    TODO_ERR_UNAUTHENTICATED = 4, /**< the user or the credentials are not known (401) */
    TODO_ERR_FORBIDDEN = 5,       /**< known, but not allowed (403) */
    TODO_ERR_PRECONDITION = 6,    /**< the version asked for is not the current one (412) */
    TODO_ERR_TOO_LARGE = 7,       /**< a limit of size or count is exceeded (413) */
    TODO_ERR_RATE_LIMITED = 8,    /**< too much at once: try later (429) */
    TODO_ERR_UNAVAILABLE = 9,     /**< a backend can't be reached: try later (503) */
    TODO_ERR_TIMEOUT = 10,        /**< the deadline of the call passed (503) */
    TODO_ERR_NOMEM = 11,          /**< out of memory; nothing was changed */
    TODO_ERR_INTERNAL = 12,       /**< a fault of the library or of a backend (500) */
    TODO_ERR_UNSUPPORTED = 13,    /**< the port or this version does not offer it */
    TODO_ERR_UNPROCESSABLE = 14   /**< well-formed, but of the wrong type or a member is missing (422) */
} todo_status;

/** The name of a status, such as "not_found"; "unknown" for any other number. Static. Thread-safe. */
TODO_API const char *todo_status_name(todo_status status);

TODO_END_DECLS

#endif

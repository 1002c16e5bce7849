/**
 * @file error.h
 * What went wrong, for three readers: `code` for programs, `message` for clients, `detail` for operators.
 *
 * A `todo_error` belongs to the caller (usually on the stack) and holds its texts itself, so that reporting a
 * failure never allocates. It is not thread-safe: one per call.
 */
#ifndef TODO_ERROR_H
#define TODO_ERROR_H

#include <todo/status.h>

TODO_BEGIN_DECLS

/** What went wrong in one call. */
typedef struct todo_error {
    size_t size;         /**< sizeof(todo_error) as the caller compiled it */
    todo_status status;  /**< what the last call that was given it returned */
    int32_t retry_after; /**< seconds after which a retry may help; 0 unless `retryable` */
    bool retryable;      /**< whether the same call may succeed later */
    char code[40];       /**< machine-readable, stable, such as "title_empty" */
    char field[40];      /**< the offending member, such as "title"; "" when there is none */
    char message[160];   /**< one line, fit for a client: no driver text, no secret */
    char detail[256];    /**< for operators: SQLSTATE, the driver's words; never sent to a client */
} todo_error;

/** An initializer: every member at its default. */
#define TODO_ERROR_INIT                                       \
    {                                                         \
        sizeof(todo_error), TODO_OK, 0, false, "", "", "", "" \
    }

/**
 * Prepares an error, or clears it for another call.
 * @param error NULL is fine.
 * @param size  sizeof(todo_error) as the caller compiled it.
 */
TODO_API void todo_error_init(todo_error *error, size_t size);

/**
 * Fills an error; for implementers of ports and for the library itself. Texts that do not fit are cut at a
 * UTF-8 boundary. `detail` becomes "". UNAVAILABLE, TIMEOUT and RATE_LIMITED are marked retryable with
 * `retry_after` 1.
 * @param error   NULL is fine: only the status is returned then.
 * @param status  what went wrong; not TODO_OK.
 * @param code    machine-readable; NULL takes the status' name.
 * @param field   the offending member, or NULL.
 * @param message fit for a client; NULL takes a general text for the status.
 * @return `status`, so that a function can end with `return todo_error_set(…)`.
 */
TODO_API todo_status todo_error_set(todo_error *error, todo_status status, const char *code,
                                    const char *field, const char *message);

/** Adds the text for operators to an error that was set. NULL error or detail is fine. */
TODO_API void todo_error_set_detail(todo_error *error, const char *detail);

TODO_END_DECLS

#endif

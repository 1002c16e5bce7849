/**
 * @file call.h
 * What travels with a call from the front end down to the driver: how long it may take, and what to call it.
 */
#ifndef TODO_CALL_H
#define TODO_CALL_H

#include <todo/types.h>

TODO_BEGIN_DECLS

#define TODO_CONSISTENCY_TOKEN_SIZE 34 /**< 33 characters and the NUL */

/**
 * The context of one call. Belongs to the caller and must outlive the call only. A NULL `const todo_call *`
 * means: no deadline, no request id, no consistency token.
 *
 * A consistency token stands for a state of the store: the one that a change left behind. A read that brings it sees
 * that state or a later one, whichever process it asks, replicas and caches notwithstanding. A read that brings one
 * gives one back, for what it saw: a client that always brings its newest token never sees time run backwards. A token
 * is opaque text of letters, digits and `-`. A call that brings text which is none fails with INVALID, code
 * "consistency_token_invalid".
 */
typedef struct todo_call {
    size_t size;                   /**< sizeof(todo_call) as the caller compiled it */
    int64_t deadline;              /**< CLOCK_MONOTONIC in microseconds; 0 = none. Passed: TODO_ERR_TIMEOUT */
    const char *request_id;        /**< for the backend's own log, or NULL */
    const char *consistency_token; /**< what a read must see at least, or NULL */
    /**
     * NULL, or where a change, or a read that brought a token, writes its own: TODO_CONSISTENCY_TOKEN_SIZE bytes, which
     * the caller made "" before. They stay "" when the call failed or when the token brought, or none, is enough.
     */
    char *ret_consistency_token;
} todo_call;

/** An initializer: every member at its default. */
#define TODO_CALL_INIT                         \
    {                                          \
        sizeof(todo_call), 0, NULL, NULL, NULL \
    }

/** Sets every member to its default. `size` is sizeof(todo_call) as the caller compiled it. */
TODO_API void todo_call_init(todo_call *call, size_t size);

/** Sets the deadline to so many milliseconds from now. */
TODO_API void todo_call_set_timeout(todo_call *call, uint32_t milliseconds);

/**
 * The milliseconds left until the deadline, rounded up: 0 when it has passed, -1 when there is none (the form
 * poll(2) takes). NULL means no deadline. Thread-safe.
 */
TODO_API int todo_call_remaining(const todo_call *call);

TODO_END_DECLS

#endif

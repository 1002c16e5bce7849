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
 * How a caller waits for what other callers or a server do, for a program whose callers are more than its threads:
 * coroutines, or requests that give up their thread meanwhile. Without it a wait puts the thread to sleep.
 *
 * It must stay valid, and `unpark` be callable from any thread, as long as the store of the call is open: an `unpark`
 * may come late, after the call that it was meant for has returned.
 */
typedef struct todo_parking {
    size_t size; /**< sizeof(todo_parking) as the caller compiled it */
    void *arg;   /**< handed to each of these functions */
    /**
     * Waits until `unpark` is called, or was called since the last return, or until `until` (CLOCK_MONOTONIC in
     * microseconds). May return early for no reason. What goes on after it may be another thread; no lock of the
     * library is held.
     */
    void (*park)(void *arg, int64_t until);
    /** Ends the wait of `park`, or the next one. Does not block, for it may be called with locks held. */
    void (*unpark)(void *arg);
    /** The thread is about to wait for a server (`begins`), or has done so. NULL when that matters to nobody. */
    void (*blocking)(void *arg, bool begins);
    /**
     * Lets callers that were woken go first, who may have something to say to the same server. What goes on after it
     * may be another thread, as after `park`. NULL: there is no telling.
     */
    void (*yield)(void *arg);
} todo_parking;

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
    const todo_parking *parking; /**< how the call waits, or NULL: the thread sleeps */
} todo_call;

/** An initializer: every member at its default. */
#define TODO_CALL_INIT                               \
    {                                                \
        sizeof(todo_call), 0, NULL, NULL, NULL, NULL \
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

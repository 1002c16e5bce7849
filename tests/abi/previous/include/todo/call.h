/**
 * @file call.h
 * What travels with a call from the front end down to the driver: how long it may take, and what to call it.
 */
#ifndef TODO_CALL_H
#define TODO_CALL_H

#include <todo/types.h>

TODO_BEGIN_DECLS

/**
 * A state of one user's todos. Each change of a todo raises the user's number by one, in the change's own transaction: of
 * two states the one with the higher number has all the changes of the other. The epoch comes first in the order; it
 * rises when numbers may have been lost, as when a store is restored from a backup. {0, 0} means: unknown.
 */
typedef struct todo_sequence {
    uint64_t epoch;  /**< of the numbers; 0 only for "unknown" */
    uint64_t number; /**< of the user's last change in this state */
} todo_sequence;

/** As a demand: whatever the server that takes the writes shows now. Behind every other sequence in their order. */
#define TODO_SEQUENCE_NOW      \
    {                          \
        UINT64_MAX, UINT64_MAX \
    }

#define TODO_SEQUENCE_TEXT_SIZE 34 /**< 33 characters and the NUL */

/**
 * Writes a sequence as opaque URL-safe text and a NUL into `text`, of TODO_SEQUENCE_TEXT_SIZE bytes. It is what HTTP calls
 * a consistency token. Thread-safe.
 */
TODO_API void todo_sequence_format(const todo_sequence *sequence, char *text);

/** Reads a sequence's text. Fails with INVALID, code "consistency_token_invalid". Thread-safe. */
TODO_API todo_status todo_sequence_parse(const char *text, todo_sequence *ret_sequence, todo_error *error);

/** Orders two sequences of one user, by epoch, then number: negative, 0 or positive, as memcmp. Thread-safe. */
TODO_API int todo_sequence_compare(const todo_sequence *a, const todo_sequence *b);

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
    /**
     * The call is about to keep its thread for a while (`begins`), or has done so: it waits for a server, a disk or a lock, or
     * hashes a password. Not nested. NULL: the caller does not need to know.
     */
    void (*blocking)(void *arg, bool begins);
    /**
     * Yields to callers that were just woken, so that their commands share one round trip. What goes on after it may
     * be another thread, as after `park`. NULL: the call goes on at once.
     */
    void (*yield)(void *arg);
} todo_parking;

/**
 * The context of one call. Belongs to the caller and must outlive the call only. A NULL `const todo_call *`
 * means: no deadline, no request id, no demand.
 *
 * A read that brings `at_least` sees that state of the user's todos or a later one, whichever process it asks, replicas
 * and caches notwithstanding. A client that always brings the highest sequence it has been given never sees time run
 * backwards. A state that no source shows within a second fails with UNAVAILABLE, code "sequence_unavailable".
 */
typedef struct todo_call {
    size_t size;                   /**< sizeof(todo_call) as the caller compiled it */
    int64_t deadline;              /**< CLOCK_MONOTONIC in microseconds; 0 = none. Passed: TODO_ERR_TIMEOUT */
    const char *request_id;        /**< for the backend's own log, or NULL */
    const todo_sequence *at_least; /**< the state that a read must show at least; NULL or {0, 0}: any */
    /**
     * NULL, or where a call about one user's todos writes the state that it left behind or has seen, also when it found
     * nothing; the caller sets it to {0, 0} before. It stays so when the call failed or the state is unknown.
     */
    todo_sequence *ret_sequence;
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

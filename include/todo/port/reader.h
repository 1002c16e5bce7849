/**
 * @file port/reader.h
 * TodoReader: the port through which queries read todos. For those who implement or decorate one.
 *
 * Duties of an implementation, all checked by the conformance kit (todo/conformance.h):
 * - Every function may be called from any number of threads at once.
 * - It may block, but not beyond `call`'s deadline by more than a few milliseconds: then it returns TIMEOUT.
 * - It returns UNAVAILABLE when its backend can't be reached, and recovers by itself when the backend does.
 * - Outputs are written only with TODO_OK.
 * - A read of one user's todos shows one state of theirs, and writes its sequence to `call->ret_sequence`, also when it
 *   finds nothing. A state before `call->at_least` is not shown: UNAVAILABLE, code "sequence_unavailable".
 * - TODO_SEQUENCE_NOW is met by any state that the server shows which takes the writes, and by no standby's.
 * - A read that finds nothing for a user that does not exist is UNAUTHENTICATED, code "user_unknown". A reader that
 *   shows an older state than the writer (a standby) returns UNAVAILABLE instead: the user may be too new for it.
 */
#ifndef TODO_PORT_READER_H
#define TODO_PORT_READER_H

#include <todo/item.h>

TODO_BEGIN_DECLS

/** A handle on a reader: opaque and reference-counted. */
typedef struct todo_reader todo_reader;

/** An implementation's functions; todo_reader_new takes them. Zero-initialize it. */
typedef struct todo_reader_ops {
    size_t
        size; /**< sizeof(todo_reader_ops) as the implementer compiled it; functions beyond it count as absent */

    /** Releases `self` when the last reference goes. NULL when there is nothing to release. */
    void (*destroy)(void *self);

    /**
     * The user's todo of this id. NOT_FOUND when there is none, or when it belongs to another user. What is in the trash
     * is not found.
     * The caller gets a reference in `ret_item`. Idempotent.
     */
    todo_status (*get)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error);

    /**
     * Calls `visit` for each of the user's todos that `query` asks for, in its order, at most `query->limit`
     * (never 0 here) of them. Ends early with what `visit` returned when that is not
     * TODO_OK. Nothing was visited, or the rest is lost, when it returns an error of its own. Idempotent.
     */
    todo_status (*list)(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error);

    /**
     * How many todos, of this user or (NULL) of all, were moved to the trash before the given time and are still there.
     * An unknown user has none. For readers of a store whose writer has `trash`. Idempotent.
     */
    todo_status (*count_trash)(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error);

    /** As `get`, of the todos in the user's trash: NOT_FOUND for one that is not there. Goes with `count_trash`. */
    todo_status (*get_trashed)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error);
} todo_reader_ops;

/**
 * Makes a handle from an implementation. `ops` is copied and need not outlive the call.
 * Success: the handle owns `self`. Failure (INVALID for NULL or a size of 0, NOMEM): the caller keeps it.
 */
TODO_API todo_status todo_reader_new(const todo_reader_ops *ops, void *self, todo_reader **ret_reader,
                                     todo_error *error);

/** Takes a reference and returns the same handle. NULL gives NULL. Thread-safe. */
TODO_API todo_reader *todo_reader_ref(todo_reader *reader);

/** Gives a reference back; the last one calls `destroy`. NULL is fine. Thread-safe. */
TODO_API void todo_reader_unref(todo_reader *reader);

/** Calls `get` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_reader_get(todo_reader *reader, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, const todo_item **ret_item, todo_error *error);

/** Calls `list` of the implementation; UNSUPPORTED when it has none. `query` may be NULL: the default list. */
TODO_API todo_status todo_reader_list(todo_reader *reader, const todo_call *call, const todo_uuid *user,
                                      const todo_list_query *query, todo_item_visit visit, void *arg,
                                      todo_error *error);

/** Calls `count_trash` of the implementation; UNSUPPORTED when it has none. `user` may be NULL: of all users. */
TODO_API todo_status todo_reader_count_trash(todo_reader *reader, const todo_call *call,
                                             const todo_uuid *user, todo_time deleted_before,
                                             uint64_t *ret_count, todo_error *error);

/** Calls `get_trashed` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_reader_get_trashed(todo_reader *reader, const todo_call *call,
                                             const todo_uuid *user, const todo_uuid *id,
                                             const todo_item **ret_item, todo_error *error);

TODO_END_DECLS

#endif

/**
 * @file port/writer.h
 * TodoWriter: the port through which commands change todos. For those who implement or decorate one.
 *
 * Duties of an implementation, all checked by the conformance kit (todo/conformance.h): as port/reader.h, and
 * - A change that returned TODO_OK is durable: it survives the death of the process and of the backend.
 * - A change that failed left nothing behind. After UNAVAILABLE or TIMEOUT it may have been applied in whole.
 * - A write of a user that does not exist is UNAUTHENTICATED.
 * - Each change raises the user's sequence by one, in the change's own transaction, and gives the item that number as its
 *   `modseq`: numbers are in the order in which changes become visible, without gaps. What changes nothing counts
 *   nothing; a purge counts one for each user. `call->ret_sequence` becomes the user's sequence behind the change.
 */
#ifndef TODO_PORT_WRITER_H
#define TODO_PORT_WRITER_H

#include <todo/item.h>

TODO_BEGIN_DECLS

/** Called with a user and the user's sequence behind a change, in the thread that asked. */
typedef void (*todo_sequence_visit)(void *arg, const todo_uuid *user, const todo_sequence *sequence);

/** A handle on a writer: opaque and reference-counted. */
typedef struct todo_writer todo_writer;

/** An implementation's functions; todo_writer_new takes them. Zero-initialize it. */
typedef struct todo_writer_ops {
    size_t
        size; /**< sizeof(todo_writer_ops) as the implementer compiled it; functions beyond it count as absent */

    /** Releases `self` when the last reference goes. NULL when there is nothing to release. */
    void (*destroy)(void *self);

    /**
     * Stores `count` (1 or more) new items, all of one user, as they are: all or none, in one transaction.
     * CONFLICT, code "id_exists", when the user has a todo of an id already; what other users have does not matter.
     * `error->field` should name the first such item ("todos[3].id"), and is "id" if that is not known.
     * The items get the numbers that end with the user's sequence behind the change, in their order; the dispatcher
     * writes them into `modseq`. Not idempotent.
     */
    todo_status (*insert)(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error);

    /**
     * Applies a validated patch to the user's todo: members absent stay, `updated_at` becomes `now` (or one
     * microsecond past its old value, whichever is later), `version` rises by one; decided and done in one
     * atomic step. A patch that leaves every member as it is changes nothing: `updated_at` and `version` stay, and
     * the item is given as it is, after the same checks. So an item that was changed has an `updated_at` of `now` or
     * later, and one with an earlier `updated_at` was not changed.
     * The caller gets a reference to the changed item in `ret_item`.
     * NOT_FOUND when the user has no such todo, or has it in the trash; PRECONDITION when `patch->if_version` is neither 0 nor the
     * current version.
     */
    todo_status (*update)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error);

    /**
     * Removes the user's todo; errors as `update`. `if_version` 0 removes any version. It is gone for good, and from the
     * trash too.
     */
    todo_status (*remove)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          int64_t if_version, todo_error *error);

    /**
     * Moves the user's todo to the trash; errors as `update`, also for one that is there already. It keeps its id and
     * all that belongs to it; `updated_at` and `version` change as with `update`, and `deleted_at` becomes the new
     * `updated_at`. `ret_version` becomes its version in the trash. An implementation has this and the next two, or none
     * of them; without them todos are removed for good.
     */
    todo_status (*trash)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                         int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error);

    /**
     * Takes the user's todo out of the trash; `updated_at` and `version` change as with `update`. The caller gets a
     * reference to it in `ret_item`. NOT_FOUND when the user has no such todo in the trash; PRECONDITION when
     * `if_version` is neither 0 nor the version that it has there.
     */
    todo_status (*restore)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                           int64_t if_version, todo_time now, const todo_item **ret_item, todo_error *error);

    /**
     * Removes for good what was moved to the trash before the given time, of this user or (NULL) of all, with all that
     * belongs to it: at most `limit` (never 0 here) todos, those that were deleted first, in one transaction. `ret_purged`
     * becomes how many; fewer than `limit` means that no more are left, but what others are changing at this moment. An
     * unknown user has none. Calls `visit` (may be NULL) once for each user that it took todos of, when that is durable.
     * Idempotent.
     */
    todo_status (*purge)(void *self, const todo_call *call, const todo_uuid *user, todo_time deleted_before,
                         uint32_t limit, todo_sequence_visit visit, void *arg, uint32_t *ret_purged,
                         todo_error *error);
} todo_writer_ops;

/** As todo_reader_new. */
TODO_API todo_status todo_writer_new(const todo_writer_ops *ops, void *self, todo_writer **ret_writer,
                                     todo_error *error);

/** As todo_reader_ref. Thread-safe. */
TODO_API todo_writer *todo_writer_ref(todo_writer *writer);

/** As todo_reader_unref. Thread-safe. */
TODO_API void todo_writer_unref(todo_writer *writer);

/** Calls `insert` of the implementation; UNSUPPORTED when it has none, INVALID for a count of 0. */
TODO_API todo_status todo_writer_insert(todo_writer *writer, const todo_call *call,
                                        const todo_item *const *items, size_t count, todo_error *error);

/** Calls `update` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_writer_update(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                                        const todo_uuid *id, const todo_item_patch *patch, todo_time now,
                                        const todo_item **ret_item, todo_error *error);

/** Calls `remove` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_writer_remove(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                                        const todo_uuid *id, int64_t if_version, todo_error *error);

/** Calls `trash` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_writer_trash(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                                       const todo_uuid *id, int64_t if_version, todo_time now,
                                       int64_t *ret_version, todo_error *error);

/** Calls `restore` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_writer_restore(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                                         const todo_uuid *id, int64_t if_version, todo_time now,
                                         const todo_item **ret_item, todo_error *error);

/**
 * Calls `purge` of the implementation; UNSUPPORTED when it has none. `user` may be NULL: of all users. A `limit` of 0 is
 * TODO_PURGE_MAX.
 */
TODO_API todo_status todo_writer_purge(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                                       todo_time deleted_before, uint32_t limit, todo_sequence_visit visit,
                                       void *arg, uint32_t *ret_purged, todo_error *error);

TODO_END_DECLS

#endif

/**
 * @file port/cache.h
 * TodoCache: the port of a cache of single todos, keyed by id, and of lists of them. For those who implement or
 * decorate one.
 *
 * Duties of an implementation:
 * - Thread-safe; never blocks for long (it has a short timeout of its own, whatever the call's deadline).
 * - A cache may forget at any time, but never goes back: after `put` of version N or `remove` at version N, no
 *   `get` returns a lower version, and a later `put` of a lower version is ignored. This holds for as long as a
 *   reader may take between its read of the database and its `put`.
 * - An error is UNAVAILABLE or TIMEOUT; decorators answer from the database then.
 */
#ifndef TODO_PORT_CACHE_H
#define TODO_PORT_CACHE_H

#include <todo/item.h>

TODO_BEGIN_DECLS

/** A handle on a cache: opaque and reference-counted. */
typedef struct todo_cache todo_cache;

/** Reads an item from where the truth is, for todo_cache_load; returns what a reader's `get` returns. */
typedef todo_status (*todo_cache_loader)(void *arg, const todo_item **ret_item, todo_error *error);

/**
 * Reads the list that todo_cache_list was asked for from where the truth is, for a call that may ask for a later state
 * than the caller's does (todo_call.at_least); returns what a reader's `list` returns.
 */
typedef todo_status (*todo_cache_lister)(void *arg, const todo_call *call, todo_item_visit visit,
                                         void *visit_arg, todo_error *error);

/** What a change did to the todos of one user. The pointers are only read during the call. */
typedef struct todo_cache_change {
    size_t size;                   /**< sizeof(todo_cache_change) as the caller compiled it */
    todo_uuid user;                /**< whose todos changed */
    const todo_item *const *items; /**< the new states of those that are there */
    size_t item_count;             /**< how many */
    const todo_uuid *removed;      /**< NULL, or the one that is gone, or of which nobody knows what became */
    /** The user's sequence behind the change. NULL: it is unknown whether the change has come about, or still will. */
    const todo_sequence *sequence;
    int64_t
        removed_version; /**< 0: `removed` is gone for good; else the version with which it is in the trash */
} todo_cache_change;

/** An initializer: every member at its default. */
#define TODO_CACHE_CHANGE_INIT                                   \
    {                                                            \
        sizeof(todo_cache_change), {{0}}, NULL, 0, NULL, NULL, 0 \
    }

/** Sets every member to its default. `size` is sizeof(todo_cache_change) as the caller compiled it. */
TODO_API void todo_cache_change_init(todo_cache_change *change, size_t size);

/** An implementation's functions; todo_cache_new takes them. Zero-initialize it. */
typedef struct todo_cache_ops {
    size_t
        size; /**< sizeof(todo_cache_ops) as the implementer compiled it; functions beyond it count as absent */

    /** Releases `self` when the last reference goes. NULL when there is nothing to release. */
    void (*destroy)(void *self);

    /**
     * Looks an id up, whoever owns it. TODO_OK with an item (a reference for the caller), or TODO_OK with NULL
     * when the cache does not hold it.
     */
    todo_status (*get)(void *self, const todo_call *call, const todo_uuid *id, const todo_item **ret_item,
                       todo_error *error);

    /** Holds the item, unless a newer version or a removal of it is known. */
    todo_status (*put)(void *self, const todo_call *call, const todo_item *item, todo_error *error);

    /** Forgets the id and keeps late `put`s of it out: it was removed, and ids are never used again. */
    todo_status (*remove)(void *self, const todo_call *call, const todo_uuid *id, todo_error *error);

    /**
     * As `get`; but an item that the cache does not hold comes from `loader`, which is called in this thread, at most
     * once, and it is held then unless it was overtaken by a `put` or `remove`. One loader may serve all who ask for
     * the id at the time, whoever the loader is of. Returns what the loader does; trouble of the cache is not the
     * caller's. Absent: `get`, the loader and `put` are called one after the other.
     */
    todo_status (*load)(void *self, const todo_call *call, const todo_uuid *id, todo_cache_loader loader,
                        void *arg, const todo_item **ret_item, todo_error *error);

    /** As `put` for each of the items, whichever of them fail; the first failure is returned. Absent: `put` is called. */
    todo_status (*put_many)(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                            todo_error *error);

    /**
     * Lists as a reader's `list` does (`query->limit` is never 0): from what is held, or through `lister`, which is
     * called in this thread, and no more than once after it handed an item on. What `lister` found may be held as long
     * as no `change` of the user comes. A call with a demand (todo_call.at_least) is answered only from what is known to
     * be of that state or a later one. Trouble of the cache is not the
     * caller's. Absent: `lister` is called.
     */
    todo_status (*list)(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                        todo_item_visit visit, void *arg, todo_error *error);

    /**
     * As `put` for each item and `remove` (or `remove_at`) for what is gone, and lists of the user that are older are
     * not shown any more; each whichever of the others fail, and the first failure is returned. Absent: `put_many`,
     * `remove` and `remove_at` are called.
     */
    todo_status (*change)(void *self, const todo_call *call, const todo_cache_change *change,
                          todo_error *error);

    /**
     * Forgets the id and keeps late `put`s of versions below `version` out: with that version it was moved to the trash. One
     * that is restored has a higher version and may be put again. Absent: `remove` is called.
     */
    todo_status (*remove_at)(void *self, const todo_call *call, const todo_uuid *id, int64_t version,
                             todo_error *error);
} todo_cache_ops;

/** As todo_reader_new. */
TODO_API todo_status todo_cache_new(const todo_cache_ops *ops, void *self, todo_cache **ret_cache,
                                    todo_error *error);

/** As todo_reader_ref. Thread-safe. */
TODO_API todo_cache *todo_cache_ref(todo_cache *cache);

/** As todo_reader_unref. Thread-safe. */
TODO_API void todo_cache_unref(todo_cache *cache);

/** Calls `get` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_cache_get(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                                    const todo_item **ret_item, todo_error *error);

/** Calls `put` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_cache_put(todo_cache *cache, const todo_call *call, const todo_item *item,
                                    todo_error *error);

/** Calls `put_many` of the implementation, or its `put` for each until one fails. */
TODO_API todo_status todo_cache_put_many(todo_cache *cache, const todo_call *call,
                                         const todo_item *const *items, size_t count, todo_error *error);

/** Calls `remove` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_cache_remove(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                                       todo_error *error);

/** Calls `remove_at` of the implementation, or its `remove`. INVALID for a version below 1. */
TODO_API todo_status todo_cache_remove_at(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                                          int64_t version, todo_error *error);

/** Calls `load` of the implementation, or does the same with its `get` and `put`. */
TODO_API todo_status todo_cache_load(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                                     todo_cache_loader loader, void *arg, const todo_item **ret_item,
                                     todo_error *error);

/** Calls `list` of the implementation, or the lister, as for every list of the trash. `query` may be NULL: the default list. */
TODO_API todo_status todo_cache_list(todo_cache *cache, const todo_call *call, const todo_uuid *user,
                                     const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                                     todo_item_visit visit, void *arg, todo_error *error);

/** Calls `change` of the implementation, or its `put_many` and `remove` or `remove_at`. */
TODO_API todo_status todo_cache_note_change(todo_cache *cache, const todo_call *call,
                                            const todo_cache_change *change, todo_error *error);

TODO_END_DECLS

#endif

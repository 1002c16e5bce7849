/**
 * @file port/cache.h
 * TodoCache: the port of a cache of todos and of lists of them. For those who implement or decorate one.
 *
 * A cache stands between a reader and its callers. It answers from what it has kept, or through a function of the caller
 * that reads the database, and may keep what that says. A todo is named by its user and its id: another user's equal id is
 * another todo.
 *
 * Duties of an implementation:
 * - Thread-safe; never blocks for long (it has a short timeout of its own, whatever the call's deadline).
 * - A cache may forget at any time, but never goes back: once `change` has returned, whatever it returned, no answer of
 *   this process is older than the change.
 * - An answer shows the state that the call demands (todo_call.at_least) or a later one, and says which
 *   (todo_call.ret_sequence).
 * - What the database said may be kept only if no change of the user came between the beginning of the call and the
 *   keeping.
 * - Trouble of the cache is not the caller's: the database answers.
 */
#ifndef TODO_PORT_CACHE_H
#define TODO_PORT_CACHE_H

#include <todo/item.h>

TODO_BEGIN_DECLS

/** A handle on a cache: opaque and reference-counted. */
typedef struct todo_cache todo_cache;

/**
 * Reads a todo from the database, for a call that may demand a later state than the caller's does; returns what a
 * reader's `get` returns, and says which state that was (todo_call.ret_sequence).
 */
typedef todo_status (*todo_cache_loader)(void *arg, const todo_call *call, const todo_item **ret_item,
                                         todo_error *error);

/** Reads the list that todo_cache_list was asked for; as todo_cache_loader, with what a reader's `list` returns. */
typedef todo_status (*todo_cache_lister)(void *arg, const todo_call *call, todo_item_visit visit,
                                         void *visit_arg, todo_error *error);

/** What a change did to the todos of one user. The pointers are only read during the call. */
typedef struct todo_cache_change {
    size_t size;    /**< sizeof(todo_cache_change) as the caller compiled it */
    todo_uuid user; /**< whose todos changed */
    /**
     * The user's sequence behind the change. {0, 0}: it is unknown whether the change has come about, or still will; or the
     * user is gone.
     */
    todo_sequence sequence;
    uint64_t
        count; /**< how many numbers the change took, up to that of `sequence`; 0: unknown, or not these alone */
    const todo_item *const
        *items;               /**< the new states of those that are there, in the order of their numbers */
    size_t item_count;        /**< how many */
    const todo_uuid *removed; /**< those that are in the trash now, or gone */
    size_t removed_count;     /**< how many */
} todo_cache_change;

/** An initializer: every member at its default. */
#define TODO_CACHE_CHANGE_INIT                                        \
    {                                                                 \
        sizeof(todo_cache_change), {{0}}, {0, 0}, 0, NULL, 0, NULL, 0 \
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
     * Gives the user's todo: one that was kept, or else what `loader` says, which is called in this thread, at most twice (the
     * second time with the caller's own demand, when no server showed the cache's). A failure is the loader's. Absent: the
     * loader is called.
     */
    todo_status (*load)(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                        todo_cache_loader loader, void *arg, const todo_item **ret_item, todo_error *error);

    /**
     * Lists as a reader's `list` does (`query->limit` is never 0): from what was kept, or through `lister`, which is
     * called in this thread, and not again after it handed an item on. Absent: `lister` is called.
     */
    todo_status (*list)(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                        todo_item_visit visit, void *arg, todo_error *error);

    /**
     * Hears of a change after its commit, and before its caller does. Todos that are in the trash are not kept, also where
     * `items` has such. UNAVAILABLE or TIMEOUT when other processes could not be told yet. Absent: nothing happens.
     */
    todo_status (*change)(void *self, const todo_call *call, const todo_cache_change *change,
                          todo_error *error);
} todo_cache_ops;

/** As todo_reader_new. */
TODO_API todo_status todo_cache_new(const todo_cache_ops *ops, void *self, todo_cache **ret_cache,
                                    todo_error *error);

/** As todo_reader_ref. Thread-safe. */
TODO_API todo_cache *todo_cache_ref(todo_cache *cache);

/** As todo_reader_unref. Thread-safe. */
TODO_API void todo_cache_unref(todo_cache *cache);

/** Calls `load` of the implementation, or the loader. */
TODO_API todo_status todo_cache_load(todo_cache *cache, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, todo_cache_loader loader, void *arg,
                                     const todo_item **ret_item, todo_error *error);

/** Calls `list` of the implementation, or the lister, as for every list of the trash. `query` may be NULL: the default list. */
TODO_API todo_status todo_cache_list(todo_cache *cache, const todo_call *call, const todo_uuid *user,
                                     const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                                     todo_item_visit visit, void *arg, todo_error *error);

/** Calls `change` of the implementation, if it has one. */
TODO_API todo_status todo_cache_note_change(todo_cache *cache, const todo_call *call,
                                            const todo_cache_change *change, todo_error *error);

TODO_END_DECLS

#endif

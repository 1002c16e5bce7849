/**
 * @file conformance.h
 * The adapter conformance kit: proves that an implementation of TodoReader, TodoWriter, TodoUsers or TodoCache does
 * what the headers in todo/port/ ask of it. A library of its own beside libtodo (`pkg-config todo-conformance`), for the
 * tests of those who write adapters; libtodo's own adapters are tested by nothing else.
 *
 * The kit calls the ports only: it knows nothing of what is behind them. It makes users and todos of its own for each
 * case, with new ids, and leaves them behind: give it a store that nobody else needs.
 */
#ifndef TODO_CONFORMANCE_H
#define TODO_CONFORMANCE_H

#include <todo/port/cache.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

TODO_BEGIN_DECLS

/** What an adapter claims beyond the ports themselves. The cases of what is not claimed are not run. */
typedef enum todo_conformance_capability {
    /**
     * What was written is still there when the ports are closed and opened again, and after the death of the process
     * that wrote it: the kit forks a child that opens the adapter, writes, and is killed.
     */
    TODO_CONFORMANCE_DURABLE = 1,
    /** Ports that are opened twice see the same todos, and neither loses the other's changes. */
    TODO_CONFORMANCE_SHARED = 2,
    /** Removed todos can be kept: the reader has `count_trash` and `get_trashed`, the writer `trash`, `restore` and `purge`. */
    TODO_CONFORMANCE_TRASH = 4
} todo_conformance_capability;

/** The ports under test. */
typedef struct todo_conformance_ports {
    size_t size;         /**< sizeof(todo_conformance_ports) as the caller compiled it */
    todo_reader *reader; /**< with `writer`, or neither (a cache alone) */
    todo_writer *writer; /**< with `reader` */
    todo_users *users;   /**< NULL: the adapter knows no users and takes todos of any user's id */
    todo_cache *cache;   /**< NULL: no cache to test */
    void *handle;        /**< for `close`; the kit does not look at it */
} todo_conformance_ports;

/** An adapter under test: how to get at its ports. */
typedef struct todo_conformance_adapter {
    size_t size;           /**< sizeof(todo_conformance_adapter) as the caller compiled it */
    const char *name;      /**< for the report */
    unsigned capabilities; /**< of todo_conformance_capability, or-ed */

    /**
     * Opens ports on the store under test, the same one at each call of a run. `ret_ports` has been set to NULLs; what is put
     * there stays the adapter's, and valid until `close`. An adapter that is DURABLE or SHARED is opened several times,
     * also while it is open.
     */
    todo_status (*open)(void *arg, todo_conformance_ports *ret_ports, todo_error *error);

    /** Closes what `open` opened; gives back the references. NULL when there is nothing to do. */
    void (*close)(void *arg, todo_conformance_ports *ports);

    void *arg; /**< passed to both */
} todo_conformance_adapter;

/** An initializer: every member at its default. */
#define TODO_CONFORMANCE_ADAPTER_INIT                               \
    {                                                               \
        sizeof(todo_conformance_adapter), NULL, 0, NULL, NULL, NULL \
    }

/** How a case ended. */
typedef enum todo_conformance_outcome {
    TODO_CONFORMANCE_PASSED = 0,
    TODO_CONFORMANCE_FAILED = 1,
    TODO_CONFORMANCE_NOT_CLAIMED =
        2 /**< not run: the adapter lacks the port or does not claim the capability */
} todo_conformance_outcome;

/** What a case found. Valid during the visit. */
typedef struct todo_conformance_result {
    size_t size;          /**< sizeof(todo_conformance_result) as the caller compiled it */
    const char *port;     /**< "reader", "writer", "users", "cache", "trash", "durable" or "shared" */
    const char *name;     /**< such as "a_taken_id_is_a_conflict_whoever_owns_it" */
    const char *sentence; /**< the sentence of the headers that it checks, word for word */
    todo_conformance_outcome outcome; /**< how it ended */
    const char *detail;               /**< why it failed, one or more lines; "" otherwise */
} todo_conformance_result;

/** Called once for each case, in the thread that asked. */
typedef void (*todo_conformance_visit)(void *arg, const todo_conformance_result *result);

/** How many cases ended how. */
typedef struct todo_conformance_counts {
    size_t passed;      /**< cases that passed */
    size_t failed;      /**< cases that failed */
    size_t not_claimed; /**< cases that were not run */
} todo_conformance_counts;

/**
 * Runs every case on the adapter and reports each to `visit` (may be NULL). A case that fails may leak what it held.
 * The calling program may have other threads, but with DURABLE it should have none that hold locks which the adapter needs, for a
 * child is forked.
 * INVALID for an adapter without `open`, or that opens a reader without a writer or no port at all; otherwise what
 * `open` returned, or TODO_OK: also when cases failed, which `ret_counts` (may be NULL) tells.
 */
TODO_API todo_status todo_conformance_run(const todo_conformance_adapter *adapter,
                                          todo_conformance_visit visit, void *arg,
                                          todo_conformance_counts *ret_counts, todo_error *error);

/**
 * As todo_conformance_run, writing the report to standard output in the Test Anything Protocol (version 12): the whole of
 * a test program. The one function here that prints.
 * @return what main should: 0 when every case that was run passed, else 1.
 */
TODO_API int todo_conformance_tap(const todo_conformance_adapter *adapter);

TODO_END_DECLS

#endif

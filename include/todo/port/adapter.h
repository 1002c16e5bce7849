/**
 * @file port/adapter.h
 * How a database that this library does not know serves todo_store_open: an adapter is registered for the scheme of a URL.
 */
#ifndef TODO_PORT_ADAPTER_H
#define TODO_PORT_ADAPTER_H

#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>
#include <todo/store.h>

TODO_BEGIN_DECLS

/** What an adapter gives for a URL: all three ports, one reference each, which the store releases when it is closed.
 * todo_store_open ends with INTERNAL ("adapter_incomplete") if one is NULL. */
typedef struct todo_store_ports {
    size_t size;         /**< sizeof(todo_store_ports), set by the library; write no member beyond it */
    void *self;          /**< of the functions below; may be NULL */
    todo_reader *reader; /**< what queries read through */
    todo_writer *writer; /**< what commands change through */
    todo_users *users;   /**< the accounts */
} todo_store_ports;

/**
 * An adapter's functions. They may be called from any thread at once, as todo_store's own. All but `open` may be NULL;
 * what then happens stands beside each.
 */
typedef struct todo_store_ops {
    size_t size; /**< sizeof(todo_store_ops) as the adapter was compiled */
    /**
     * Opens `options->url`, which begins with the scheme in any case of its letters. Every option has its default filled
     * in; the strings end with the call. Applies no migrations. It may block, until `connect_timeout_ms` have passed.
     * INVALID ("store_url_invalid", without a password in it), UNAVAILABLE, TIMEOUT, NOMEM; then it has kept nothing.
     */
    todo_status (*open)(const todo_store_options *options, todo_store_ports *ret_ports, todo_error *error);
    /** Ends what `open` made, after the store has released the ports. NULL: nothing is to be done. */
    void (*close)(void *self);
    /** As todo_store_migrate. NULL: there is never anything to migrate. */
    todo_status (*migrate)(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error);
    /** As todo_store_migrations. NULL: there are none. */
    todo_status (*migrations)(void *self, const todo_call *call, todo_migration_visit visit, void *arg,
                              todo_error *error);
    /** As todo_store_revert; `options` is complete. NULL: UNSUPPORTED. */
    todo_status (*revert)(void *self, const todo_call *call, const todo_revert_options *options,
                          todo_migration_visit visit, void *arg, todo_error *error);
    /**
     * As todo_store_probe: reports "writer", and "reader" if that is another endpoint. `visit` may be NULL.
     * NULL: the store counts as reachable, and no part is reported.
     */
    todo_status (*probe)(void *self, const todo_call *call, todo_store_part_visit visit, void *arg,
                         todo_error *error);
    /** As todo_store_check. NULL: UNSUPPORTED. */
    todo_status (*check)(void *self, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                         todo_error *error);
    /** As todo_store_vacuum. NULL: UNSUPPORTED. */
    todo_status (*vacuum)(void *self, const todo_call *call, todo_error *error);
} todo_store_ops;

/**
 * Registers an adapter for URLs that begin with `scheme` and a colon, for the whole process until it ends. The table is
 * copied; its functions must stay loaded. Stores that are open already are not concerned.
 *
 * `scheme`: 1 to 31 lower-case letters and digits (ASCII), a letter first; the string ends with the call.
 *
 * A program calls this before it opens a store. A shared object can do so too, and then serves programs that do not know
 * it, such as todo-server and todoctl: libtodo.so loads `todo/SCHEME.so.N` from the folder that it was loaded from
 * (N: the number in the name of libtodo.so.N) when a URL has an unknown scheme, and calls its function
 * `todo_status todo_plugin_init(todo_error *error)`, which calls this. No other place is searched, and the static library
 * loads nothing.
 *
 * INVALID ("scheme_invalid", "argument_missing" without `open`, "struct_size_invalid"), CONFLICT ("scheme_taken": the
 * library has an adapter for it, or one was registered), NOMEM. Thread-safe.
 */
TODO_API todo_status todo_store_register(const char *scheme, const todo_store_ops *ops, todo_error *error);

TODO_END_DECLS

#endif

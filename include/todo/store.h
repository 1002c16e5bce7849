/**
 * @file store.h
 * The composition root: opens a store by URL, wires adapters, pools and decorators, hands out ports and use cases.
 */
#ifndef TODO_STORE_H
#define TODO_STORE_H

#include <todo/commands.h>
#include <todo/queries.h>

TODO_BEGIN_DECLS

/** An open store. May be used from any thread at once. */
typedef struct todo_store todo_store;

/** What todo_store_open may do to an embedded store. Other stores are opened alike with each. */
typedef enum todo_store_mode {
    TODO_STORE_CREATE = 0,   /**< make the file if there is none; read and write */
    TODO_STORE_EXISTING = 1, /**< the file has to hold a store; read and write */
    TODO_STORE_READ =
        2 /**< the file has to hold a store, which may lie in a read-only place; change nothing */
} todo_store_mode;

/** What to open. The strings are only read during todo_store_open. */
typedef struct todo_store_options {
    size_t size; /**< sizeof(todo_store_options) as the caller compiled it */
    /**
     * `sqlite:PATH` (or `sqlite::memory:`), or a PostgreSQL connection URI (`postgres://` or `postgresql://`, several
     * hosts allowed) of the writer endpoint, or a URL of a scheme that todo_store_register knows. NULL: `sqlite:todo.db`.
     */
    const char *url;
    const char
        *reader_url; /**< PostgreSQL URI of the reader endpoint; NULL or equal to `url`: the same pool */
    const char *cache_url;       /**< `redis://[user:password@]host[:port][/db]`; NULL: no cache */
    unsigned pool_size;          /**< connections to each PostgreSQL endpoint; 0 = 16 */
    unsigned connect_timeout_ms; /**< for each attempt to connect to a backend; 0 = 5000 */
    unsigned call_timeout_ms;    /**< of a call that brings no deadline; 0 = 30000 */
    bool skip_migrations;        /**< do not apply migrations when opening */
    unsigned hash_slots;         /**< as todo_commands_options */
    unsigned hash_queue;         /**< as todo_commands_options */
    /**
     * Whether the store may run threads of its own, which take no signals and end with it: one that keeps an
     * in-process cache in front of Redis up to date. Without it there is none.
     */
    bool background_threads;
    size_t cache_local_bytes; /**< the bound of the in-process cache; 0 = 8 MiB */
    /**
     * With TODO_STORE_READ no migration is applied, and what would change the store ends with UNSUPPORTED
     * ("store_read_only"). A file that no process has open is read without a lock: if another process opens it to
     * write meanwhile, the next call ends with UNAVAILABLE, and what was read by the calls before may be wrong.
     * todo_store_probe tells so too.
     */
    todo_store_mode mode;
    unsigned cache_ttl_seconds; /**< how long the shared cache keeps a todo; 0 = 300 */
} todo_store_options;

/** An initializer: every member at its default. */
#define TODO_STORE_OPTIONS_INIT                                                                            \
    {                                                                                                      \
        sizeof(todo_store_options), NULL, NULL, NULL, 0, 0, 0, false, 0, 0, false, 0, TODO_STORE_CREATE, 0 \
    }

/** Sets every member to its default. `size` is sizeof(todo_store_options) as the caller compiled it. */
TODO_API void todo_store_options_init(todo_store_options *options, size_t size);

/**
 * Opens a store; the caller owns it. The writer must be reachable; reader and cache need not be, now or later.
 * Applies outstanding migrations unless told not to.
 *
 * Several processes of one machine may have the same embedded store open, each to read and write: each sees what the
 * others committed, and writes wait for each other. After fork(2) only the parent may use its stores; the child must
 * not call any function on one, not even todo_store_close, and opens its own. The library reads no environment
 * variable. libpq reads its PG variables for what a PostgreSQL URL leaves out.
 *
 * INVALID ("store_url_invalid", "cache_url_invalid": never quoting a password; "store_foreign": the SQLite file belongs
 * to another program, and was not touched), UNSUPPORTED ("adapter_missing": not built, or its plug-in is not beside the library; `detail` says which), UNAVAILABLE ("store_missing": there
 * is no such SQLite file, or it is empty, and `mode` does not make one; "database_misconfigured": it answers, but refuses
 * the password, the right or TLS, or has a setting that can't be worked with, such as another encoding than UTF8; `detail`
 * says which), TIMEOUT, NOMEM, INTERNAL ("migration_failed", "schema_newer").
 */
TODO_API todo_status todo_store_open(const todo_store_options *options, todo_store **ret_store,
                                     todo_error *error);

/** Closes the store. No call may be under way and nothing handed out by it may be used after. NULL is fine. */
TODO_API void todo_store_close(todo_store *store);

/** The use cases that change something. Owned by the store. */
TODO_API todo_commands *todo_store_commands(todo_store *store);

/** The use cases that read. Owned by the store. */
TODO_API todo_queries *todo_store_queries(todo_store *store);

/** The composed reader port (cache included). Owned by the store; take a reference to decorate it. */
TODO_API todo_reader *todo_store_reader(todo_store *store);

/** The composed writer port (cache included). Owned by the store; take a reference to decorate it. */
TODO_API todo_writer *todo_store_writer(todo_store *store);

/** The users port. Owned by the store. */
TODO_API todo_users *todo_store_users(todo_store *store);

/** One part of a store, as a probe found it. Valid during the visit. */
typedef struct todo_store_part {
    size_t size;        /**< sizeof(todo_store_part) as the caller compiled it */
    const char *name;   /**< "writer", "reader" or "cache" */
    const char *url;    /**< the URL without its password */
    todo_status status; /**< TODO_OK: it answered */
    int64_t latency_us; /**< of one round trip */
    const char
        *version;       /**< what the backend calls itself, such as "PostgreSQL 15.20"; "" when unreachable */
    const char *detail; /**< for operators: why it is not reachable; "" otherwise */
    /**
     * Of the error; "" when it answered. "database_misconfigured" and "cache_misconfigured" need an operator: a password, a
     * right, TLS or a setting is wrong. All others may pass.
     */
    const char *code;
} todo_store_part;

/** Called for each part, in the thread that asked. */
typedef void (*todo_store_part_visit)(void *arg, const todo_store_part *part);

/**
 * Asks every part for a sign of life, within the call's deadline, and reports each to `visit` (may be NULL).
 * @return TODO_OK when the writer, the reader or its fallback answered: the store can serve; else UNAVAILABLE ("database_misconfigured"
 * as for todo_store_open).
 */
TODO_API todo_status todo_store_probe(todo_store *store, const todo_call *call, todo_store_part_visit visit,
                                      void *arg, todo_error *error);

/** What a store has counted since it was opened, and how it is now. All 0 for a part that there is not. */
typedef struct todo_store_stats {
    size_t size;                   /**< sizeof(todo_store_stats) as the caller compiled it */
    uint64_t cache_local_hits;     /**< todos that this process held */
    uint64_t cache_hits;           /**< todos that Redis held */
    uint64_t cache_misses;         /**< todos that Redis did not hold */
    uint64_t cache_bypassed;       /**< Redis was not asked, since after a failure it may hold older states */
    uint64_t cache_stale_avoided;  /**< older states that were neither stored nor believed */
    uint64_t cache_errors;         /**< calls that Redis did not answer in time or refused */
    uint64_t cache_connects;       /**< connections made to Redis, but for the listener's */
    uint64_t cache_breaker_opened; /**< times that the cache began to stand aside */
    uint64_t cache_changes;        /**< changes heard of from Redis */
    uint64_t
        cache_listener_lost; /**< times that changes may have been missed, and the in-process cache emptied */
    uint64_t cache_pending_repairs; /**< now: changes that Redis could not be told of yet */
    uint64_t cache_local_items;     /**< now: todos held by this process */
    uint64_t cache_local_bytes;     /**< now: the memory that todos and lists take, about */
    bool cache_breaker_open;        /**< now: the cache stands aside */
    bool cache_listening;           /**< now: changes are heard of, so the in-process cache serves */
    uint64_t cache_list_hits;       /**< lists that this process held */
    uint64_t cache_list_misses;     /**< lists that it did not hold */
    uint64_t cache_local_lists;     /**< now: pages of lists held by this process */
} todo_store_stats;

/** An initializer: every member at its default. */
#define TODO_STORE_STATS_INIT                                                                  \
    {                                                                                          \
        sizeof(todo_store_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, 0, 0, 0 \
    }

/** Sets every member to zero. `size` is sizeof(todo_store_stats) as the caller compiled it. */
TODO_API void todo_store_stats_init(todo_store_stats *stats, size_t size);

/** Reads the counters into `stats`, whose `size` the caller has set. Asks no backend. Thread-safe. */
TODO_API void todo_store_get_stats(todo_store *store, todo_store_stats *stats);

/** One migration of the schema, as the library knows it and the database has it. Valid during the visit. */
typedef struct todo_migration {
    size_t size;          /**< sizeof(todo_migration) as the caller compiled it */
    uint32_t number;      /**< 1, 2, … without a gap */
    const char *name;     /**< such as "initial" */
    bool applied;         /**< whether the database has it */
    todo_time applied_at; /**< when; 0 if not applied */
    bool reversible;      /**< whether todo_store_revert can take it back */
    const char *loss;     /**< what would go with it, such as "todos in the trash"; NULL: nothing */
} todo_migration;

/** Called for each migration in order of number, in the thread that asked. */
typedef void (*todo_migration_visit)(void *arg, const todo_migration *migration);

/**
 * Applies what is outstanding, one transaction each, under a lock that keeps other processes out.
 * `ret_applied` (may be NULL): how many were applied. UNAVAILABLE, TIMEOUT, INTERNAL ("migration_failed",
 * "migration_changed": an applied one has another checksum, "schema_newer": the database is of a later version).
 */
TODO_API todo_status todo_store_migrate(todo_store *store, const todo_call *call, uint32_t *ret_applied,
                                        todo_error *error);

/** Reports each migration to `visit` without applying any. Errors as todo_store_migrate. */
TODO_API todo_status todo_store_migrations(todo_store *store, const todo_call *call,
                                           todo_migration_visit visit, void *arg, todo_error *error);

/** How far to take the schema back. */
typedef struct todo_revert_options {
    size_t size;     /**< sizeof(todo_revert_options) as the caller compiled it */
    uint32_t target; /**< the number of the last migration to keep; 0: take back all */
    bool lose_data;  /**< also what holds data that goes with it */
    bool dry_run;    /**< only report what would be taken back */
} todo_revert_options;

/** An initializer: every member at its default. */
#define TODO_REVERT_OPTIONS_INIT                     \
    {                                                \
        sizeof(todo_revert_options), 0, false, false \
    }

/** Sets every member to its default. `size` is sizeof(todo_revert_options) as the caller compiled it. */
TODO_API void todo_revert_options_init(todo_revert_options *options, size_t size);

/**
 * Takes applied migrations back, the latest first, one transaction each, under the lock of todo_store_migrate: for an older
 * version of this software. Nothing else may use the store meanwhile, nor this version afterwards.
 *
 * Hands each to `visit` (may be NULL) after it was taken back, or, with `dry_run`, all that would be; `loss` then says how
 * much goes with it, as in "12 todos in the trash", and is NULL if nothing does.
 *
 * PRECONDITION ("migration_loses_data") when something would, and `lose_data` is not set: then nothing was taken back
 * (unless the data came meanwhile). UNSUPPORTED ("migration_irreversible"), and as todo_store_migrate.
 */
TODO_API todo_status todo_store_revert(todo_store *store, const todo_call *call,
                                       const todo_revert_options *options, todo_migration_visit visit,
                                       void *arg, todo_error *error);

/** One thing that a check found wrong, for operators: it may name ids. Valid during the visit. */
typedef void (*todo_store_flaw_visit)(void *arg, const char *flaw);

/**
 * Looks whether what is stored is whole: the structure of an embedded store's file, and the rules that every row keeps.
 * Hands each flaw (100 of a kind at most) to `visit`. Reads everything, so it takes long and has no deadline but the
 * call's; changes nothing. UNAVAILABLE, TIMEOUT, NOMEM, INTERNAL.
 */
TODO_API todo_status todo_store_check(todo_store *store, const todo_call *call, todo_store_flaw_visit visit,
                                      void *arg, todo_error *error);

/**
 * Gives space that removed rows left back (for reuse; of an embedded store to the file system) and renews the statistics
 * that queries are planned by. As todo_store_check; in an embedded store changes wait meanwhile, and it needs twice the
 * file's size of free space.
 */
TODO_API todo_status todo_store_vacuum(todo_store *store, const todo_call *call, todo_error *error);

/** What the shared cache holds, and how its server is. Numbers that the server does not tell are 0. */
typedef struct todo_cache_usage {
    size_t size;             /**< sizeof(todo_cache_usage) as the caller compiled it */
    uint64_t items;          /**< todos that are cached */
    uint64_t users;          /**< users of whom it knows how far their changes have come */
    uint64_t bytes;          /**< the memory of both, about */
    uint64_t memory_used;    /**< bytes that the server uses, whoever for */
    uint64_t memory_limit;   /**< bytes that it may use; 0 = no limit */
    uint64_t evicted;        /**< entries that it gave up for want of memory */
    uint64_t hits;           /**< lookups of all clients, since it began, that found something */
    uint64_t misses;         /**< and that did not */
    uint64_t uptime_seconds; /**< since when it runs */
} todo_cache_usage;

/** An initializer: every member at its default. */
#define TODO_CACHE_USAGE_INIT                               \
    {                                                       \
        sizeof(todo_cache_usage), 0, 0, 0, 0, 0, 0, 0, 0, 0 \
    }

/** Sets every member to zero. `size` is sizeof(todo_cache_usage) as the caller compiled it. */
TODO_API void todo_cache_usage_init(todo_cache_usage *usage, size_t size);

/**
 * Looks through the shared cache, step by step, so that it serves others meanwhile. `ret_usage`, whose `size` the caller
 * has set, is written on success. INVALID, UNSUPPORTED ("cache_missing": the store has none), UNAVAILABLE, TIMEOUT, NOMEM.
 */
TODO_API todo_status todo_store_cache_usage(todo_store *store, const todo_call *call,
                                            todo_cache_usage *ret_usage, todo_error *error);

/**
 * Takes every todo out of the shared cache, and so out of what running processes hold; nothing but this library's entries
 * is touched. What keeps older states out remains, until it ends by itself. What is cached meanwhile may stay.
 * `ret_flushed` (may be NULL): how many todos that were. Errors as todo_store_cache_usage.
 */
TODO_API todo_status todo_store_cache_flush(todo_store *store, const todo_call *call, uint64_t *ret_flushed,
                                            todo_error *error);

TODO_END_DECLS

#endif

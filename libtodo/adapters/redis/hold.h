/*
 * What all that this process holds has in common, items (local.h) and pages of lists (pages.h) alike: one lease under
 * which it is served, and one bound on its memory.
 *
 * Held things are served only while the lease runs, which the listener (listener.h) renews as long as it hears of every
 * change in Redis; so nothing is served that is older than the lease. A loss begins another era: what was being loaded
 * in the one before is not held.
 *
 * Things stand on shelves, each with a lock of its own; when there is too much of them, what has not been used for
 * longest goes, on whichever shelf that is.
 *
 * Thread-safe, but for what says otherwise.
 */
#ifndef TODO_ADAPTERS_REDIS_HOLD_H
#define TODO_ADAPTERS_REDIS_HOLD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <todo/error.h>

typedef struct todo__hold todo__hold;

/* A held thing, the first member of what holds it. */
typedef struct todo__held {
    struct todo__held *prev, *next;
    int64_t used_at;
    size_t bytes;
} todo__held;

/* Things in order of use, the latest first, and what else their owner keeps under the same lock. The owner's first member. */
typedef struct todo__shelf {
    todo__hold *hold;
    pthread_mutex_t lock; /* guards what follows */
    todo__held *things;
    size_t bytes;                     /* of them */
    atomic_int_fast64_t least_recent; /* when the last of them was used; INT64_MAX: there is none */
    struct todo__shelf *next;
    /* With the lock held: */
    void (*drop)(struct todo__shelf *shelf, todo__held *thing);
    void (*empty)(struct todo__shelf *shelf); /* drops all, and spoils what is being loaded */
} todo__shelf;

/* `bytes` bounds what is held; 0: nothing is. */
todo_status todo__hold_new(size_t bytes, todo__hold **ret_hold, todo_error *error);

/* After the shelves' owners. NULL is fine. */
void todo__hold_free(todo__hold *hold);

/* Makes a zeroed shelf one of the hold's, with these functions. Not thread-safe. */
void todo__shelf_init(todo__shelf *shelf, todo__hold *hold,
                      void (*drop)(todo__shelf *shelf, todo__held *thing), void (*empty)(todo__shelf *shelf));

/* Empties a shelf for good. Not thread-safe. */
void todo__shelf_clear(todo__shelf *shelf);

/* The most that one thing may take, lest it push too many others out. */
size_t todo__hold_largest(const todo__hold *hold);

/* Puts a thing on a shelf, used just now; the lock is held. todo__hold_trim must follow, without it. */
void todo__shelf_put(todo__shelf *shelf, todo__held *thing);

/* It was used; the lock is held. */
void todo__shelf_use(todo__shelf *shelf, todo__held *thing, int64_t now);

/* Takes it off the shelf; the lock is held. */
void todo__shelf_take(todo__shelf *shelf, todo__held *thing);

/* Drops what has not been used for longest until the bound is kept. No lock is held. */
void todo__hold_trim(todo__hold *hold);

/* From now on every change is heard of: things may be held. */
void todo__hold_trust(todo__hold *hold);

/* Changes may have been missed: empties the shelves, and what is being loaded will not be held. */
void todo__hold_distrust(todo__hold *hold);

/* Every change before a moment is known: held things may be served until `until` (todo__monotonic_us). */
void todo__hold_renew(todo__hold *hold, int64_t until);

/* Whether held things may be served now. */
bool todo__hold_serves(const todo__hold *hold, int64_t now);

/* The era; what is loaded in one is held only if todo__hold_lasts still says so then. */
uint64_t todo__hold_era(const todo__hold *hold);
bool todo__hold_lasts(const todo__hold *hold, uint64_t era);

#endif

/*
 * The users of whom this process changed something and could not tell Redis. Until Redis was told (the listener tries ten
 * times a second), this process believes nothing that Redis holds of them. Thread-safe.
 *
 * An entry is kept as long as Redis may hold what was stored before the change. Their number is bounded; when more are
 * lost, nothing in Redis is believed for that time.
 */
#ifndef TODO_ADAPTERS_REDIS_UNTOLD_H
#define TODO_ADAPTERS_REDIS_UNTOLD_H

#include <todo/types.h>

#define TODO__UNTOLD_MAX 65536u

typedef struct todo__untold todo__untold;

/* An entry, as todo__untold_take copies it. */
typedef struct todo__untold_user {
    todo_uuid user;
    bool unknown;   /* it is unknown whether the change came about, or still will */
    uint64_t stamp; /* of the latest change */
} todo__untold_user;

/* `keep_us`: for how long Redis may hold what it holds now. NOMEM. */
todo_status todo__untold_new(int64_t keep_us, todo__untold **ret_untold, todo_error *error);

/* NULL is fine. */
void todo__untold_free(todo__untold *untold);

void todo__untold_add(todo__untold *untold, const todo_uuid *user, bool unknown);

/* Whether Redis may not be believed about the user. Takes no lock while there is no entry at all. */
bool todo__untold_has(todo__untold *untold, const todo_uuid *user);

/* Copies up to `max` entries, the oldest first, and returns how many. */
size_t todo__untold_take(todo__untold *untold, todo__untold_user *users, size_t max);

/* Redis was told of what todo__untold_take gave; a change since then keeps the entry. */
void todo__untold_settle(todo__untold *untold, const todo__untold_user *told);

/* How many there are. */
size_t todo__untold_count(todo__untold *untold);

#endif

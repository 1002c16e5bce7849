/* What the cache asks of Redis and tells it, each as one exchange: script.lua has the rules. */
#ifndef TODO_ADAPTERS_REDIS_REMOTE_H
#define TODO_ADAPTERS_REDIS_REMOTE_H

#include <todo/port/cache.h>

#include "adapters/redis/link.h"
#include "adapters/redis/record.h"
#include "adapters/redis/untold.h"

#define TODO__USER_KEY_PREFIX "todo:user:{"

typedef struct todo__remote {
    todo__redis_link *link;
    todo__redis_stats *stats;
    char ttl[12]; /* seconds to live of a record, in decimal */
    atomic_uint_fast64_t lives;
} todo__remote;

/* `link` and `stats` must outlive it. */
void todo__remote_init(todo__remote *remote, todo__redis_link *link, todo__redis_stats *stats,
                       unsigned ttl_seconds);

/*
 * What Redis knows of the user, and of the todo if `id` is not NULL: one that is current, with a reference for the caller,
 * or NULL. UNAVAILABLE, TIMEOUT, NOMEM.
 */
todo_status todo__remote_look(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                              const todo_uuid *id, todo__user_state *ret_user, const todo_item **ret_item,
                              todo_error *error);

/* Makes a user key where there is none, before the database is read for a fill. As todo__remote_look. */
todo_status todo__remote_open(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                              todo__user_state *ret_user, todo_error *error);

/*
 * Stores what was read from the database as of `as_of`, after Redis said `seen` of the user. `item` NULL: only says that the
 * database was there. As todo__remote_look.
 */
todo_status todo__remote_fill(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                              const todo__user_state *seen, const todo_sequence *as_of, const todo_item *item,
                              todo_error *error);

/* Tells of a change whose sequence is known. As todo__remote_look; what Redis refused to store it does not keep either. */
todo_status todo__remote_change(todo__remote *remote, const todo_call *call, const todo_cache_change *change,
                                todo_error *error);

/* Closes the user key: it is unknown whether a change came about, or the user is gone. */
todo_status todo__remote_close(todo__remote *remote, const todo_call *call, const todo_uuid *user,
                               todo_error *error);

#define TODO__REMOTE_TOGETHER_MAX 32u

/* Tells of up to TODO__REMOTE_TOGETHER_MAX changes that Redis missed, whatever the breaker says. OK: of all of them. */
todo_status todo__remote_repair(todo__remote *remote, const todo__untold_user *users, size_t count);

/* One PING, whatever the breaker says: connects if need be. */
todo_status todo__remote_ping(todo__remote *remote, const todo_call *call, todo_error *error);

#endif

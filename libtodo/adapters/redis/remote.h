/* The commands of the cache, each as one exchange with Redis. */
#ifndef TODO_ADAPTERS_REDIS_REMOTE_H
#define TODO_ADAPTERS_REDIS_REMOTE_H

#include "adapters/redis/floors.h"
#include "adapters/redis/link.h"

#include <todo/item.h>

#define TODO__REDIS_TTL_SECONDS 300u
#define TODO__REDIS_TTL_TEXT    "300" /* the same, as commands take it */

typedef struct todo__remote {
    todo__redis_link *link;
    todo__redis_stats *stats;
} todo__remote;

/* One command and its reply, which freeReplyObject releases. An error reply is given back as a reply. */
todo_status todo__remote_command(const todo__remote *remote, const todo_call *call, todo__redis_manner manner,
                                 int argc, const char **argv, const size_t *lengths, redisReply **ret_reply,
                                 todo_error *error);

/*
 * What Redis holds: an item with a reference for the caller, or NULL. With `ret_expires_at` (may be NULL), when it goes
 * (todo__monotonic_us); 0 for NULL.
 */
todo_status todo__remote_get(const todo__remote *remote, const todo_call *call, const todo_uuid *id,
                             const todo_item **ret_item, int64_t *ret_expires_at, todo_error *error);

/* Puts an item, on the connection of `epoch` only unless that is 0. What was refused is not left there in an old state. */
todo_status todo__remote_put(const todo__remote *remote, const todo_call *call, const todo_item *item,
                             uint64_t epoch, todo_error *error);

#define TODO__REMOTE_TOGETHER_MAX 64u

/* Puts up to TODO__REMOTE_TOGETHER_MAX items in one go; how each went is in `ret_statuses`. */
void todo__remote_put_together(const todo__remote *remote, const todo_call *call,
                               const todo_item *const *items, size_t count, todo_status *ret_statuses);

/* Puts a floor unless a newer item or floor is there already. What was refused is not left there in an old state. */
todo_status todo__remote_raise_one(const todo__remote *remote, const todo_call *call, const todo_uuid *id,
                                   int64_t version, todo_error *error);

/* Puts the tombstone. */
todo_status todo__remote_remove(const todo__remote *remote, const todo_call *call, const todo_uuid *id,
                                todo_error *error);

/* Tells Redis of up to TODO__REMOTE_TOGETHER_MAX floors in one go, whatever the breaker says. OK: of all of them. */
todo_status todo__remote_raise(const todo__remote *remote, const todo__floor *floors, size_t count);

/* The run of the server that values are put into now: that of the latest connection, or of one that it makes. */
todo_status todo__remote_run(const todo__remote *remote, const todo_call *call, uint64_t *ret_run,
                             todo_error *error);

/* One PING, whatever the breaker says: connects if need be. */
todo_status todo__remote_ping(const todo__remote *remote, const todo_call *call, todo_error *error);

#endif

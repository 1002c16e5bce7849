/*
 * What this process knows of the todos without asking Redis: the items it holds, and the loads under way.
 *
 * They are served under the lease and within the bound of what is held at all (hold.h). A hit takes a reference and
 * allocates nothing.
 *
 * A load is registered before Redis is asked (the placeholder), and what it finds is held only if nobody said meanwhile
 * that the item has changed. Others who want the same item wait for it instead of loading it too.
 *
 * Thread-safe.
 */
#ifndef TODO_ADAPTERS_REDIS_LOCAL_H
#define TODO_ADAPTERS_REDIS_LOCAL_H

#include <todo/item.h>

#include "adapters/redis/hold.h"

typedef struct todo__local todo__local;

/* `hold` must outlive it; nothing else is put on the shelves that it adds. NOMEM. */
todo_status todo__local_new(todo__hold *hold, todo__local **ret_local, todo_error *error);

/* No load may be under way. NULL is fine. */
void todo__local_free(todo__local *local);

/* The item, with a reference for the caller, or NULL. */
const todo_item *todo__local_get(todo__local *local, const todo_uuid *id);

/* The item has changed: forgets it, and what is being loaded of it will not be held. */
void todo__local_forget(todo__local *local, const todo_uuid *id);

typedef struct todo__load todo__load;

/*
 * Registers a load, which the caller ends with todo__local_end. Returns NULL when somebody else loads the item already,
 * after having waited for it: then `ret_item` is what that one found (a reference for the caller), or NULL when it
 * found nothing, took too long or memory ran out, and the caller loads the item for itself. A call with a consistency
 * token takes nobody else's: another's load may have asked a replica that is behind the token.
 */
todo__load *todo__local_begin(todo__local *local, const todo_call *call, const todo_uuid *id,
                              const todo_item **ret_item);

/* Whether nobody has said yet that the item changed since the load began. */
bool todo__local_undisturbed(todo__local *local, const todo__load *load);

/* Hands the item to those who wait, and holds it until `expires_at`; 0: does not hold it. */
void todo__local_publish(todo__local *local, todo__load *load, const todo_item *item, int64_t expires_at);

/* Ends a load, published or not. */
void todo__local_end(todo__local *local, todo__load *load);

typedef struct todo__local_usage {
    uint64_t items;
    uint64_t bytes;
} todo__local_usage;

todo__local_usage todo__local_usage_of(todo__local *local);

#endif

/* A reference count. */
#ifndef TODO_UTIL_REFCOUNT_H
#define TODO_UTIL_REFCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct todo__refcount {
    atomic_size_t count;
} todo__refcount;

static inline void todo__refcount_init(todo__refcount *refs)
{
    atomic_init(&refs->count, 1);
}

static inline void todo__refcount_take(todo__refcount *refs)
{
    atomic_fetch_add_explicit(&refs->count, 1, memory_order_relaxed);
}

/* Whether that was the last one. Acquire and release, so that the one who frees sees all that others wrote. */
static inline bool todo__refcount_drop(todo__refcount *refs)
{
    return atomic_fetch_sub_explicit(&refs->count, 1, memory_order_acq_rel) == 1;
}

#endif

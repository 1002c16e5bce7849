#include "adapters/redis/untold.h"

#include <pthread.h>
#include <stdatomic.h>

#include "adapters/redis/table.h"
#include "util/guard.h"
#include "util/monotonic.h"

typedef struct entry {
    todo__untold_user of;
    int64_t until;
    UT_hash_handle hh;
} entry;

struct todo__untold {
    int64_t keep_us;
    pthread_mutex_t lock;
    entry *entries; /* the oldest first, since uthash keeps the order of insertion */
    uint64_t stamps;
    atomic_size_t count;
    atomic_int_fast64_t lost_until; /* entries had to be given up */
};

static entry *find(todo__untold *untold, const todo_uuid *user)
{
    entry *found;

    HASH_FIND(hh, untold->entries, user, sizeof(*user), found);
    return found;
}

static void drop(todo__untold *untold, entry *of)
{
    HASH_DELETE(hh, untold->entries, of);
    todo__free(of);
    atomic_fetch_sub(&untold->count, 1);
}

static void drop_outlived(todo__untold *untold, int64_t now)
{
    while (untold->entries != NULL && untold->entries->until <= now)
        drop(untold, untold->entries);
}

/* NULL when there are too many or no memory. */
static entry *append(todo__untold *untold, const todo_uuid *user)
{
    entry *of = atomic_load(&untold->count) < TODO__UNTOLD_MAX ? todo__calloc(1, sizeof(*of)) : NULL;

    if (of == NULL)
        return NULL;
    of->of.user = *user;
    HASH_ADD(hh, untold->entries, of.user, sizeof(of->of.user), of);
    if (of->hh.tbl == NULL) {
        todo__free(of);
        return NULL;
    }
    atomic_fetch_add(&untold->count, 1);
    return of;
}

void todo__untold_add(todo__untold *untold, const todo_uuid *user, bool unknown)
{
    int64_t now = todo__monotonic_us();
    entry *of;

    if (!todo__guarded("untold"))
        return;
    pthread_mutex_lock(&untold->lock);
    drop_outlived(untold, now);
    of = find(untold, user);
    if (of != NULL) {
        unknown = unknown || of->of.unknown;
        drop(untold, of); /* and append it, for its time begins anew */
    }
    of = append(untold, user);
    if (of != NULL) {
        of->of.unknown = unknown;
        of->of.stamp = ++untold->stamps;
        of->until = now + untold->keep_us;
    } else {
        atomic_store(&untold->lost_until, now + untold->keep_us);
    }
    pthread_mutex_unlock(&untold->lock);
}

bool todo__untold_has(todo__untold *untold, const todo_uuid *user)
{
    int64_t lost_until = atomic_load(&untold->lost_until);
    bool has;

    if (lost_until != 0 && todo__monotonic_us() < lost_until)
        return true;
    if (atomic_load(&untold->count) == 0)
        return false;
    pthread_mutex_lock(&untold->lock);
    has = find(untold, user) != NULL;
    pthread_mutex_unlock(&untold->lock);
    return has;
}

size_t todo__untold_take(todo__untold *untold, todo__untold_user *users, size_t max)
{
    size_t taken = 0;

    if (atomic_load(&untold->count) == 0)
        return 0;
    pthread_mutex_lock(&untold->lock);
    drop_outlived(untold, todo__monotonic_us());
    for (entry *of = untold->entries; of != NULL && taken < max; of = of->hh.next)
        users[taken++] = of->of;
    pthread_mutex_unlock(&untold->lock);
    return taken;
}

void todo__untold_settle(todo__untold *untold, const todo__untold_user *told)
{
    entry *of;

    pthread_mutex_lock(&untold->lock);
    of = find(untold, &told->user);
    if (of != NULL && of->of.stamp == told->stamp)
        drop(untold, of);
    pthread_mutex_unlock(&untold->lock);
}

size_t todo__untold_count(todo__untold *untold)
{
    return atomic_load(&untold->count);
}

todo_status todo__untold_new(int64_t keep_us, todo__untold **ret_untold, todo_error *error)
{
    todo__untold *untold = todo__calloc(1, sizeof(*untold));

    if (untold == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    untold->keep_us = keep_us;
    pthread_mutex_init(&untold->lock, NULL);
    *ret_untold = untold;
    return TODO_OK;
}

void todo__untold_free(todo__untold *untold)
{
    if (untold == NULL)
        return;
    while (untold->entries != NULL)
        drop(untold, untold->entries);
    pthread_mutex_destroy(&untold->lock);
    todo__free(untold);
}

#include "adapters/redis/floors.h"

#include <pthread.h>
#include <stdatomic.h>

#include "adapters/redis/table.h"
#include "util/monotonic.h"

typedef struct entry {
    todo_uuid id;
    int64_t version;
    int64_t until;
    UT_hash_handle hh;
} entry;

struct todo__floors {
    int64_t keep_us;
    pthread_mutex_t lock;
    entry *entries; /* the oldest first, since uthash keeps the order of insertion */
    atomic_size_t count;
    atomic_int_fast64_t lost_until;
};

static void drop(todo__floors *floors, entry *floor)
{
    HASH_DELETE(hh, floors->entries, floor);
    todo__free(floor);
    atomic_fetch_sub(&floors->count, 1);
}

static entry *find(todo__floors *floors, const todo_uuid *id)
{
    entry *floor;

    HASH_FIND(hh, floors->entries, id, sizeof(*id), floor);
    return floor;
}

static void drop_outlived(todo__floors *floors, int64_t now)
{
    while (floors->entries != NULL && floors->entries->until <= now)
        drop(floors, floors->entries);
}

/* NULL when there is no room. */
static entry *add(todo__floors *floors, const todo_uuid *id)
{
    entry *floor;

    if (atomic_load(&floors->count) >= TODO__FLOORS_MAX)
        return NULL;
    floor = todo__calloc(1, sizeof(*floor));
    if (floor == NULL)
        return NULL;
    floor->id = *id;
    HASH_ADD(hh, floors->entries, id, sizeof(floor->id), floor);
    if (floor->hh.tbl == NULL) {
        todo__free(floor);
        return NULL;
    }
    atomic_fetch_add(&floors->count, 1);
    return floor;
}

void todo__floors_raise(todo__floors *floors, const todo_uuid *id, int64_t version)
{
    int64_t now = todo__monotonic_us();
    entry *floor;

    pthread_mutex_lock(&floors->lock);
    drop_outlived(floors, now);
    floor = find(floors, id);
    if (floor != NULL) {
        version = floor->version > version ? floor->version : version;
        drop(floors, floor); /* and add it at the end, for its time begins anew */
    }
    floor = add(floors, id);
    if (floor != NULL) {
        floor->version = version;
        floor->until = now + floors->keep_us;
    } else {
        atomic_store(&floors->lost_until, now + floors->keep_us);
    }
    pthread_mutex_unlock(&floors->lock);
}

int64_t todo__floors_of(todo__floors *floors, const todo_uuid *id)
{
    int64_t version = 0;
    entry *floor;

    if (atomic_load(&floors->count) == 0)
        return 0;
    pthread_mutex_lock(&floors->lock);
    floor = find(floors, id);
    if (floor != NULL)
        version = floor->version;
    pthread_mutex_unlock(&floors->lock);
    return version;
}

void todo__floors_settle(todo__floors *floors, const todo_uuid *id, int64_t version)
{
    entry *floor;

    if (atomic_load(&floors->count) == 0)
        return;
    pthread_mutex_lock(&floors->lock);
    floor = find(floors, id);
    if (floor != NULL && floor->version <= version)
        drop(floors, floor);
    pthread_mutex_unlock(&floors->lock);
}

size_t todo__floors_take_some(todo__floors *floors, todo__floor *some, size_t max)
{
    size_t taken = 0;

    if (atomic_load(&floors->count) == 0)
        return 0;
    pthread_mutex_lock(&floors->lock);
    drop_outlived(floors, todo__monotonic_us());
    for (entry *floor = floors->entries; floor != NULL && taken < max; floor = floor->hh.next)
        some[taken++] = (todo__floor){floor->id, floor->version};
    pthread_mutex_unlock(&floors->lock);
    return taken;
}

bool todo__floors_lost(todo__floors *floors)
{
    int64_t until = atomic_load(&floors->lost_until);

    return until != 0 && todo__monotonic_us() < until;
}

size_t todo__floors_count(todo__floors *floors)
{
    return atomic_load(&floors->count);
}

todo_status todo__floors_new(int64_t keep_us, todo__floors **ret_floors, todo_error *error)
{
    todo__floors *floors = todo__calloc(1, sizeof(*floors));

    if (floors == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    floors->keep_us = keep_us;
    pthread_mutex_init(&floors->lock, NULL);
    *ret_floors = floors;
    return TODO_OK;
}

void todo__floors_free(todo__floors *floors)
{
    if (floors == NULL)
        return;
    while (floors->entries != NULL)
        drop(floors, floors->entries);
    pthread_mutex_destroy(&floors->lock);
    todo__free(floors);
}

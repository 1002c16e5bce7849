#include "adapters/redis/local.h"

#include <pthread.h>
#include <string.h>

#include "adapters/redis/hold.h"
#include "adapters/redis/table.h"
#include "util/monotonic.h"

#define SHARDS         16u
#define WAIT_LIMIT_US  (250 * 1000)
#define ENTRY_OVERHEAD 96u /* of the allocator and of the hash table, about */

/* An item that is held. */
typedef struct held {
    todo__held thing;
    todo_uuid id;
    const todo_item *item;
    int64_t expires_at;
    UT_hash_handle hh;
} held;

struct todo__load {
    todo_uuid id;
    const todo_item *item;
    uint64_t era;
    unsigned users;  /* the loader and those who wait */
    bool registered; /* undisturbed: in the shard's table */
    bool published;
    pthread_cond_t done;
    UT_hash_handle hh;
};

typedef struct shard {
    todo__shelf shelf; /* the items in order of use, and the lock */
    held *items;       /* the table */
    todo__load *loads;
} shard;

struct todo__local {
    todo__hold *hold;
    shard shards[SHARDS];
};

static shard *lock_shard_of(todo__local *local, const todo_uuid *id)
{
    shard *place = &local->shards[id->bytes[sizeof(id->bytes) - 1] % SHARDS];

    pthread_mutex_lock(&place->shelf.lock);
    return place;
}

static void unlock(shard *place)
{
    pthread_mutex_unlock(&place->shelf.lock);
}

/* ---- held items ---- */

static held *find_held(shard *place, const todo_uuid *id)
{
    held *found;

    HASH_FIND(hh, place->items, id, sizeof(*id), found);
    return found;
}

static void drop(shard *place, held *entry)
{
    HASH_DELETE(hh, place->items, entry);
    todo__shelf_take(&place->shelf, &entry->thing);
    todo_item_unref(entry->item);
    todo__free(entry);
}

static void drop_thing(todo__shelf *shelf, todo__held *thing)
{
    drop((shard *)shelf, (held *)thing);
}

static size_t bytes_of(const todo_item *item)
{
    return sizeof(held) + sizeof(*item) + ENTRY_OVERHEAD + strlen(item->title) + 1 +
           (item->description != NULL ? strlen(item->description) + 1 : 0);
}

static void hold(todo__local *local, shard *place, const todo_item *item, int64_t expires_at)
{
    held *entry = find_held(place, &item->id);
    size_t bytes = bytes_of(item);

    if (entry != NULL)
        drop(place, entry);
    if (bytes > todo__hold_largest(local->hold))
        return;
    entry = todo__calloc(1, sizeof(*entry));
    if (entry == NULL)
        return;
    entry->id = item->id;
    HASH_ADD(hh, place->items, id, sizeof(entry->id), entry);
    if (entry->hh.tbl == NULL) {
        todo__free(entry);
        return;
    }
    entry->item = todo_item_ref(item);
    entry->expires_at = expires_at;
    entry->thing.bytes = bytes;
    todo__shelf_put(&place->shelf, &entry->thing);
}

const todo_item *todo__local_get(todo__local *local, const todo_uuid *id)
{
    int64_t now = todo__monotonic_us();
    const todo_item *item = NULL;
    shard *place;
    held *entry;

    if (!todo__hold_serves(local->hold, now))
        return NULL;
    place = lock_shard_of(local, id);
    entry = find_held(place, id);
    if (entry != NULL && now >= entry->expires_at) {
        drop(place, entry);
    } else if (entry != NULL) {
        todo__shelf_use(&place->shelf, &entry->thing, now);
        item = todo_item_ref(entry->item);
    }
    unlock(place);
    return item;
}

/* ---- loads ---- */

/* Whoever joins from now on must load anew, and what this one finds is not held. */
static void disturb(shard *place, todo__load *load)
{
    HASH_DELETE(hh, place->loads, load);
    load->registered = false;
}

static todo__load *find_load(shard *place, const todo_uuid *id)
{
    todo__load *found;

    HASH_FIND(hh, place->loads, id, sizeof(*id), found);
    return found;
}

static void leave(todo__load *load)
{
    if (--load->users > 0)
        return;
    todo_item_unref(load->item);
    pthread_cond_destroy(&load->done);
    todo__free(load);
}

static todo__load *new_load(todo__local *local, shard *place, const todo_uuid *id)
{
    todo__load *load = todo__calloc(1, sizeof(*load));

    if (load == NULL)
        return NULL;
    load->id = *id;
    HASH_ADD(hh, place->loads, id, sizeof(load->id), load);
    if (load->hh.tbl == NULL) {
        todo__free(load);
        return NULL;
    }
    load->era = todo__hold_era(local->hold);
    load->users = 1;
    load->registered = true;
    todo__monotonic_cond_init(&load->done);
    return load;
}

static const todo_item *wait_for(shard *place, todo__load *load, const todo_call *call)
{
    int64_t limit = todo__monotonic_us() + WAIT_LIMIT_US;
    struct timespec time;
    const todo_item *item;

    if (call != NULL && call->deadline != 0 && call->deadline < limit)
        limit = call->deadline;
    time = todo__monotonic_timespec(limit);
    load->users++;
    while (!load->published && todo__monotonic_us() < limit)
        pthread_cond_timedwait(&load->done, &place->shelf.lock, &time);
    item = todo_item_ref(load->item);
    leave(load);
    return item;
}

todo__load *todo__local_begin(todo__local *local, const todo_call *call, const todo_uuid *id,
                              const todo_item **ret_item)
{
    shard *place = lock_shard_of(local, id);
    todo__load *load = find_load(place, id);

    *ret_item = NULL;
    if (load == NULL) {
        load = new_load(local, place, id);
    } else {
        if (call == NULL || call->at_least == NULL)
            *ret_item = wait_for(place, load, call);
        load = NULL;
    }
    unlock(place);
    return load;
}

bool todo__local_undisturbed(todo__local *local, const todo__load *load)
{
    shard *place = lock_shard_of(local, &load->id);
    bool undisturbed = load->registered;

    unlock(place);
    return undisturbed;
}

void todo__local_publish(todo__local *local, todo__load *load, const todo_item *item, int64_t expires_at)
{
    shard *place = lock_shard_of(local, &load->id);

    load->item = todo_item_ref(item);
    load->published = true;
    pthread_cond_broadcast(&load->done);
    if (expires_at != 0 && load->registered && todo__hold_lasts(local->hold, load->era))
        hold(local, place, item, expires_at);
    unlock(place);
    todo__hold_trim(local->hold);
}

void todo__local_end(todo__local *local, todo__load *load)
{
    shard *place = lock_shard_of(local, &load->id);

    if (load->registered)
        disturb(place, load);
    if (!load->published) {
        load->published = true;
        pthread_cond_broadcast(&load->done);
    }
    leave(load);
    unlock(place);
}

/* ---- what is heard ---- */

void todo__local_forget(todo__local *local, const todo_uuid *id)
{
    shard *place = lock_shard_of(local, id);
    held *entry = find_held(place, id);
    todo__load *load = find_load(place, id);

    if (entry != NULL)
        drop(place, entry);
    if (load != NULL)
        disturb(place, load);
    unlock(place);
}

static void empty(todo__shelf *shelf)
{
    shard *place = (shard *)shelf;
    todo__load *load, *next;

    while (shelf->things != NULL)
        drop(place, (held *)shelf->things);
    HASH_ITER(hh, place->loads, load, next)
    {
        disturb(place, load);
    }
}

/* ---- the whole ---- */

todo__local_usage todo__local_usage_of(todo__local *local)
{
    todo__local_usage usage = {0, 0};

    for (unsigned i = 0; i < SHARDS; i++) {
        shard *place = &local->shards[i];

        pthread_mutex_lock(&place->shelf.lock);
        usage.items += HASH_COUNT(place->items);
        usage.bytes += place->shelf.bytes;
        unlock(place);
    }
    return usage;
}

todo_status todo__local_new(todo__hold *hold, todo__local **ret_local, todo_error *error)
{
    todo__local *local = todo__calloc(1, sizeof(*local));

    if (local == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    local->hold = hold;
    for (unsigned i = 0; i < SHARDS; i++)
        todo__shelf_init(&local->shards[i].shelf, hold, drop_thing, empty);
    *ret_local = local;
    return TODO_OK;
}

void todo__local_free(todo__local *local)
{
    if (local == NULL)
        return;
    for (unsigned i = 0; i < SHARDS; i++)
        todo__shelf_clear(&local->shards[i].shelf);
    todo__free(local);
}

#include "adapters/redis/local.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "util/alloc.h"
#include "util/monotonic.h"

static void hash_id(const void *id, unsigned *ret_hash);

/* uthash, told how to hash, to take its memory where the library does, and not to exit when there is none. */
#define HASH_NONFATAL_OOM                1
#define HASH_FUNCTION(key, length, hash) hash_id(key, &(hash))
#define uthash_malloc(size)              todo__malloc(size)
#define uthash_free(pointer, size)       todo__free(pointer)
#include <uthash.h>
#include <utlist.h>

#define SHARDS         16u
#define WAIT_LIMIT_US  (250 * 1000)
#define ENTRY_OVERHEAD 96u /* of the allocator and of the hash table, about */

/* An item that is held. */
typedef struct held {
    todo_uuid id;
    const todo_item *item;
    int64_t expires_at;
    size_t bytes;
    UT_hash_handle hh;
    struct held *prev, *next; /* the most recently used comes first */
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
    pthread_mutex_t lock;
    held *items; /* the table */
    held *used;  /* the same in order of use */
    size_t bytes;
    todo__load *loads;
} shard;

struct todo__local {
    size_t shard_bytes;
    atomic_uint_fast64_t era; /* odd: changes are heard of; each loss begins another one */
    atomic_int_fast64_t lease;
    shard shards[SHARDS];
};

/* Clients choose ids: without a secret they could choose such that all fall together. */
static unsigned char hash_secret[sizeof(todo_uuid)];
static pthread_once_t hash_secret_once = PTHREAD_ONCE_INIT;

static void make_hash_secret(void)
{
    if (getrandom(hash_secret, sizeof(hash_secret), GRND_NONBLOCK) < 0)
        memcpy(hash_secret, &(int64_t){todo__monotonic_us()}, sizeof(int64_t));
}

static void hash_id(const void *id, unsigned *ret_hash)
{
    unsigned char mixed[sizeof(todo_uuid)];
    unsigned hash;

    for (size_t i = 0; i < sizeof(mixed); i++)
        mixed[i] = ((const unsigned char *)id)[i] ^ hash_secret[i];
    HASH_JEN(mixed, sizeof(mixed), hash);
    *ret_hash = hash;
}

static shard *lock_shard_of(todo__local *local, const todo_uuid *id)
{
    shard *place = &local->shards[id->bytes[sizeof(id->bytes) - 1] % SHARDS];

    pthread_mutex_lock(&place->lock);
    return place;
}

static void unlock(shard *place)
{
    pthread_mutex_unlock(&place->lock);
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
    DL_DELETE(place->used, entry);
    place->bytes -= entry->bytes;
    todo_item_unref(entry->item);
    todo__free(entry);
}

static size_t bytes_of(const todo_item *item)
{
    return sizeof(held) + sizeof(*item) + ENTRY_OVERHEAD + strlen(item->title) + 1 +
           (item->description != NULL ? strlen(item->description) + 1 : 0);
}

/* Holds an item if there is room or can be made. */
static void hold(todo__local *local, shard *place, const todo_item *item, int64_t expires_at)
{
    held *entry = find_held(place, &item->id);
    size_t bytes = bytes_of(item);

    if (entry != NULL)
        drop(place, entry);
    /* One item may not push all the others out. */
    if (bytes > local->shard_bytes / 4)
        return;
    while (place->bytes + bytes > local->shard_bytes)
        drop(place, place->used->prev);
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
    entry->bytes = bytes;
    place->bytes += bytes;
    DL_PREPEND(place->used, entry);
}

const todo_item *todo__local_get(todo__local *local, const todo_uuid *id)
{
    int64_t now = todo__monotonic_us();
    const todo_item *item = NULL;
    shard *place;
    held *entry;

    if (now >= atomic_load_explicit(&local->lease, memory_order_acquire))
        return NULL;
    place = lock_shard_of(local, id);
    entry = find_held(place, id);
    if (entry != NULL && now >= entry->expires_at) {
        drop(place, entry);
    } else if (entry != NULL) {
        DL_DELETE(place->used, entry);
        DL_PREPEND(place->used, entry);
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
    load->era = atomic_load(&local->era);
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
        pthread_cond_timedwait(&load->done, &place->lock, &time);
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
        if (call == NULL || call->consistency_token == NULL)
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
    if (expires_at != 0 && load->registered && load->era % 2 == 1 && load->era == atomic_load(&local->era))
        hold(local, place, item, expires_at);
    unlock(place);
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

static void forget_shard(shard *place)
{
    todo__load *load, *next;

    pthread_mutex_lock(&place->lock);
    while (place->used != NULL)
        drop(place, place->used);
    HASH_ITER(hh, place->loads, load, next)
    {
        disturb(place, load);
    }
    unlock(place);
}

void todo__local_trust(todo__local *local)
{
    if (atomic_load(&local->era) % 2 == 0)
        atomic_fetch_add(&local->era, 1);
}

/* The era ends first: who publishes after that finds it over, and what was held before that is dropped below. */
void todo__local_distrust(todo__local *local)
{
    atomic_store(&local->lease, 0);
    if (atomic_load(&local->era) % 2 == 1)
        atomic_fetch_add(&local->era, 1);
    for (unsigned i = 0; i < SHARDS; i++)
        forget_shard(&local->shards[i]);
}

void todo__local_renew(todo__local *local, int64_t until)
{
    atomic_store_explicit(&local->lease, until, memory_order_release);
}

/* ---- the whole ---- */

todo__local_usage todo__local_usage_of(todo__local *local)
{
    todo__local_usage usage = {0, 0};

    for (unsigned i = 0; i < SHARDS; i++) {
        shard *place = &local->shards[i];

        pthread_mutex_lock(&place->lock);
        usage.items += HASH_COUNT(place->items);
        usage.bytes += place->bytes;
        unlock(place);
    }
    return usage;
}

todo_status todo__local_new(size_t bytes, todo__local **ret_local, todo_error *error)
{
    todo__local *local = todo__calloc(1, sizeof(*local));

    if (local == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    pthread_once(&hash_secret_once, make_hash_secret);
    local->shard_bytes = bytes / SHARDS;
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_init(&local->shards[i].lock, NULL);
    *ret_local = local;
    return TODO_OK;
}

void todo__local_free(todo__local *local)
{
    if (local == NULL)
        return;
    todo__local_distrust(local);
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&local->shards[i].lock);
    todo__free(local);
}

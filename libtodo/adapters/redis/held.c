#define NDEBUG /* utlist asserts; the library never ends the process */

#include "adapters/redis/held.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <utlist.h>

#include "adapters/redis/table.h"
#include "util/guard.h"
#include "util/monotonic.h"
#include "util/refcount.h"

#define SHARDS         16u
#define LARGEST_SHARE  8u  /* no entry takes more than such a part of the bound */
#define ENTRY_OVERHEAD 96u /* of the allocator and of the hash table, about */
#define ITEM_OVERHEAD  48u /* of the allocator and of what an item keeps beside its members, about */
#define FIRST_CAPACITY 1u

enum { KIND_ITEM = 'i', KIND_LIST = 'l' };

struct todo__answer {
    todo__refcount refs;
    size_t bytes;
    size_t count, capacity;
    const todo_item *items[];
};

typedef struct entry {
    struct entry *prev, *next; /* the shard's, the latest used first */
    struct entry *own_prev, *own_next;
    struct todo__account *account;
    todo__answer *answer;
    todo_sequence as_of;
    int64_t used_at, expires_at;
    size_t bytes;
    todo__held_key key;
    UT_hash_handle hh;
} entry;

/* A user with entries or loads. */
typedef struct todo__account {
    todo_uuid user;
    entry *entries;
    unsigned loads;
    uint64_t messages;
    UT_hash_handle hh;
} account;

typedef struct shard {
    pthread_mutex_t lock; /* guards what follows, and its accounts */
    entry *entries;       /* the table */
    entry *recent;        /* the same in order of use */
    account *accounts;
    size_t items, lists, bytes;
    atomic_int_fast64_t least_recent; /* when the last of them was used; INT64_MAX: there is none */
} shard;

struct todo__held {
    size_t limit;
    int64_t keep_us;
    atomic_size_t bytes;
    atomic_uint_fast64_t era; /* odd: changes are heard of; each loss begins another one */
    atomic_int_fast64_t lease;
    shard shards[SHARDS];
};

/* All of a user is in one shard. */
static shard *lock_shard_of(todo__held *held, const todo_uuid *user)
{
    shard *place = &held->shards[user->bytes[sizeof(user->bytes) - 1] % SHARDS];

    pthread_mutex_lock(&place->lock);
    return place;
}

static void unlock(shard *place)
{
    pthread_mutex_unlock(&place->lock);
}

/* ---- answers ---- */

static todo__answer *answer_new(void)
{
    todo__answer *answer = todo__malloc(sizeof(*answer) + FIRST_CAPACITY * sizeof(answer->items[0]));

    if (answer == NULL)
        return NULL;
    todo__refcount_init(&answer->refs);
    answer->bytes = sizeof(*answer);
    answer->count = 0;
    answer->capacity = FIRST_CAPACITY;
    return answer;
}

void todo__answer_unref(todo__answer *answer)
{
    if (answer == NULL || !todo__refcount_drop(&answer->refs))
        return;
    for (size_t i = 0; i < answer->count; i++)
        todo_item_unref(answer->items[i]);
    todo__free(answer);
}

static bool answer_grow(todo__answer **answer)
{
    size_t capacity = 2 * (*answer)->capacity;
    todo__answer *bigger = todo__realloc(*answer, sizeof(*bigger) + capacity * sizeof(bigger->items[0]));

    if (bigger == NULL)
        return false;
    bigger->capacity = capacity;
    *answer = bigger;
    return true;
}

static size_t bytes_of(const todo_item *item)
{
    return sizeof(item) + sizeof(*item) + ITEM_OVERHEAD + strlen(item->title) + 1 +
           (item->description != NULL ? strlen(item->description) + 1 : 0);
}

/* False when it does not fit or there is no memory. */
static bool answer_add(todo__answer **answer, const todo_item *item, size_t limit)
{
    size_t bytes = bytes_of(item);

    if ((*answer)->bytes + bytes > limit)
        return false;
    if ((*answer)->count == (*answer)->capacity && !answer_grow(answer))
        return false;
    item = todo_item_ref(item);
    if (item == NULL)
        return false;
    (*answer)->items[(*answer)->count++] = item;
    (*answer)->bytes += bytes;
    return true;
}

todo_status todo__answer_visit(const todo__answer *answer, todo_item_visit visit, void *arg)
{
    todo_status status = TODO_OK;

    for (size_t i = 0; i < answer->count && status == TODO_OK; i++)
        status = visit(arg, answer->items[i]);
    return status;
}

const todo_item *todo__answer_item(const todo__answer *answer)
{
    return todo_item_ref(answer->items[0]);
}

/* ---- keys ---- */

static void key_add(todo__held_key *key, const void *bytes, size_t length)
{
    memcpy((unsigned char *)key + key->length, bytes, length);
    key->length += length;
}

static todo__held_key key_of(const todo_uuid *user, char kind)
{
    todo__held_key key = {.user = *user, .length = sizeof(*user)};

    key_add(&key, &kind, 1);
    return key;
}

todo__held_key todo__held_key_of_item(const todo_uuid *user, const todo_uuid *id)
{
    todo__held_key key = key_of(user, KIND_ITEM);

    key_add(&key, id, sizeof(*id));
    return key;
}

/* A new member of the query has its place here. No cache is asked for lists of the trash. */
_Static_assert(offsetof(todo_list_query, deleted) + sizeof(void *) == sizeof(todo_list_query),
               "a key holds every member but deleted");

todo__held_key todo__held_key_of_list(const todo_uuid *user, const todo_list_query *query)
{
    todo__held_key key = key_of(user, KIND_LIST);
    const unsigned char shape[] = {(unsigned char)query->completed, (unsigned char)query->sort,
                                   query->ascending, query->after != NULL};

    key_add(&key, shape, sizeof(shape));
    key_add(&key, &query->limit, sizeof(query->limit));
    if (query->after != NULL) {
        key_add(&key, &query->after->key, sizeof(query->after->key));
        key_add(&key, &query->after->id, sizeof(query->after->id));
    }
    return key;
}

static bool is_item(const entry *of)
{
    return of->key.what[0] == KIND_ITEM;
}

/* ---- accounts ---- */

static account *find_account(shard *place, const todo_uuid *user)
{
    account *found;

    HASH_FIND(hh, place->accounts, user, sizeof(*user), found);
    return found;
}

/* NULL when there is no memory. */
static account *get_account(shard *place, const todo_uuid *user)
{
    account *of = find_account(place, user);

    if (of != NULL)
        return of;
    of = todo__calloc(1, sizeof(*of));
    if (of == NULL)
        return NULL;
    of->user = *user;
    HASH_ADD(hh, place->accounts, user, sizeof(of->user), of);
    if (of->hh.tbl == NULL) {
        todo__free(of);
        return NULL;
    }
    return of;
}

static void free_if_idle(shard *place, account *of)
{
    if (of->entries != NULL || of->loads > 0)
        return;
    HASH_DELETE(hh, place->accounts, of);
    todo__free(of);
}

/* ---- entries ---- */

static void note_last(shard *place)
{
    atomic_store_explicit(&place->least_recent,
                          place->recent != NULL ? place->recent->prev->used_at : INT64_MAX,
                          memory_order_relaxed);
}

static entry *find_entry(shard *place, const todo__held_key *key)
{
    entry *found;

    HASH_FIND(hh, place->entries, &key->user, key->length, found);
    return found;
}

/* The account stays, if only for a moment. */
static void drop(todo__held *held, shard *place, entry *of)
{
    HASH_DELETE(hh, place->entries, of);
    DL_DELETE(place->recent, of);
    note_last(place);
    DL_DELETE2(of->account->entries, of, own_prev, own_next);
    --*(is_item(of) ? &place->items : &place->lists);
    place->bytes -= of->bytes;
    atomic_fetch_sub(&held->bytes, of->bytes);
    todo__answer_unref(of->answer);
    todo__free(of);
}

static void drop_wholly(todo__held *held, shard *place, entry *of)
{
    account *whose = of->account;

    drop(held, place, of);
    free_if_idle(place, whose);
}

/* Takes over the reference to the answer. */
static void hold(todo__held *held, shard *place, account *whose, const todo__held_key *key,
                 todo__answer *answer, todo_sequence as_of)
{
    entry *of = find_entry(place, key);
    int64_t now = todo__monotonic_us();

    if (of != NULL)
        drop(held, place, of);
    of = todo__calloc(1, sizeof(*of));
    if (of == NULL) {
        todo__answer_unref(answer);
        return;
    }
    of->key = *key;
    HASH_ADD_KEYPTR(hh, place->entries, &of->key.user, of->key.length, of);
    if (of->hh.tbl == NULL) {
        todo__free(of);
        todo__answer_unref(answer);
        return;
    }
    of->account = whose;
    of->answer = answer;
    of->as_of = as_of;
    of->used_at = now;
    of->expires_at = now + held->keep_us;
    of->bytes = sizeof(*of) + ENTRY_OVERHEAD + answer->bytes;
    DL_PREPEND(place->recent, of);
    note_last(place);
    DL_PREPEND2(whose->entries, of, own_prev, own_next);
    ++*(is_item(of) ? &place->items : &place->lists);
    place->bytes += of->bytes;
    atomic_fetch_add(&held->bytes, of->bytes);
}

static void use(shard *place, entry *of, int64_t now)
{
    DL_DELETE(place->recent, of);
    of->used_at = now;
    DL_PREPEND(place->recent, of);
    note_last(place);
}

todo__answer *todo__held_get(todo__held *held, const todo__held_key *key, todo_sequence *ret_as_of)
{
    int64_t now = todo__monotonic_us();
    todo__answer *answer = NULL;
    shard *place;
    entry *of;

    if (now >= atomic_load_explicit(&held->lease, memory_order_acquire))
        return NULL;
    place = lock_shard_of(held, &key->user);
    of = find_entry(place, key);
    if (of != NULL && now >= of->expires_at) {
        drop_wholly(held, place, of);
    } else if (of != NULL) {
        use(place, of, now);
        answer = of->answer;
        todo__refcount_take(&answer->refs);
        *ret_as_of = of->as_of;
    }
    unlock(place);
    return answer;
}

/* Drops what has not been used for longest, in whichever shard that is, until the bound is kept. */
static void trim(todo__held *held)
{
    while (atomic_load(&held->bytes) > held->limit) {
        int64_t least_recent = INT64_MAX;
        shard *chosen = NULL;

        for (unsigned i = 0; i < SHARDS; i++) {
            int64_t last = atomic_load_explicit(&held->shards[i].least_recent, memory_order_relaxed);

            if (last < least_recent) {
                least_recent = last;
                chosen = &held->shards[i];
            }
        }
        if (chosen == NULL)
            return;
        pthread_mutex_lock(&chosen->lock);
        if (chosen->recent != NULL)
            drop_wholly(held, chosen, chosen->recent->prev);
        unlock(chosen);
    }
}

/* ---- what is heard ---- */

static void forget(todo__held *held, shard *place, account *of)
{
    while (of->entries != NULL)
        drop(held, place, of->entries);
    of->messages++;
    free_if_idle(place, of);
}

void todo__held_forget(todo__held *held, const todo_uuid *user)
{
    shard *place = lock_shard_of(held, user);
    account *of = find_account(place, user);

    if (of != NULL)
        forget(held, place, of);
    unlock(place);
}

void todo__held_trust(todo__held *held)
{
    if (atomic_load(&held->era) % 2 == 0)
        atomic_fetch_add(&held->era, 1);
}

/* The era ends first: a load that publishes after that finds it over, and what was held before that is dropped below. */
void todo__held_distrust(todo__held *held)
{
    atomic_store(&held->lease, 0);
    if (atomic_load(&held->era) % 2 == 1)
        atomic_fetch_add(&held->era, 1);
    for (unsigned i = 0; i < SHARDS; i++) {
        shard *place = &held->shards[i];
        account *of, *next;

        pthread_mutex_lock(&place->lock);
        HASH_ITER(hh, place->accounts, of, next)
        {
            forget(held, place, of);
        }
        unlock(place);
    }
}

void todo__held_renew(todo__held *held, int64_t until)
{
    atomic_store_explicit(&held->lease, until, memory_order_release);
}

/* ---- loads ---- */

static size_t largest(const todo__held *held)
{
    return held->limit / LARGEST_SHARE;
}

bool todo__held_begin(todo__held *held, const todo_uuid *user, todo__load *load)
{
    uint64_t era = atomic_load(&held->era);
    shard *place;

    if (era % 2 == 0 || largest(held) == 0)
        return false;
    *load = (todo__load){.era = era};
    place = lock_shard_of(held, user);
    load->account = get_account(place, user);
    if (load->account != NULL) {
        load->account->loads++;
        load->messages = load->account->messages;
    }
    unlock(place);
    if (load->account == NULL)
        return false;
    load->answer = answer_new();
    return true;
}

void todo__held_give_up(todo__load *load)
{
    todo__answer_unref(load->answer);
    load->answer = NULL;
}

void todo__held_add(todo__held *held, todo__load *load, const todo_item *item)
{
    if (load->answer != NULL && !answer_add(&load->answer, item, largest(held)))
        todo__held_give_up(load);
}

void todo__held_publish(todo__held *held, todo__load *load, const todo__held_key *key, todo_sequence as_of)
{
    shard *place;
    bool undisturbed;

    if (load->answer == NULL)
        return;
    place = lock_shard_of(held, &key->user);
    undisturbed = load->account->messages == load->messages && atomic_load(&held->era) == load->era;
    if (undisturbed || !todo__guarded("undisturbed")) {
        hold(held, place, load->account, key, load->answer, as_of);
        load->answer = NULL;
    }
    unlock(place);
    trim(held);
}

void todo__held_end(todo__held *held, todo__load *load)
{
    shard *place = lock_shard_of(held, &load->account->user);

    load->account->loads--;
    free_if_idle(place, load->account);
    unlock(place);
    todo__answer_unref(load->answer);
}

/* ---- the whole ---- */

todo__held_usage todo__held_usage_of(todo__held *held)
{
    todo__held_usage usage = {0, 0, 0};

    for (unsigned i = 0; i < SHARDS; i++) {
        shard *place = &held->shards[i];

        pthread_mutex_lock(&place->lock);
        usage.items += place->items;
        usage.lists += place->lists;
        usage.bytes += place->bytes;
        unlock(place);
    }
    return usage;
}

todo_status todo__held_new(size_t bytes, int64_t keep_us, todo__held **ret_held, todo_error *error)
{
    todo__held *held = todo__calloc(1, sizeof(*held));

    if (held == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    held->limit = bytes;
    held->keep_us = keep_us;
    for (unsigned i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&held->shards[i].lock, NULL);
        atomic_store(&held->shards[i].least_recent, INT64_MAX);
    }
    *ret_held = held;
    return TODO_OK;
}

void todo__held_free(todo__held *held)
{
    if (held == NULL)
        return;
    todo__held_distrust(held);
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&held->shards[i].lock);
    todo__free(held);
}

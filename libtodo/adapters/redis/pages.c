#include "adapters/redis/pages.h"

#include <pthread.h>
#include <string.h>

#include "adapters/redis/table.h"
#include "util/guard.h"
#include "util/monotonic.h"

#include <utlist.h>

#define SHARDS         16u
#define ENTRY_OVERHEAD 96u /* of the allocator and of the hash table, about */

/* Which list, of whom. Without gaps, so that it can be compared as bytes. */
typedef struct key {
    todo_uuid user;
    int64_t after_key;
    todo_uuid after_id;
    uint32_t limit;
    uint8_t completed, sort, ascending, has_after;
} key;

_Static_assert(sizeof(key) == 48, "the key has no gaps");
/* Whoever adds a member to the query has to find a place for it in the key. No cache is asked for lists of the trash. */
_Static_assert(offsetof(todo_list_query, deleted) + sizeof(void *) == sizeof(todo_list_query),
               "a key holds every member but deleted");

/* A page that is held. */
typedef struct held {
    todo__held thing;
    key key;
    todo__page *page;
    todo__page_facts facts;
    struct todo__account *account;
    struct held *prev, *next; /* the account's others */
    UT_hash_handle hh;
} held;

/* A user of whom there are pages or loads. */
typedef struct todo__account {
    todo_uuid user;
    held *pages;
    unsigned loads;
    uint64_t changes; /* that were said to have happened */
    bool has_position;
    int64_t position;
    UT_hash_handle hh;
} account;

typedef struct shard {
    todo__shelf shelf; /* the pages in order of use, and the lock */
    held *pages;       /* the tables */
    account *accounts;
} shard;

struct todo__pages {
    todo__hold *hold;
    shard shards[SHARDS];
};

static shard *lock_shard_of(todo__pages *pages, const todo_uuid *user)
{
    shard *place = &pages->shards[user->bytes[sizeof(user->bytes) - 1] % SHARDS];

    pthread_mutex_lock(&place->shelf.lock);
    return place;
}

static void unlock(shard *place)
{
    pthread_mutex_unlock(&place->shelf.lock);
}

static key key_of(const todo_uuid *user, const todo_list_query *query)
{
    key made = {.user = *user,
                .limit = query->limit,
                .completed = (uint8_t)query->completed,
                .sort = (uint8_t)query->sort,
                .ascending = query->ascending,
                .has_after = query->after != NULL};

    if (query->after != NULL) {
        made.after_key = query->after->key;
        made.after_id = query->after->id;
    }
    return made;
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
    if (of->pages != NULL || of->loads > 0)
        return;
    HASH_DELETE(hh, place->accounts, of);
    todo__free(of);
}

/* ---- held pages ---- */

static held *find_held(shard *place, const key *wanted)
{
    held *found;

    HASH_FIND(hh, place->pages, wanted, sizeof(*wanted), found);
    return found;
}

/* The account stays, if only for a moment. */
static void drop(shard *place, held *entry)
{
    HASH_DELETE(hh, place->pages, entry);
    todo__shelf_take(&place->shelf, &entry->thing);
    DL_DELETE(entry->account->pages, entry);
    todo__page_unref(entry->page);
    todo__free(entry);
}

static void drop_wholly(shard *place, held *entry)
{
    account *of = entry->account;

    drop(place, entry);
    free_if_idle(place, of);
}

static void drop_thing(todo__shelf *shelf, todo__held *thing)
{
    drop_wholly((shard *)shelf, (held *)thing);
}

/* Takes over the reference. */
static void hold(shard *place, account *of, const key *as, todo__page *page, const todo__page_facts *facts)
{
    held *entry = find_held(place, as);

    if (entry != NULL)
        drop(place, entry);
    entry = todo__calloc(1, sizeof(*entry));
    if (entry == NULL) {
        todo__page_unref(page);
        return;
    }
    entry->key = *as;
    HASH_ADD(hh, place->pages, key, sizeof(entry->key), entry);
    if (entry->hh.tbl == NULL) {
        todo__free(entry);
        todo__page_unref(page);
        return;
    }
    entry->page = page;
    entry->facts = *facts;
    entry->account = of;
    DL_APPEND(of->pages, entry);
    entry->thing.bytes = sizeof(*entry) + ENTRY_OVERHEAD + todo__page_bytes(page);
    todo__shelf_put(&place->shelf, &entry->thing);
}

todo__page *todo__pages_get(todo__pages *pages, const todo_uuid *user, const todo_list_query *query,
                            todo__page_facts *ret_facts)
{
    int64_t now = todo__monotonic_us();
    key wanted = key_of(user, query);
    todo__page *page = NULL;
    shard *place;
    held *entry;

    if (!todo__hold_serves(pages->hold, now))
        return NULL;
    place = lock_shard_of(pages, user);
    entry = find_held(place, &wanted);
    if (entry != NULL && now >= entry->facts.expires_at) {
        drop_wholly(place, entry);
    } else if (entry != NULL) {
        todo__shelf_use(&place->shelf, &entry->thing, now);
        *ret_facts = entry->facts;
        page = todo__page_ref(entry->page);
    }
    unlock(place);
    return page;
}

/* ---- what is heard ---- */

static void forget(shard *place, account *of)
{
    while (of->pages != NULL)
        drop(place, of->pages);
    of->has_position = false;
    of->changes++;
    free_if_idle(place, of);
}

void todo__pages_forget(todo__pages *pages, const todo_uuid *user)
{
    shard *place = lock_shard_of(pages, user);
    account *of = find_account(place, user);

    if (of != NULL)
        forget(place, of);
    unlock(place);
}

static void empty(todo__shelf *shelf)
{
    shard *place = (shard *)shelf;
    account *of, *next;

    HASH_ITER(hh, place->accounts, of, next)
    {
        forget(place, of);
    }
}

/* ---- loads ---- */

bool todo__pages_begin(todo__pages *pages, const todo_uuid *user, todo__page_load *load)
{
    uint64_t era = todo__hold_era(pages->hold);
    size_t largest = todo__hold_largest(pages->hold);
    shard *place;

    if (!todo__hold_lasts(pages->hold, era) || largest <= sizeof(held) + ENTRY_OVERHEAD)
        return false;
    *load = (todo__page_load){.user = *user, .era = era};
    place = lock_shard_of(pages, user);
    load->account = get_account(place, user);
    if (load->account != NULL) {
        load->account->loads++;
        load->changes = load->account->changes;
        load->position = load->account->position;
        load->has_position =
            load->account->has_position && todo__hold_serves(pages->hold, todo__monotonic_us());
    }
    unlock(place);
    if (load->account == NULL)
        return false;
    load->page = todo__page_new(user, largest - sizeof(held) - ENTRY_OVERHEAD);
    return true;
}

/* Whether nobody has said that something changed since the load began. The lock is held. */
static bool undisturbed(const todo__pages *pages, const todo__page_load *load)
{
    return load->account->changes == load->changes && todo__hold_lasts(pages->hold, load->era);
}

void todo__pages_learn(todo__pages *pages, const todo__page_load *load, int64_t position)
{
    shard *place = lock_shard_of(pages, &load->user);

    if (undisturbed(pages, load)) {
        load->account->has_position = true;
        load->account->position = position;
    }
    unlock(place);
}

void todo__pages_give_up(todo__page_load *load)
{
    todo__page_unref(load->page);
    load->page = NULL;
}

void todo__pages_add(todo__page_load *load, const todo_item *item)
{
    if (load->page != NULL && !todo__page_add(&load->page, item))
        todo__pages_give_up(load);
}

void todo__pages_publish(todo__pages *pages, todo__page_load *load, const todo_list_query *query,
                         const todo__page_facts *facts)
{
    key as = key_of(&load->user, query);
    shard *place;

    if (load->page == NULL)
        return;
    todo__page_finish(&load->page);
    place = lock_shard_of(pages, &load->user);
    if (undisturbed(pages, load) || !todo__guarded("list-fill")) {
        hold(place, load->account, &as, load->page, facts);
        load->page = NULL;
    }
    unlock(place);
    todo__hold_trim(pages->hold);
}

void todo__pages_end(todo__pages *pages, todo__page_load *load)
{
    shard *place = lock_shard_of(pages, &load->user);

    load->account->loads--;
    free_if_idle(place, load->account);
    unlock(place);
    todo__page_unref(load->page);
}

/* ---- the whole ---- */

todo__pages_usage todo__pages_usage_of(todo__pages *pages)
{
    todo__pages_usage usage = {0, 0};

    for (unsigned i = 0; i < SHARDS; i++) {
        shard *place = &pages->shards[i];

        pthread_mutex_lock(&place->shelf.lock);
        usage.pages += HASH_COUNT(place->pages);
        usage.bytes += place->shelf.bytes;
        unlock(place);
    }
    return usage;
}

todo_status todo__pages_new(todo__hold *hold, todo__pages **ret_pages, todo_error *error)
{
    todo__pages *pages = todo__calloc(1, sizeof(*pages));

    if (pages == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    pages->hold = hold;
    for (unsigned i = 0; i < SHARDS; i++)
        todo__shelf_init(&pages->shards[i].shelf, hold, drop_thing, empty);
    *ret_pages = pages;
    return TODO_OK;
}

void todo__pages_free(todo__pages *pages)
{
    if (pages == NULL)
        return;
    for (unsigned i = 0; i < SHARDS; i++)
        todo__shelf_clear(&pages->shards[i].shelf);
    todo__free(pages);
}

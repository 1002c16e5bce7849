#include "adapters/redis/lists.h"

#include "adapters/redis/cache.h"
#include "domain/consistency.h"
#include "util/guard.h"
#include "util/monotonic.h"

#define TTL_US ((int64_t)TODO__REDIS_TTL_SECONDS * 1000000)

/* A list that is being read from where the truth is. */
typedef struct reading {
    todo__redis_cache *cache;
    const todo_call *call;
    todo_cache_lister lister;
    void *lister_arg;
    todo_item_visit visit;
    void *arg;
    bool registered; /* the load */
    todo__page_load load;
    bool knows_note; /* what follows, of the user */
    int64_t note;
    bool visited;
} reading;

/* Whatever this process could not tell Redis counts too. */
static int64_t with_own(todo__redis_cache *cache, const todo_uuid *user, int64_t note, int64_t own_before)
{
    int64_t own = todo__floors_of(cache->notes, user);

    own = own > own_before ? own : own_before;
    if (note == TODO__NOTE_NONE && own != TODO__NOTE_DOUBT)
        return note;
    return own > note ? own : note;
}

/* Learns where the user's last change is. Once the load is registered, what comes after this answer will disturb it. */
static void learn_note(reading *this, const todo_uuid *user)
{
    todo__redis_cache *cache = this->cache;
    int64_t own = todo__floors_of(cache->notes, user);

    if (todo__floors_lost(cache->notes))
        return;
    if (this->registered && this->load.has_position) {
        this->note = this->load.position;
        this->knows_note = true;
    } else if (todo__redis_believes(cache)) {
        this->knows_note = todo__note_read(&cache->remote, this->call, user, &this->note, NULL) == TODO_OK &&
                           todo__redis_believes(cache);
        if (this->knows_note && this->registered && this->note != TODO__NOTE_DOUBT)
            todo__pages_learn(cache->pages, &this->load, this->note);
    }
    this->note = with_own(cache, user, this->note, own);
}

static todo_status show(void *arg, const todo_item *item)
{
    reading *this = arg;

    this->visited = true;
    todo__pages_add(&this->load, item);
    return this->visit(this->arg, item);
}

/*
 * Reads what has all that the user changed, wherever that was. When the primary is down and no standby is known to be
 * that far, what there is is better than nothing; but it is not held.
 */
static todo_status read_on(reading *this, todo_error *error)
{
    todo_call asking = this->call != NULL ? *this->call : (todo_call)TODO_CALL_INIT;
    todo_sequence demand;
    const todo_call *call = this->call;
    todo_status status;

    if (this->cache->replicated && this->knows_note && todo__guarded("list-position")) {
        todo__consistency_raise(&asking, todo__note_position(this->note), &demand);
        call = &asking;
    }
    status = this->lister(this->lister_arg, call, show, this, error);
    if (status != TODO_ERR_UNAVAILABLE || call == this->call || this->visited)
        return status;
    if (error != NULL)
        todo_error_init(error, error->size);
    todo__pages_give_up(&this->load);
    return this->lister(this->lister_arg, this->call, show, this, error);
}

static void keep(reading *this, const todo_list_query *query, int64_t began)
{
    const todo__page_facts facts = {.position = this->note < TODO__NOTE_UNPLACED ? this->note : 0,
                                    .read_at = began,
                                    .expires_at = began + TTL_US};

    todo__pause("list-fill");
    todo__pages_publish(this->cache->pages, &this->load, query, &facts);
}

static todo_status read_list(reading *this, const todo_uuid *user, const todo_list_query *query,
                             todo_error *error)
{
    todo__redis_cache *cache = this->cache;
    int64_t began = todo__monotonic_us();
    todo_status status;

    this->registered = todo__pages_begin(cache->pages, user, &this->load);
    if (this->registered || cache->replicated)
        learn_note(this, user);
    if (!this->knows_note || this->note == TODO__NOTE_DOUBT)
        todo__pages_give_up(&this->load);
    status = read_on(this, error);
    if (!this->registered)
        return status;
    if (status == TODO_OK)
        keep(this, query, began);
    todo__pages_end(cache->pages, &this->load);
    return status;
}

/* A client that follows what it sees gets only what all caches have heard of: another one must not undo it. */
static bool may_serve(const todo_call *call, const todo__page_facts *facts)
{
    return !todo__consistency_followed(call) || facts->read_at < todo__monotonic_us() - TODO__COHERENCE_US;
}

todo_status todo__redis_list(void *self, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                             todo_item_visit visit, void *arg, todo_error *error)
{
    todo__redis_cache *cache = self;
    reading this = {
        .cache = cache, .call = call, .lister = lister, .lister_arg = lister_arg, .visit = visit, .arg = arg};
    todo__page_facts facts;
    todo__page *page = todo__pages_get(cache->pages, user, query, &facts);
    todo_status status;

    if (page == NULL || !may_serve(call, &facts)) {
        todo__page_unref(page);
        todo__count(&cache->stats.list_misses);
        return read_list(&this, user, query, error);
    }
    todo__count(&cache->stats.list_hits);
    status = todo__page_visit(page, visit, arg);
    todo__page_unref(page);
    if (status == TODO_OK)
        todo__consistency_follow(call, (uint64_t)facts.position, 0);
    return status;
}

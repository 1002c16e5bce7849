/*
 * Answers from what this process holds, from Redis or from the database, in this order; and what a change does to them.
 * docs/internals/cache.md has the rules.
 */
#include "adapters/redis/cache.h"
#include "util/guard.h"
#include "util/monotonic.h"

/* ---- whether Redis may be believed ---- */

/*
 * After Redis could not be reached, processes that changed something meanwhile get a moment to tell it before any of them
 * believes what it holds. Without a listener the first connection of all needs no such moment: a program that has
 * just begun takes what is there as any other does.
 */
static bool believes(todo__redis_cache *cache, const todo_uuid *user)
{
    todo__redis_state state = todo__redis_state_of(cache->link);
    int64_t now = todo__monotonic_us();

    if (todo__untold_has(cache->untold, user) || now < atomic_load(&cache->listener_trust_from))
        return false;
    if (state.epoch == 0 || (state.epoch == 1 && cache->listener == NULL))
        return true;
    return now >= state.connected_at + (int64_t)cache->grace_ms * 1000;
}

void todo__redis_repair(todo__redis_cache *cache)
{
    todo__untold_user users[TODO__REMOTE_TOGETHER_MAX];
    size_t count;

    do {
        count = todo__untold_take(cache->untold, users, TODO__REMOTE_TOGETHER_MAX);
        if (count == 0 || todo__remote_repair(&cache->remote, users, count) != TODO_OK)
            return;
        for (size_t i = 0; i < count; i++)
            todo__untold_settle(cache->untold, &users[i]);
    } while (count == TODO__REMOTE_TOGETHER_MAX);
}

/* Redis answers. Without a listener, whose thread would repair, the caller does. */
static void note_answer(todo__redis_cache *cache)
{
    if (cache->listener == NULL && todo__untold_count(cache->untold) > 0)
        todo__redis_repair(cache);
}

/* ---- reading ---- */

/* A read under way. */
typedef struct reading {
    todo__redis_cache *cache;
    const todo_call *call; /* the caller's, or NULL */
    const todo_uuid *user;
    bool registered; /* the load */
    todo__load load;
    bool knows; /* what Redis said of the user can be believed */
    todo__user_state state;
    todo_sequence as_of; /* of the database's answer */
    bool raised;         /* the database was asked for more than the caller did */
    bool shown;          /* a todo was handed on */
    /* One of: */
    todo_cache_loader loader;
    todo_cache_lister lister;
    void *source; /* the argument of either */
    const todo_item *item;
    todo_item_visit visit;
    void *visit_arg;
} reading;

static bool meets(const todo_call *call, const todo_sequence *as_of)
{
    return call == NULL || call->at_least == NULL || todo_sequence_compare(as_of, call->at_least) >= 0 ||
           !todo__guarded("demand");
}

static void give_sequence(const todo_call *call, const todo_sequence *as_of)
{
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = *as_of;
}

/* The held answer, if it shows what the call demands. */
static todo__answer *find_held(todo__redis_cache *cache, const todo_call *call, const todo__held_key *key)
{
    todo_sequence as_of;
    todo__answer *answer = todo__held_get(cache->held, key, &as_of);

    if (answer != NULL && !meets(call, &as_of)) {
        todo__answer_unref(answer);
        return NULL;
    }
    if (answer != NULL)
        give_sequence(call, &as_of);
    return answer;
}

/*
 * Asks Redis about the user, and about a todo if `id` is not NULL. Meanwhile the connection may have been lost and made
 * again, or another thread may have failed to tell Redis of a change: then the answer counts for nothing.
 */
static void look(reading *this, const todo_uuid *id, const todo_item **ret_item)
{
    todo__redis_cache *cache = this->cache;
    const todo_item *item = NULL;

    if (!believes(cache, this->user)) {
        todo__count(&cache->stats.bypassed);
        return;
    }
    if (todo__remote_look(&cache->remote, this->call, this->user, id, &this->state, &item, NULL) != TODO_OK)
        return;
    this->knows = believes(cache, this->user);
    if (this->knows && item != NULL)
        *ret_item = item;
    else
        todo_item_unref(item);
    note_answer(cache);
}

/* Whether what the database says may be kept for other readers. */
static bool may_keep(const reading *this)
{
    return this->knows && !this->state.closed && this->as_of.epoch != 0 &&
           (todo_sequence_compare(&this->as_of, &this->state.latest) >= 0 || !todo__guarded("fill-demand"));
}

static todo_status ask_database(reading *this, const todo_call *call, todo_error *error);

/*
 * Reads the database, in a state that has all that Redis has heard of; where Redis knows no number, in the latest one.
 * When no server shows that state, a caller that did not demand it gets what there is, and it is not kept.
 */
static todo_status read_database(reading *this, todo_error *error)
{
    static const todo_sequence now = TODO_SEQUENCE_NOW;
    todo_call asking = this->call != NULL ? *this->call : (todo_call)TODO_CALL_INIT;
    const todo_sequence *latest = this->state.latest.epoch != 0 ? &this->state.latest : &now;
    todo_status status;

    asking.ret_sequence = &this->as_of;
    this->raised = this->knows && todo__guarded("fill-demand") &&
                   (asking.at_least == NULL || todo_sequence_compare(asking.at_least, latest) < 0);
    if (this->raised)
        asking.at_least = latest;
    status = ask_database(this, &asking, error);
    if (status == TODO_ERR_UNAVAILABLE && this->raised && !this->shown) {
        if (error != NULL)
            todo_error_init(error, error->size);
        this->knows = false;
        todo__held_give_up(&this->load);
        asking.at_least = this->call != NULL ? this->call->at_least : NULL;
        this->as_of = (todo_sequence){0, 0};
        status = ask_database(this, &asking, error);
    }
    give_sequence(this->call, &this->as_of);
    return status;
}

/*
 * The database knows of more than Redis does: a change that is on its way there, or whose process died. Nothing older may
 * be answered after this, by this process at once and by the others as soon as they hear of it.
 */
static bool is_ahead(const reading *this)
{
    return this->state.there && this->state.latest.epoch != 0 &&
           todo_sequence_compare(&this->as_of, &this->state.latest) > 0;
}

/* Keeps what the database said: here, and a todo in Redis too. */
static void keep(reading *this, const todo__held_key *key)
{
    todo__redis_cache *cache = this->cache;

    if (!may_keep(this))
        return;
    todo__pause("fill");
    if (this->registered)
        todo__held_publish(cache->held, &this->load, key, this->as_of);
    if (this->state.there && (this->item != NULL || is_ahead(this)))
        (void)todo__remote_fill(&cache->remote, this->call, this->user, &this->state, &this->as_of,
                                this->item, NULL);
    if (is_ahead(this))
        todo__held_forget(cache->held, this->user);
}

/* ---- todos ---- */

static todo_status read_item(reading *this, const todo_uuid *id, const todo__held_key *key,
                             const todo_item **ret_item, todo_error *error)
{
    todo__redis_cache *cache = this->cache;
    const todo_item *item = NULL;
    todo_status status;

    look(this, id, &item);
    if (item != NULL && meets(this->call, &this->state.latest)) {
        todo__count(&cache->stats.hits);
        if (this->registered) {
            todo__held_add(cache->held, &this->load, item);
            todo__held_publish(cache->held, &this->load, key, this->state.latest);
        }
        give_sequence(this->call, &this->state.latest);
        *ret_item = item;
        return TODO_OK;
    }
    todo_item_unref(item);
    todo__count(&cache->stats.misses);
    /* A fill names the life that it found before it read the database: then no change can have come and gone unseen. */
    if (this->knows && !this->state.there)
        this->knows =
            todo__remote_open(&cache->remote, this->call, this->user, &this->state, NULL) == TODO_OK;
    status = read_database(this, error);
    if (status != TODO_OK)
        return status;
    if (this->registered)
        todo__held_add(cache->held, &this->load, this->item);
    keep(this, key);
    *ret_item = this->item;
    return TODO_OK;
}

todo_status todo__redis_load(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                             todo_cache_loader loader, void *loader_arg, const todo_item **ret_item,
                             todo_error *error)
{
    todo__redis_cache *cache = self;
    todo__held_key key = todo__held_key_of_item(user, id);
    todo__answer *answer = find_held(cache, call, &key);
    reading this = {.cache = cache, .call = call, .user = user, .loader = loader, .source = loader_arg};
    todo_status status;

    if (answer != NULL) {
        todo__count(&cache->stats.local_hits);
        *ret_item = todo__answer_item(answer);
        todo__answer_unref(answer);
        return TODO_OK;
    }
    this.registered = todo__held_begin(cache->held, user, &this.load);
    status = read_item(&this, id, &key, ret_item, error);
    if (this.registered)
        todo__held_end(cache->held, &this.load);
    return status;
}

/* ---- lists ---- */

static todo_status show(void *arg, const todo_item *item)
{
    reading *this = arg;

    this->shown = true;
    if (this->registered)
        todo__held_add(this->cache->held, &this->load, item);
    return this->visit(this->visit_arg, item);
}

static todo_status ask_database(reading *this, const todo_call *call, todo_error *error)
{
    if (this->loader != NULL)
        return this->loader(this->source, call, &this->item, error);
    return this->lister(this->source, call, show, this, error);
}

static todo_status read_list(reading *this, const todo__held_key *key, todo_error *error)
{
    todo_status status;

    if (this->registered || this->cache->replicated)
        look(this, NULL, NULL);
    status = read_database(this, error);
    if (status == TODO_OK)
        keep(this, key);
    return status;
}

todo_status todo__redis_list(void *self, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                             todo_item_visit visit, void *arg, todo_error *error)
{
    todo__redis_cache *cache = self;
    todo__held_key key = todo__held_key_of_list(user, query);
    todo__answer *answer = find_held(cache, call, &key);
    reading this = {.cache = cache,
                    .call = call,
                    .user = user,
                    .lister = lister,
                    .source = lister_arg,
                    .visit = visit,
                    .visit_arg = arg};
    todo_status status;

    if (answer != NULL) {
        todo__count(&cache->stats.list_hits);
        status = todo__answer_visit(answer, visit, arg);
        todo__answer_unref(answer);
        return status;
    }
    todo__count(&cache->stats.list_misses);
    this.registered = todo__held_begin(cache->held, user, &this.load);
    status = read_list(&this, &key, error);
    if (this.registered)
        todo__held_end(cache->held, &this.load);
    return status;
}

/* ---- changing ---- */

/*
 * What Redis could not be told is remembered first, then this process drops what it held: in this order, a reader that
 * begins after the change was answered finds one or the other.
 */
todo_status todo__redis_change(void *self, const todo_call *call, const todo_cache_change *change,
                               todo_error *error)
{
    todo__redis_cache *cache = self;
    bool unknown = change->sequence.epoch == 0;
    todo_status status;

    todo__pause("tell");
    status = unknown ? todo__remote_close(&cache->remote, call, &change->user, error)
                     : todo__remote_change(&cache->remote, call, change, error);
    if (status != TODO_OK)
        todo__untold_add(cache->untold, &change->user, unknown);
    if (todo__guarded("own"))
        todo__held_forget(cache->held, &change->user);
    if (status == TODO_OK)
        note_answer(cache);
    return status;
}

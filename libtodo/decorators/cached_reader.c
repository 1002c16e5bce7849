#include <todo/port/decorators.h>

#include "domain/consistency.h"
#include "util/alloc.h"
#include "util/entry.h"

typedef struct cached_reader {
    todo_reader *inner;
    todo_cache *cache;
} cached_reader;

static void destroy(void *self)
{
    cached_reader *reader = self;

    todo_reader_unref(reader->inner);
    todo_cache_unref(reader->cache);
    todo__free(reader);
}

/* A read under way, for the cache to go on with when it does not hold the item. */
typedef struct reading {
    todo_reader *inner;
    const todo_call *call;
    const todo_uuid *user;
    const todo_uuid *id;
} reading;

static todo_status read_on(void *arg, const todo_item **ret_item, todo_error *error)
{
    const reading *this = arg;

    return todo_reader_get(this->inner, this->call, this->user, this->id, ret_item, error);
}

/*
 * A hit says nothing of the position in the database's log behind which the item is. For a client that follows what it
 * sees, one so new that a standby or another cache may not have it is read from the database, which knows.
 */
static todo_status follow(const cached_reader *reader, const todo_call *call, const todo_uuid *user,
                          const todo_uuid *id, const todo_item *hit, const todo_item **ret_item,
                          todo_error *error)
{
    if (!todo__consistency_young(hit->updated_at)) {
        *ret_item = hit;
        return TODO_OK;
    }
    todo_item_unref(hit);
    return todo_reader_get(reader->inner, call, user, id, ret_item, error);
}

/*
 * The cache knows no owners, so whose item it gave is looked at here; the store then says whether there is such a user. It may not have heard yet of a change made
 * elsewhere a moment ago: who must see that does not ask it.
 */
static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    cached_reader *reader = self;
    reading this = {reader->inner, call, user, id};
    const todo_item *item = NULL;
    todo_status status;

    if (todo__consistency_fresh(call))
        return todo_reader_get(reader->inner, call, user, id, ret_item, error);
    status = todo_cache_load(reader->cache, call, id, read_on, &this, &item, error);
    if (status != TODO_OK)
        return status;
    if (todo_uuid_compare(&item->user_id, user) != 0) {
        todo_item_unref(item);
        return todo_reader_get(reader->inner, call, user, id, ret_item, error);
    }
    if (todo__consistency_followed(call) && call->ret_sequence->epoch == 0)
        return follow(reader, call, user, id, item, ret_item, error);
    *ret_item = item;
    return TODO_OK;
}

/* A list under way, for the cache to go on with when it does not hold it. */
typedef struct listing {
    todo_reader *inner;
    const todo_uuid *user;
    const todo_list_query *query;
} listing;

static todo_status list_on(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                           todo_error *error)
{
    const listing *this = arg;

    return todo_reader_list(this->inner, call, this->user, this->query, visit, visit_arg, error);
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    cached_reader *reader = self;
    listing this = {reader->inner, user, query};

    if (todo__consistency_fresh(call))
        return todo_reader_list(reader->inner, call, user, query, visit, arg, error);
    return todo_cache_list(reader->cache, call, user, query, list_on, &this, visit, arg, error);
}

static todo_status count_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    return todo_reader_count_trash(((cached_reader *)self)->inner, call, user, deleted_before, ret_count,
                                   error);
}

static todo_status get_trashed(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error)
{
    return todo_reader_get_trashed(((cached_reader *)self)->inner, call, user, id, ret_item, error);
}

todo_status todo_cached_reader_new(todo_reader *inner, todo_cache *cache, todo_reader **ret_reader,
                                   todo_error *error)
{
    static const todo_reader_ops ops = {.size = sizeof(ops),
                                        .destroy = destroy,
                                        .get = get,
                                        .list = list,
                                        .count_trash = count_trash,
                                        .get_trashed = get_trashed};
    cached_reader *reader;
    todo_status status;

    if (!todo__given(error, inner, cache, ret_reader))
        return TODO_ERR_INVALID;
    reader = todo__malloc(sizeof(*reader));
    if (reader == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    reader->inner = todo_reader_ref(inner);
    reader->cache = todo_cache_ref(cache);
    status = todo_reader_new(&ops, reader, ret_reader, error);
    if (status != TODO_OK)
        destroy(reader);
    return status;
}

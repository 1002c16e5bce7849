#include <todo/port/cache.h>

#include "domain/call.h"
#include "ports/cache.h"
#include "ports/port.h"
#include "util/structs.h"

static todo_status no_get(void *self, const todo_call *call, const todo_uuid *id, const todo_item **ret_item,
                          todo_error *error)
{
    (void)self, (void)call, (void)id, (void)ret_item;
    return todo__port_unsupported(error);
}

static todo_status no_put(void *self, const todo_call *call, const todo_item *item, todo_error *error)
{
    (void)self, (void)call, (void)item;
    return todo__port_unsupported(error);
}

static todo_status no_remove(void *self, const todo_call *call, const todo_uuid *id, todo_error *error)
{
    (void)self, (void)call, (void)id;
    return todo__port_unsupported(error);
}

static todo_status complete(todo_cache_ops *ops, todo_error *error)
{
    (void)error;
    if (ops->get == NULL)
        ops->get = no_get;
    if (ops->put == NULL)
        ops->put = no_put;
    if (ops->remove == NULL)
        ops->remove = no_remove;
    return TODO_OK;
}

TODO__DEFINE_PORT(todo_cache, ret_cache);

void *todo__cache_self(const todo_cache *cache)
{
    return cache->self;
}

todo_status todo_cache_get(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                           const todo_item **ret_item, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, id, ret_item);

    if (status == TODO_OK)
        status = cache->ops.get(cache->self, call, id, ret_item, error);
    return todo__leave(status, error);
}

todo_status todo_cache_put(todo_cache *cache, const todo_call *call, const todo_item *item, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, item);

    if (status == TODO_OK)
        status = cache->ops.put(cache->self, call, item, error);
    return todo__leave(status, error);
}

todo_status todo_cache_remove(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                              todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, id);

    if (status == TODO_OK)
        status = cache->ops.remove(cache->self, call, id, error);
    return todo__leave(status, error);
}

todo_status todo_cache_remove_at(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                                 int64_t version, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, id, version >= 1);

    if (status != TODO_OK)
        return status;
    if (cache->ops.remove_at == NULL)
        return todo__leave(cache->ops.remove(cache->self, call, id, error), error);
    return todo__leave(cache->ops.remove_at(cache->self, call, id, version, error), error);
}

/*
 * A cache that did not answer is not asked to hold the item either: its trouble would cost the call a second time. The
 * put after a miss can't bring an older state back, for it carries the version that the database gave.
 */
static todo_status get_load_put(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                                todo_cache_loader loader, void *arg, const todo_item **ret_item,
                                todo_error *error)
{
    const todo_item *item = NULL;
    bool answers = todo_cache_get(cache, call, id, &item, NULL) == TODO_OK;
    todo_status status;

    if (answers && item != NULL) {
        *ret_item = item;
        return TODO_OK;
    }
    status = loader(arg, ret_item, error);
    if (status == TODO_OK && answers)
        (void)todo_cache_put(cache, call, *ret_item, NULL);
    return status;
}

todo_status todo_cache_load(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                            todo_cache_loader loader, void *arg, const todo_item **ret_item,
                            todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, id, loader, ret_item);

    if (status != TODO_OK)
        return status;
    if (cache->ops.load == NULL)
        return todo__leave(get_load_put(cache, call, id, loader, arg, ret_item, error), error);
    return todo__leave(cache->ops.load(cache->self, call, id, loader, arg, ret_item, error), error);
}

todo_status todo_cache_put_many(todo_cache *cache, const todo_call *call, const todo_item *const *items,
                                size_t count, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, items);

    if (status != TODO_OK)
        return status;
    if (cache->ops.put_many != NULL)
        return todo__leave(cache->ops.put_many(cache->self, call, items, count, error), error);
    for (size_t i = 0; i < count && status == TODO_OK; i++)
        status = todo_cache_put(cache, call, items[i], error);
    return status;
}

todo_status todo_cache_list(todo_cache *cache, const todo_call *call, const todo_uuid *user,
                            const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                            todo_item_visit visit, void *arg, todo_error *error)
{
    todo_list_query known = TODO_LIST_QUERY_INIT;
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, user, lister, visit);

    if (status == TODO_OK && query != NULL)
        status = todo__struct_take(&known, sizeof(known), query, error);
    if (status != TODO_OK)
        return status;
    if (known.limit == 0)
        known.limit = TODO_LIST_DEFAULT;
    if (cache->ops.list == NULL || known.deleted)
        return todo__leave(lister(lister_arg, call, visit, arg, error), error);
    return todo__leave(
        cache->ops.list(cache->self, call, user, &known, lister, lister_arg, visit, arg, error), error);
}

void todo_cache_change_init(todo_cache_change *change, size_t size)
{
    todo__struct_init(change, size);
}

/* All of it, whichever fails; the first failure is told. */
static todo_status put_and_remove(todo_cache *cache, const todo_call *call, const todo_cache_change *change,
                                  todo_error *error)
{
    todo_status put = TODO_OK, removed = TODO_OK;

    if (change->item_count > 0)
        put = todo_cache_put_many(cache, call, change->items, change->item_count, error);
    if (change->removed != NULL && change->removed_version != 0)
        removed = todo_cache_remove_at(cache, call, change->removed, change->removed_version,
                                       put == TODO_OK ? error : NULL);
    else if (change->removed != NULL)
        removed = todo_cache_remove(cache, call, change->removed, put == TODO_OK ? error : NULL);
    return put != TODO_OK ? put : removed;
}

todo_status todo_cache_note_change(todo_cache *cache, const todo_call *call, const todo_cache_change *change,
                                   todo_error *error)
{
    todo_cache_change known;
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, change);

    if (status == TODO_OK)
        status = todo__struct_take(&known, sizeof(known), change, error);
    if (status != TODO_OK)
        return status;
    if (!todo__given(error, known.items || known.item_count == 0))
        return TODO_ERR_INVALID;
    if (cache->ops.change == NULL)
        return put_and_remove(cache, call, &known, error);
    return todo__leave(cache->ops.change(cache->self, call, &known, error), error);
}

#include <todo/port/cache.h>

#include "domain/call.h"
#include "ports/cache.h"
#include "ports/port.h"
#include "util/structs.h"

static todo_status just_load(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                             todo_cache_loader loader, void *arg, const todo_item **ret_item,
                             todo_error *error)
{
    (void)self, (void)user, (void)id;
    return loader(arg, call, ret_item, error);
}

static todo_status just_list(void *self, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                             todo_item_visit visit, void *arg, todo_error *error)
{
    (void)self, (void)user, (void)query;
    return lister(lister_arg, call, visit, arg, error);
}

static todo_status ignore(void *self, const todo_call *call, const todo_cache_change *change,
                          todo_error *error)
{
    (void)self, (void)call, (void)change, (void)error;
    return TODO_OK;
}

static todo_status complete(todo_cache_ops *ops, todo_error *error)
{
    (void)error;
    if (ops->load == NULL)
        ops->load = just_load;
    if (ops->list == NULL)
        ops->list = just_list;
    if (ops->change == NULL)
        ops->change = ignore;
    return TODO_OK;
}

TODO__DEFINE_PORT(todo_cache, ret_cache);

void *todo__cache_self(const todo_cache *cache)
{
    return cache->self;
}

todo_status todo_cache_load(todo_cache *cache, const todo_call *call, const todo_uuid *user,
                            const todo_uuid *id, todo_cache_loader loader, void *arg,
                            const todo_item **ret_item, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, cache, user, id, loader, ret_item);

    if (status == TODO_OK)
        status =
            todo__leave(cache->ops.load(cache->self, call, user, id, loader, arg, ret_item, error), error);
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
    if (known.deleted)
        return todo__leave(lister(lister_arg, call, visit, arg, error), error);
    return todo__leave(
        cache->ops.list(cache->self, call, user, &known, lister, lister_arg, visit, arg, error), error);
}

void todo_cache_change_init(todo_cache_change *change, size_t size)
{
    todo__struct_init(change, size);
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
    if (!todo__given(error, known.items || known.item_count == 0) ||
        !todo__given(error, known.removed || known.removed_count == 0))
        return TODO_ERR_INVALID;
    return todo__leave(cache->ops.change(cache->self, call, &known, error), error);
}

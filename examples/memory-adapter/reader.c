/* TodoReader */
#include "store.h"

#include <stdlib.h>

static todo_status get_from(memory_store *store, bool in_trash, const todo_call *call, const todo_uuid *user,
                            const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    todo_status status = memory_lock(store, call, error);
    todo_sequence *sequence;
    size_t at;

    if (status != TODO_OK)
        return status;
    at = memory_find_own_item_in(store, user, id, in_trash);
    status = memory_see_user(store, call, user, &sequence, error);
    if (status == TODO_OK && at < store->item_count)
        *ret_item = todo_item_ref(store->items[at]);
    else if (status == TODO_OK)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    memory_unlock(store);
    return status;
}

static todo_status memory_get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                              const todo_item **ret_item, todo_error *error)
{
    return get_from(self, false, call, user, id, ret_item, error);
}

static todo_status memory_get_trashed(void *self, const todo_call *call, const todo_uuid *user,
                                      const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    return get_from(self, true, call, user, id, ret_item, error);
}

static int compare_times(todo_time a, todo_time b)
{
    return (a > b) - (a < b);
}

/* Where an item is, seen from a cursor, in ascending order. */
static int compare_to_cursor(const todo_item *item, todo_sort_key sort, const todo_cursor *cursor)
{
    int order =
        compare_times(sort == TODO_SORT_UPDATED_AT ? item->updated_at : item->created_at, cursor->key);

    return order != 0 ? order : todo_uuid_compare(&item->id, &cursor->id);
}

static int compare_created(const void *a, const void *b)
{
    const todo_item *first = *(const todo_item *const *)a, *second = *(const todo_item *const *)b;

    return compare_to_cursor(first, TODO_SORT_CREATED_AT, &(todo_cursor){second->created_at, second->id});
}

static int compare_updated(const void *a, const void *b)
{
    const todo_item *first = *(const todo_item *const *)a, *second = *(const todo_item *const *)b;

    return compare_to_cursor(first, TODO_SORT_UPDATED_AT, &(todo_cursor){second->updated_at, second->id});
}

static bool is_wanted(const todo_item *item, const todo_uuid *user, const todo_list_query *query)
{
    if (todo_uuid_compare(&item->user_id, user) != 0 || (item->deleted_at != 0) != query->deleted)
        return false;
    if (query->completed != TODO_ANY && item->completed != (query->completed == TODO_ONLY_TRUE))
        return false;
    if (query->after == NULL)
        return true;
    return query->ascending ? compare_to_cursor(item, query->sort, query->after) > 0
                            : compare_to_cursor(item, query->sort, query->after) < 0;
}

/* References to the items asked for, in ascending order. The visits happen without the lock: they may call back. */
static todo_status collect(memory_store *store, const todo_call *call, const todo_uuid *user,
                           const todo_list_query *query, const todo_item ***ret_items, size_t *ret_count,
                           todo_error *error)
{
    todo_status status = memory_lock(store, call, error);
    const todo_item **items;
    todo_sequence *sequence;
    size_t count = 0;

    if (status != TODO_OK)
        return status;
    status = memory_see_user(store, call, user, &sequence, error);
    if (status != TODO_OK) {
        memory_unlock(store);
        return status;
    }
    items = malloc((store->item_count + 1) * sizeof(const todo_item *));
    for (size_t i = 0; items != NULL && i < store->item_count; i++)
        if (is_wanted(store->items[i], user, query))
            items[count++] = todo_item_ref(store->items[i]);
    memory_unlock(store);
    if (items == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    qsort(items, count, sizeof(const todo_item *),
          query->sort == TODO_SORT_UPDATED_AT ? compare_updated : compare_created);
    *ret_items = items;
    *ret_count = count;
    return TODO_OK;
}

static todo_status memory_list(void *self, const todo_call *call, const todo_uuid *user,
                               const todo_list_query *query, todo_item_visit visit, void *arg,
                               todo_error *error)
{
    const todo_item **items = NULL;
    size_t count = 0;
    todo_status status = collect(self, call, user, query, &items, &count, error);

    for (size_t i = 0; status == TODO_OK && i < count && i < query->limit; i++) {
        status = visit(arg, items[query->ascending ? i : count - 1 - i]);
        if (status != TODO_OK)
            todo_error_set(error, status, NULL, NULL, NULL);
    }
    for (size_t i = 0; i < count; i++)
        todo_item_unref(items[i]);
    free(items);
    return status;
}

static todo_status memory_count_trash(void *self, const todo_call *call, const todo_uuid *user,
                                      todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    uint64_t count = 0;

    if (status != TODO_OK)
        return status;
    for (size_t i = 0; i < store->item_count; i++)
        count += memory_is_old_trash(store->items[i], user, deleted_before);
    memory_unlock(store);
    *ret_count = count;
    return TODO_OK;
}

todo_status memory_reader_new(memory_store *store, todo_reader **ret_reader, todo_error *error)
{
    static const todo_reader_ops ops = {.size = sizeof(ops),
                                        .destroy = memory_unref,
                                        .get = memory_get,
                                        .list = memory_list,
                                        .count_trash = memory_count_trash,
                                        .get_trashed = memory_get_trashed};
    todo_status status = todo_reader_new(&ops, memory_ref(store), ret_reader, error);

    if (status != TODO_OK)
        memory_unref(store);
    return status;
}

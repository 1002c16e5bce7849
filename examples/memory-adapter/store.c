#include "store.h"

#include <stdlib.h>

todo_status memory_lock(memory_store *store, const todo_call *call, todo_error *error)
{
    if (todo_call_remaining(call) == 0)
        return todo_error_set(error, TODO_ERR_TIMEOUT, NULL, NULL, NULL);
    pthread_mutex_lock(&store->lock);
    return TODO_OK;
}

void memory_unlock(memory_store *store)
{
    pthread_mutex_unlock(&store->lock);
}

memory_store *memory_ref(memory_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->owners++;
    pthread_mutex_unlock(&store->lock);
    return store;
}

void memory_unref(void *self)
{
    memory_store *store = self;
    unsigned left;

    pthread_mutex_lock(&store->lock);
    left = --store->owners;
    pthread_mutex_unlock(&store->lock);
    if (left > 0)
        return;
    for (size_t i = 0; i < store->item_count; i++)
        todo_item_unref(store->items[i]);
    for (size_t i = 0; i < store->user_count; i++)
        todo_user_unref(store->users[i]);
    pthread_mutex_destroy(&store->lock);
    free(store->items);
    free(store->users);
    free(store->sequences);
    free(store);
}

size_t memory_find_own_item(const memory_store *store, const todo_uuid *user, const todo_uuid *id)
{
    size_t at = 0;

    while (at < store->item_count && (todo_uuid_compare(&store->items[at]->id, id) != 0 ||
                                      todo_uuid_compare(&store->items[at]->user_id, user) != 0))
        at++;
    return at;
}

size_t memory_find_own_item_in(const memory_store *store, const todo_uuid *user, const todo_uuid *id,
                               bool in_trash)
{
    size_t at = memory_find_own_item(store, user, id);

    return at < store->item_count && (store->items[at]->deleted_at != 0) != in_trash ? store->item_count : at;
}

size_t memory_find_user(const memory_store *store, const todo_uuid *id)
{
    size_t at = 0;

    while (at < store->user_count && todo_uuid_compare(&store->users[at]->id, id) != 0)
        at++;
    return at;
}

static void tell(const todo_call *call, const todo_sequence *sequence)
{
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = *sequence;
}

todo_status memory_see_user(memory_store *store, const todo_call *call, const todo_uuid *user,
                            todo_sequence **ret_sequence, todo_error *error)
{
    size_t at = memory_find_user(store, user);

    if (at == store->user_count)
        return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
    /* What this store shows is always what there is now. */
    if (call != NULL && call->at_least != NULL && call->at_least->epoch != UINT64_MAX &&
        todo_sequence_compare(&store->sequences[at], call->at_least) < 0)
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "sequence_unavailable", NULL, NULL);
    tell(call, &store->sequences[at]);
    *ret_sequence = &store->sequences[at];
    return TODO_OK;
}

void memory_count_change(const todo_call *call, todo_sequence *sequence)
{
    sequence->number++;
    tell(call, sequence);
}

void memory_drop_item(memory_store *store, size_t at)
{
    todo_item_unref(store->items[at]);
    store->items[at] = store->items[--store->item_count];
}

bool memory_is_old_trash(const todo_item *item, const todo_uuid *user, todo_time deleted_before)
{
    if (user != NULL && todo_uuid_compare(&item->user_id, user) != 0)
        return false;
    return item->deleted_at != 0 && item->deleted_at < deleted_before;
}

todo_status memory_new(todo_reader **ret_reader, todo_writer **ret_writer, todo_users **ret_users,
                       todo_error *error)
{
    memory_store *store = calloc(1, sizeof(*store));
    todo_reader *reader = NULL;
    todo_writer *writer = NULL;
    todo_users *users = NULL;
    todo_status status;

    if (store == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    pthread_mutex_init(&store->lock, NULL);
    store->owners = 1; /* this function's, until the ports hold theirs */
    status = memory_reader_new(store, &reader, error);
    if (status == TODO_OK)
        status = memory_writer_new(store, &writer, error);
    if (status == TODO_OK)
        status = memory_users_new(store, &users, error);
    memory_unref(store);
    if (status != TODO_OK) {
        todo_reader_unref(reader);
        todo_writer_unref(writer);
        return status;
    }
    *ret_reader = reader;
    *ret_writer = writer;
    *ret_users = users;
    return TODO_OK;
}

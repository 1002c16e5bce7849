/* TodoWriter */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include <todo/port/build.h>

static todo_status check_new_items(const memory_store *store, const todo_item *const *items, size_t count,
                                   todo_error *error)
{
    for (size_t i = 0; i < count; i++) {
        bool taken = memory_find_own_item(store, &items[i]->user_id, &items[i]->id) < store->item_count;

        for (size_t j = 0; j < i && !taken; j++)
            taken = todo_uuid_compare(&items[i]->id, &items[j]->id) == 0;
        if (taken)
            return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", NULL, NULL);
    }
    return TODO_OK;
}

/* A copy of the item that has this number, or NULL. */
static const todo_item *numbered(const todo_item *item, uint64_t number)
{
    todo_item members = *item;
    const todo_item *copy = NULL;

    members.modseq = (int64_t)number;
    return todo_item_build(&members, sizeof(members), &copy, NULL) == TODO_OK ? copy : NULL;
}

/* All or none: what can fail comes before anything is changed. The items are numbered behind `number`. */
static todo_status append(memory_store *store, const todo_item *const *items, size_t count, uint64_t number,
                          todo_error *error)
{
    size_t kept = 0;

    if (store->item_room - store->item_count < count) {
        size_t room = 2 * store->item_room + count;
        const todo_item **larger = realloc(store->items, room * sizeof(*larger));

        if (larger == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        store->items = larger;
        store->item_room = room;
    }
    for (; kept < count; kept++) {
        store->items[store->item_count + kept] = numbered(items[kept], number + kept + 1);
        if (store->items[store->item_count + kept] == NULL)
            break;
    }
    if (kept < count) {
        while (kept-- > 0)
            todo_item_unref(store->items[store->item_count + kept]);
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    }
    store->item_count += count;
    return TODO_OK;
}

static todo_status memory_insert(void *self, const todo_call *call, const todo_item *const *items,
                                 size_t count, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    todo_sequence *sequence;

    if (status != TODO_OK)
        return status;
    status = memory_see_user(store, call, &items[0]->user_id, &sequence, error);
    if (status == TODO_OK)
        status = check_new_items(store, items, count, error);
    if (status == TODO_OK)
        status = append(store, items, count, sequence->number, error);
    for (size_t i = 0; status == TODO_OK && i < count; i++)
        memory_count_change(call, sequence);
    memory_unlock(store);
    return status;
}

/* Finds the todo to change; whether it may be changed is then for todo_item_apply and its kin. With the lock held. */
static todo_status find_to_change(memory_store *store, const todo_call *call, const todo_uuid *user,
                                  const todo_uuid *id, todo_sequence **ret_sequence, size_t *ret_at,
                                  todo_error *error)
{
    size_t at = memory_find_own_item(store, user, id);
    todo_status status = memory_see_user(store, call, user, ret_sequence, error);

    if (status != TODO_OK)
        return status;
    if (at == store->item_count)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    *ret_at = at;
    return TODO_OK;
}

/*
 * Puts a changed item, whose reference it takes over, in the place of the old one, numbered and counted; one of the old
 * version was not changed. Gives a reference. With the lock held.
 */
static todo_status replace(memory_store *store, size_t at, const todo_item *changed, const todo_call *call,
                           todo_sequence *sequence, const todo_item **ret_item, todo_error *error)
{
    const todo_item *kept = changed;

    if (changed->version != store->items[at]->version) {
        kept = numbered(changed, sequence->number + 1);
        todo_item_unref(changed);
        if (kept == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        memory_count_change(call, sequence);
    }
    todo_item_unref(store->items[at]);
    store->items[at] = kept;
    *ret_item = todo_item_ref(kept);
    return TODO_OK;
}

static todo_status memory_update(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, const todo_item_patch *patch, todo_time now,
                                 const todo_item **ret_item, todo_error *error)
{
    memory_store *store = self;
    const todo_item *changed = NULL;
    todo_status status = memory_lock(store, call, error);
    todo_sequence *sequence = NULL;
    size_t at = 0;

    if (status != TODO_OK)
        return status;
    status = find_to_change(store, call, user, id, &sequence, &at, error);
    if (status == TODO_OK)
        status = todo_item_apply(store->items[at], patch, now, &changed, error);
    if (status == TODO_OK)
        status = replace(store, at, changed, call, sequence, ret_item, error);
    memory_unlock(store);
    return status;
}

static todo_status memory_remove(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, int64_t if_version, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    todo_sequence *sequence = NULL;
    size_t at = 0;

    if (status != TODO_OK)
        return status;
    status = find_to_change(store, call, user, id, &sequence, &at, error);
    if (status == TODO_OK && if_version != 0 && if_version != store->items[at]->version)
        status = todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    if (status == TODO_OK) {
        memory_drop_item(store, at);
        memory_count_change(call, sequence);
    }
    memory_unlock(store);
    return status;
}

/* todo_item_trash or todo_item_restore */
typedef todo_status move_function(const todo_item *item, int64_t if_version, todo_time now,
                                  const todo_item **ret_item, todo_error *error);

static todo_status move(memory_store *store, const todo_call *call, move_function *function,
                        const todo_uuid *user, const todo_uuid *id, int64_t if_version, todo_time now,
                        const todo_item **ret_item, todo_error *error)
{
    const todo_item *changed = NULL;
    todo_status status = memory_lock(store, call, error);
    todo_sequence *sequence = NULL;
    size_t at = 0;

    if (status != TODO_OK)
        return status;
    status = find_to_change(store, call, user, id, &sequence, &at, error);
    if (status == TODO_OK)
        status = function(store->items[at], if_version, now, &changed, error);
    if (status == TODO_OK)
        status = replace(store, at, changed, call, sequence, ret_item, error);
    memory_unlock(store);
    return status;
}

static todo_status memory_trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                                int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    const todo_item *trashed = NULL;
    todo_status status = move(self, call, todo_item_trash, user, id, if_version, now, &trashed, error);

    if (status == TODO_OK)
        *ret_version = trashed->version;
    todo_item_unref(trashed);
    return status;
}

static todo_status memory_restore(void *self, const todo_call *call, const todo_uuid *user,
                                  const todo_uuid *id, int64_t if_version, todo_time now,
                                  const todo_item **ret_item, todo_error *error)
{
    return move(self, call, todo_item_restore, user, id, if_version, now, ret_item, error);
}

/* The one of the old trash that was deleted first, or the count. With the lock held. */
static size_t find_oldest_trash(const memory_store *store, const todo_uuid *user, todo_time deleted_before)
{
    size_t oldest = store->item_count;

    for (size_t i = 0; i < store->item_count; i++)
        if (memory_is_old_trash(store->items[i], user, deleted_before) &&
            (oldest == store->item_count || store->items[i]->deleted_at < store->items[oldest]->deleted_at))
            oldest = i;
    return oldest;
}

static todo_status memory_purge(void *self, const todo_call *call, const todo_uuid *user,
                                todo_time deleted_before, uint32_t limit, todo_sequence_visit visit,
                                void *arg, uint32_t *ret_purged, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    todo_sequence *before, *after = NULL;
    uint32_t purged = 0;
    size_t at, users;

    if (status != TODO_OK)
        return status;
    users = store->user_count;
    before = malloc((users + 1) * sizeof(*before));
    for (size_t i = 0; before != NULL && i < users; i++)
        before[i] = store->sequences[i];
    for (; before != NULL && purged < limit; purged++) {
        at = find_oldest_trash(store, user, deleted_before);
        if (at == store->item_count)
            break;
        after = &store->sequences[memory_find_user(store, &store->items[at]->user_id)];
        /* One number for all of a user's that go. */
        if (after->number == before[after - store->sequences].number)
            memory_count_change(user != NULL ? call : NULL, after);
        memory_drop_item(store, at);
    }
    for (size_t i = 0; before != NULL && visit != NULL && i < users; i++)
        if (store->sequences[i].number != before[i].number)
            visit(arg, &store->users[i]->id, &store->sequences[i]);
    memory_unlock(store);
    if (before == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    free(before);
    *ret_purged = purged;
    return TODO_OK;
}

todo_status memory_writer_new(memory_store *store, todo_writer **ret_writer, todo_error *error)
{
    static const todo_writer_ops ops = {.size = sizeof(ops),
                                        .destroy = memory_unref,
                                        .insert = memory_insert,
                                        .update = memory_update,
                                        .remove = memory_remove,
                                        .trash = memory_trash,
                                        .restore = memory_restore,
                                        .purge = memory_purge};
    todo_status status = todo_writer_new(&ops, memory_ref(store), ret_writer, error);

    if (status != TODO_OK)
        memory_unref(store);
    return status;
}

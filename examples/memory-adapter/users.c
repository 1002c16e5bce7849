/* TodoUsers */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include <todo/port/build.h>

static size_t find_email(const memory_store *store, const char *email)
{
    size_t at = 0;

    while (at < store->user_count && strcmp(store->users[at]->email, email) != 0)
        at++;
    return at;
}

/* Oldest first: by created_at, then id. */
static bool is_older(const todo_user *a, const todo_user *b)
{
    if (a->created_at != b->created_at)
        return a->created_at < b->created_at;
    return todo_uuid_compare(&a->id, &b->id) < 0;
}

/* Takes its own reference. With the lock held. */
static todo_status keep(memory_store *store, const todo_user *user, todo_error *error)
{
    size_t at = store->user_count;
    const todo_user *kept;
    todo_sequence *sequences;

    if (store->user_count == store->user_room) {
        size_t room = 2 * store->user_room + 8;
        const todo_user **larger = realloc(store->users, room * sizeof(*larger));

        if (larger == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        store->users = larger;
        sequences = realloc(store->sequences, room * sizeof(*sequences));
        if (sequences == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        store->sequences = sequences;
        store->user_room = room;
    }
    kept = todo_user_ref(user);
    if (kept == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    for (; at > 0 && is_older(kept, store->users[at - 1]); at--)
        store->users[at] = store->users[at - 1], store->sequences[at] = store->sequences[at - 1];
    store->users[at] = kept;
    store->sequences[at] = (todo_sequence){(uint64_t)todo_time_now(), 0};
    store->user_count++;
    return TODO_OK;
}

static todo_status memory_insert(void *self, const todo_call *call, const todo_user *user, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);

    if (status != TODO_OK)
        return status;
    if (find_email(store, user->email) < store->user_count)
        status = todo_error_set(error, TODO_ERR_CONFLICT, "email_exists", NULL, NULL);
    else
        status = keep(store, user, error);
    memory_unlock(store);
    return status;
}

/* Answers with the user at `at`, and unlocks. */
static todo_status answer(memory_store *store, size_t at, const todo_user **ret_user, todo_error *error)
{
    todo_status status = TODO_OK;

    if (at < store->user_count)
        *ret_user = todo_user_ref(store->users[at]);
    else
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    memory_unlock(store);
    return status;
}

static todo_status memory_find_by_email(void *self, const todo_call *call, const char *email,
                                        const todo_user **ret_user, todo_error *error)
{
    todo_status status = memory_lock(self, call, error);

    return status == TODO_OK ? answer(self, find_email(self, email), ret_user, error) : status;
}

static todo_status memory_find_by_id(void *self, const todo_call *call, const todo_uuid *id,
                                     const todo_user **ret_user, todo_error *error)
{
    todo_status status = memory_lock(self, call, error);

    return status == TODO_OK ? answer(self, memory_find_user(self, id), ret_user, error) : status;
}

static todo_status memory_list(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                               todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    const todo_user **users;
    size_t count;

    if (status != TODO_OK)
        return status;
    count = store->user_count;
    users = malloc((count + 1) * sizeof(const todo_user *));
    for (size_t i = 0; users != NULL && i < count; i++)
        users[i] = todo_user_ref(store->users[i]);
    memory_unlock(store);
    if (users == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        if (status == TODO_OK && (status = visit(arg, users[i])) != TODO_OK)
            todo_error_set(error, status, NULL, NULL, NULL);
        todo_user_unref(users[i]);
    }
    free(users);
    return status;
}

static todo_status replace_hash(memory_store *store, size_t at, const char *new_hash, todo_error *error)
{
    const todo_user *old = store->users[at], *changed = NULL;
    todo_user_fields fields;
    todo_status status;

    todo_user_fields_init(&fields, sizeof(fields));
    fields.id = old->id;
    fields.email = old->email;
    fields.display_name = old->display_name;
    fields.password_hash = new_hash;
    fields.created_at = old->created_at;
    status = todo_user_build(&fields, &changed, error);
    if (status == TODO_OK) {
        store->users[at] = changed;
        todo_user_unref(old);
    }
    return status;
}

static todo_status memory_set_password_hash(void *self, const todo_call *call, const todo_uuid *id,
                                            const char *old_hash, const char *new_hash, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    size_t at;

    if (status != TODO_OK)
        return status;
    at = memory_find_user(store, id);
    if (at == store->user_count)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else if (old_hash != NULL && strcmp(old_hash, todo_user_password_hash(store->users[at])) != 0)
        status = todo_error_set(error, TODO_ERR_CONFLICT, NULL, NULL, NULL);
    else
        status = replace_hash(store, at, new_hash, error);
    memory_unlock(store);
    return status;
}

static void remove_items_of(memory_store *store, const todo_uuid *user, todo_uuid_visit removed, void *arg)
{
    for (size_t i = store->item_count; i-- > 0;) {
        if (todo_uuid_compare(&store->items[i]->user_id, user) != 0)
            continue;
        if (removed != NULL)
            removed(arg, &store->items[i]->id);
        memory_drop_item(store, i);
    }
}

static todo_status memory_remove(void *self, const todo_call *call, const todo_uuid *id,
                                 todo_uuid_visit removed, void *arg, todo_error *error)
{
    memory_store *store = self;
    todo_status status = memory_lock(store, call, error);
    size_t at;

    if (status != TODO_OK)
        return status;
    at = memory_find_user(store, id);
    if (at < store->user_count) {
        todo_uuid user = *id; /* it may be the user's own */

        memory_count_change(call, &store->sequences[at]);
        todo_user_unref(store->users[at]);
        store->user_count--;
        memmove(&store->sequences[at], &store->sequences[at + 1],
                (store->user_count - at) * sizeof(*store->sequences));
        memmove(&store->users[at], &store->users[at + 1], (store->user_count - at) * sizeof(*store->users));
        remove_items_of(store, &user, removed, arg);
    } else {
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    }
    memory_unlock(store);
    return status;
}

todo_status memory_users_new(memory_store *store, todo_users **ret_users, todo_error *error)
{
    static const todo_users_ops ops = {.size = sizeof(ops),
                                       .destroy = memory_unref,
                                       .insert = memory_insert,
                                       .find_by_email = memory_find_by_email,
                                       .find_by_id = memory_find_by_id,
                                       .list = memory_list,
                                       .set_password_hash = memory_set_password_hash,
                                       .remove = memory_remove};
    todo_status status = todo_users_new(&ops, memory_ref(store), ret_users, error);

    if (status != TODO_OK)
        memory_unref(store);
    return status;
}

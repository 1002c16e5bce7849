#include "fakes.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "testing.h"

/* ---- what all share ---- */

static void state_init(fake_state *state)
{
    memset(state, 0, sizeof(*state));
    pthread_mutex_init(&state->lock, NULL);
}

/* Notes a call and locks; fails, unlocked, when the fake was told to fail. */
static todo_status enter(fake_state *state, const todo_call *call, todo_error *error)
{
    todo_status fail;

    pthread_mutex_lock(&state->lock);
    state->calls++;
    state->last_deadline = call != NULL ? call->deadline : 0;
    snprintf(state->last_request_id, sizeof(state->last_request_id), "%s",
             call != NULL && call->request_id != NULL ? call->request_id : "");
    fail = state->fail;
    if (fail == TODO_OK)
        return TODO_OK;
    pthread_mutex_unlock(&state->lock);
    return todo_error_set(error, fail, "fake", NULL, "the fake was told to fail");
}

static todo_status leave(fake_state *state, todo_status status)
{
    pthread_mutex_unlock(&state->lock);
    return status;
}

static todo_status leave_with(fake_state *state, todo_error *error, todo_status status, const char *code)
{
    pthread_mutex_unlock(&state->lock);
    return todo_error_set(error, status, code, NULL, NULL);
}

static void count_release(fake_state *state)
{
    pthread_mutex_lock(&state->lock);
    state->released++;
    pthread_mutex_unlock(&state->lock);
}

static void give_number(fake_store *store, const todo_call *call, uint64_t changes);

static bool same_id(const todo_uuid *a, const todo_uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static void *grown(void *array, size_t count, size_t size)
{
    void *bigger = realloc(array, (count + 1) * size);

    if (bigger == NULL)
        abort();
    return bigger;
}

todo_uuid fake_id(uint8_t last)
{
    todo_uuid id = {{0}};

    id.bytes[15] = last;
    return id;
}

const todo_item *fake_item(const todo_uuid *user, const todo_uuid *id, const char *title)
{
    todo_item members = {0};
    const todo_item *item = NULL;

    members.id = *id;
    members.user_id = *user;
    members.title = title;
    members.created_at = members.updated_at = 1000000 + id->bytes[15];
    members.version = 1;
    assert_int_equal(todo_item_build(&members, sizeof(members), &item, NULL), TODO_OK);
    return item;
}

/* ---- the store: todos ---- */

static size_t find_item(const fake_store *store, const todo_uuid *id)
{
    size_t at = 0;

    while (at < store->item_count && !same_id(&store->items[at]->id, id))
        at++;
    return at;
}

/* The place of the user's item; item_count when there is none of that user. */
static size_t find_own(const fake_store *store, const todo_uuid *user, const todo_uuid *id)
{
    size_t at = find_item(store, id);

    return at < store->item_count && same_id(&store->items[at]->user_id, user) ? at : store->item_count;
}

static size_t find_user(const fake_store *store, const todo_uuid *id)
{
    size_t at = 0;

    while (at < store->user_count && !same_id(&store->users[at]->id, id))
        at++;
    return at;
}

static todo_status store_get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                             const todo_item **ret_item, todo_error *error)
{
    fake_store *store = self;
    const todo_item *item = NULL;
    todo_status status = enter(&store->state, call, error);
    size_t at;

    if (status != TODO_OK)
        return status;
    store->gets++;
    at = find_own(store, user, id);
    if (at < store->item_count && store->items[at]->deleted_at == 0)
        item = todo_item_ref(store->items[at]);
    give_number(store, call, 0);
    leave(&store->state, TODO_OK);
    if (store->after_get != NULL)
        store->after_get(store->after_get_arg);
    if (item == NULL)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    *ret_item = item;
    return TODO_OK;
}

static int64_t key_of(const todo_item *item, todo_sort_key sort)
{
    return sort == TODO_SORT_UPDATED_AT ? item->updated_at : item->created_at;
}

static int compare_to(const todo_item *item, todo_sort_key sort, int64_t key, const todo_uuid *id)
{
    int64_t own = key_of(item, sort);

    if (own != key)
        return own < key ? -1 : 1;
    return memcmp(item->id.bytes, id->bytes, sizeof(id->bytes));
}

static int order(const void *a, const void *b, void *arg)
{
    const todo_item *const *left = a;
    const todo_item *const *right = b;
    const todo_list_query *query = arg;
    int sign = compare_to(*left, query->sort, key_of(*right, query->sort), &(*right)->id);

    return query->ascending ? sign : -sign;
}

static bool wanted(const todo_item *item, const todo_uuid *user, const todo_list_query *query)
{
    int sign;

    if (!same_id(&item->user_id, user) || (item->deleted_at != 0) != query->deleted)
        return false;
    if (query->completed != TODO_ANY && item->completed != (query->completed == TODO_ONLY_TRUE))
        return false;
    if (query->after == NULL)
        return true;
    sign = compare_to(item, query->sort, query->after->key, &query->after->id);
    return query->ascending ? sign > 0 : sign < 0;
}

static todo_status store_list(void *self, const todo_call *call, const todo_uuid *user,
                              const todo_list_query *query, todo_item_visit visit, void *arg,
                              todo_error *error)
{
    fake_store *store = self;
    todo_list_query asked = *query;
    const todo_item **found = NULL;
    size_t found_count = 0;
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    store->lists++;
    for (size_t i = 0; i < store->item_count; i++) {
        if (!wanted(store->items[i], user, query))
            continue;
        found = grown(found, found_count, sizeof(*found));
        found[found_count++] = todo_item_ref(store->items[i]);
    }
    give_number(store, call, 0);
    leave(&store->state, TODO_OK);
    if (found_count > 1)
        qsort_r(found, found_count, sizeof(*found), order, &asked);
    for (size_t i = 0; i < found_count; i++) {
        if (status == TODO_OK && i < query->limit)
            status = visit(arg, found[i]);
        todo_item_unref(found[i]);
    }
    free(found);
    return status;
}

static todo_status store_insert(void *self, const todo_call *call, const todo_item *const *items,
                                size_t item_count, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    store->inserts++;
    for (size_t i = 0; i < item_count; i++) {
        if (find_user(store, &items[i]->user_id) == store->user_count)
            return leave_with(&store->state, error, TODO_ERR_UNAUTHENTICATED, "user_unknown");
        if (find_item(store, &items[i]->id) < store->item_count)
            return leave_with(&store->state, error, TODO_ERR_CONFLICT, "id_exists");
        for (size_t j = 0; j < i; j++)
            if (same_id(&items[i]->id, &items[j]->id))
                return leave_with(&store->state, error, TODO_ERR_CONFLICT, "id_exists");
    }
    for (size_t i = 0; i < item_count; i++) {
        store->items = grown(store->items, store->item_count, sizeof(*store->items));
        store->items[store->item_count++] = todo_item_ref(items[i]);
    }
    give_number(store, call, item_count);
    return leave(&store->state, TODO_OK);
}

/* Why there is nothing to change: an unknown user is not known to the writer, any other has no such todo. */
static todo_status missing(fake_store *store, const todo_uuid *user, todo_error *error)
{
    if (find_user(store, user) == store->user_count)
        return leave_with(&store->state, error, TODO_ERR_UNAUTHENTICATED, "user_unknown");
    return leave_with(&store->state, error, TODO_ERR_NOT_FOUND, NULL);
}

/* Enters, counts, and finds the user's item, which is to be changed. */
static todo_status enter_own(fake_store *store, const todo_call *call, const todo_uuid *user,
                             const todo_uuid *id, unsigned *counter, size_t *ret_at, todo_error *error)
{
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    ++*counter;
    *ret_at = find_own(store, user, id);
    return *ret_at < store->item_count ? TODO_OK : missing(store, user, error);
}

/* Raises the number, one for all users, and says where it is. The lock is held. */
static void give_number(fake_store *store, const todo_call *call, uint64_t changes)
{
    store->number += changes;
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = (todo_sequence){1, store->number};
}

static void replace_item(fake_store *store, size_t at, const todo_item *changed)
{
    todo_item_unref(store->items[at]);
    store->items[at] = changed;
}

static todo_status store_update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                                const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                                todo_error *error)
{
    fake_store *store = self;
    const todo_item *changed = NULL;
    size_t at;
    todo_status status = enter_own(store, call, user, id, &store->updates, &at, error);

    if (status != TODO_OK)
        return status;
    status = todo_item_apply(store->items[at], patch, now, &changed, error);
    if (status == TODO_OK) {
        give_number(store, call, changed->version != store->items[at]->version);
        replace_item(store, at, changed);
        *ret_item = todo_item_ref(changed);
    }
    return leave(&store->state, status);
}

static void drop_item(fake_store *store, size_t at)
{
    todo_item_unref(store->items[at]);
    store->items[at] = store->items[--store->item_count];
}

static todo_status store_remove(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                                int64_t if_version, todo_error *error)
{
    fake_store *store = self;
    size_t at;
    todo_status status = enter_own(store, call, user, id, &store->removes, &at, error);

    if (status != TODO_OK)
        return status;
    if (if_version != 0 && if_version != store->items[at]->version)
        return leave_with(&store->state, error, TODO_ERR_PRECONDITION, NULL);
    drop_item(store, at);
    give_number(store, call, 1);
    return leave(&store->state, TODO_OK);
}

/* ---- the store: the trash ---- */

static todo_status store_trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    fake_store *store = self;
    const todo_item *changed = NULL;
    size_t at;
    todo_status status = enter_own(store, call, user, id, &store->trashes, &at, error);

    if (status != TODO_OK)
        return status;
    status = todo_item_trash(store->items[at], if_version, now, &changed, error);
    if (status == TODO_OK) {
        give_number(store, call, 1);
        replace_item(store, at, changed);
        *ret_version = changed->version;
    }
    return leave(&store->state, status);
}

static todo_status store_restore(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, int64_t if_version, todo_time now,
                                 const todo_item **ret_item, todo_error *error)
{
    fake_store *store = self;
    const todo_item *changed = NULL;
    size_t at;
    todo_status status = enter_own(store, call, user, id, &store->restores, &at, error);

    if (status != TODO_OK)
        return status;
    status = todo_item_restore(store->items[at], if_version, now, &changed, error);
    if (status == TODO_OK) {
        give_number(store, call, 1);
        replace_item(store, at, changed);
        *ret_item = todo_item_ref(changed);
    }
    return leave(&store->state, status);
}

static bool is_old_trash(const todo_item *item, const todo_uuid *user, todo_time deleted_before)
{
    return item->deleted_at != 0 && item->deleted_at < deleted_before &&
           (user == NULL || same_id(&item->user_id, user));
}

static todo_status store_get_trashed(void *self, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);
    size_t at;

    if (status != TODO_OK)
        return status;
    at = find_own(store, user, id);
    if (at == store->item_count || store->items[at]->deleted_at == 0)
        return leave_with(&store->state, error, TODO_ERR_NOT_FOUND, NULL);
    *ret_item = todo_item_ref(store->items[at]);
    return leave(&store->state, TODO_OK);
}

static todo_status store_count_trash(void *self, const todo_call *call, const todo_uuid *user,
                                     todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    *ret_count = 0;
    for (size_t i = 0; i < store->item_count; i++)
        *ret_count += is_old_trash(store->items[i], user, deleted_before);
    return leave(&store->state, TODO_OK);
}

/* Visits the user of the todo that it took last: tests purge one user's. */
static todo_status store_purge(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint32_t limit, todo_sequence_visit visit, void *arg,
                               uint32_t *ret_purged, todo_error *error)
{
    fake_store *store = self;
    todo_uuid last = {{0}};
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    *ret_purged = 0;
    for (size_t i = store->item_count; i-- > 0 && *ret_purged < limit;)
        if (is_old_trash(store->items[i], user, deleted_before)) {
            last = store->items[i]->user_id;
            drop_item(store, i);
            ++*ret_purged;
        }
    give_number(store, call, *ret_purged);
    leave(&store->state, TODO_OK);
    if (visit != NULL && *ret_purged > 0)
        visit(arg, &last, &(todo_sequence){1, store->number});
    return TODO_OK;
}

/* ---- the store: users ---- */

static todo_status users_insert(void *self, const todo_call *call, const todo_user *user, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    for (size_t i = 0; i < store->user_count; i++)
        if (strcmp(store->users[i]->email, user->email) == 0)
            return leave_with(&store->state, error, TODO_ERR_CONFLICT, "email_exists");
    store->users = grown(store->users, store->user_count, sizeof(*store->users));
    store->users[store->user_count++] = todo_user_ref(user);
    return leave(&store->state, TODO_OK);
}

static todo_status users_found(fake_store *store, size_t at, const todo_user **ret_user, todo_error *error)
{
    if (at == store->user_count)
        return leave_with(&store->state, error, TODO_ERR_NOT_FOUND, NULL);
    *ret_user = todo_user_ref(store->users[at]);
    return leave(&store->state, TODO_OK);
}

static todo_status users_find_by_email(void *self, const todo_call *call, const char *email,
                                       const todo_user **ret_user, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);
    size_t at = 0;

    if (status != TODO_OK)
        return status;
    while (at < store->user_count && strcmp(store->users[at]->email, email) != 0)
        at++;
    return users_found(store, at, ret_user, error);
}

static todo_status users_find_by_id(void *self, const todo_call *call, const todo_uuid *id,
                                    const todo_user **ret_user, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    return users_found(store, find_user(store, id), ret_user, error);
}

static int oldest_first(const void *a, const void *b)
{
    const todo_user *const *left = a;
    const todo_user *const *right = b;

    if ((*left)->created_at != (*right)->created_at)
        return (*left)->created_at < (*right)->created_at ? -1 : 1;
    return memcmp((*left)->id.bytes, (*right)->id.bytes, sizeof((*left)->id.bytes));
}

static todo_status users_list(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                              todo_error *error)
{
    fake_store *store = self;
    const todo_user **found = NULL;
    size_t count = 0;
    todo_status status = enter(&store->state, call, error);

    if (status != TODO_OK)
        return status;
    for (; count < store->user_count; count++) {
        found = grown(found, count, sizeof(*found));
        found[count] = todo_user_ref(store->users[count]);
    }
    leave(&store->state, TODO_OK);
    if (count > 1)
        qsort(found, count, sizeof(*found), oldest_first);
    for (size_t i = 0; i < count; i++) {
        if (status == TODO_OK)
            status = visit(arg, found[i]);
        todo_user_unref(found[i]);
    }
    free(found);
    return status;
}

static todo_status users_set_password_hash(void *self, const todo_call *call, const todo_uuid *id,
                                           const char *old_hash, const char *new_hash, todo_error *error)
{
    fake_store *store = self;
    todo_user_fields fields;
    const todo_user *user;
    todo_status status = enter(&store->state, call, error);
    size_t at;

    if (status != TODO_OK)
        return status;
    at = find_user(store, id);
    if (at == store->user_count)
        return leave_with(&store->state, error, TODO_ERR_NOT_FOUND, NULL);
    user = store->users[at];
    if (old_hash != NULL && strcmp(old_hash, todo_user_password_hash(user)) != 0)
        return leave_with(&store->state, error, TODO_ERR_CONFLICT, "password_changed");
    todo_user_fields_init(&fields, sizeof(fields));
    fields.id = user->id;
    fields.email = user->email;
    fields.display_name = user->display_name;
    fields.password_hash = new_hash;
    fields.created_at = user->created_at;
    status = todo_user_build(&fields, &store->users[at], error);
    if (status == TODO_OK)
        todo_user_unref(user);
    return leave(&store->state, status);
}

static todo_status users_remove(void *self, const todo_call *call, const todo_uuid *id,
                                todo_uuid_visit removed, void *arg, todo_error *error)
{
    fake_store *store = self;
    todo_status status = enter(&store->state, call, error);
    size_t at;

    if (status != TODO_OK)
        return status;
    at = find_user(store, id);
    if (at == store->user_count)
        return leave_with(&store->state, error, TODO_ERR_NOT_FOUND, NULL);
    todo_user_unref(store->users[at]);
    store->user_count--;
    memmove(&store->users[at], &store->users[at + 1], (store->user_count - at) * sizeof(*store->users));
    for (size_t i = store->item_count; i-- > 0;)
        if (same_id(&store->items[i]->user_id, id)) {
            if (removed != NULL)
                removed(arg, &store->items[i]->id);
            drop_item(store, i);
        }
    return leave(&store->state, TODO_OK);
}

/* ---- the store itself ---- */

static void store_released(void *self)
{
    count_release(&((fake_store *)self)->state);
}

void fake_store_init(fake_store *store)
{
    memset(store, 0, sizeof(*store));
    state_init(&store->state);
}

void fake_store_clear(fake_store *store)
{
    for (size_t i = 0; i < store->item_count; i++)
        todo_item_unref(store->items[i]);
    for (size_t i = 0; i < store->user_count; i++)
        todo_user_unref(store->users[i]);
    free(store->items);
    free(store->users);
    pthread_mutex_destroy(&store->state.lock);
}

todo_reader *fake_store_reader(fake_store *store)
{
    todo_reader_ops ops = {.size =
                               store->without_trash ? offsetof(todo_reader_ops, count_trash) : sizeof(ops),
                           .destroy = store_released,
                           .get = store_get,
                           .list = store_list,
                           .count_trash = store_count_trash,
                           .get_trashed = store_get_trashed};
    todo_reader *reader = NULL;

    assert_int_equal(todo_reader_new(&ops, store, &reader, NULL), TODO_OK);
    return reader;
}

todo_writer *fake_store_writer(fake_store *store)
{
    todo_writer_ops ops = {.size = store->without_trash ? offsetof(todo_writer_ops, trash) : sizeof(ops),
                           .destroy = store_released,
                           .insert = store_insert,
                           .update = store_update,
                           .remove = store_remove,
                           .trash = store_trash,
                           .restore = store_restore,
                           .purge = store_purge};
    todo_writer *writer = NULL;

    assert_int_equal(todo_writer_new(&ops, store, &writer, NULL), TODO_OK);
    return writer;
}

todo_users *fake_store_users(fake_store *store)
{
    static const todo_users_ops ops = {.size = sizeof(ops),
                                       .destroy = store_released,
                                       .insert = users_insert,
                                       .find_by_email = users_find_by_email,
                                       .find_by_id = users_find_by_id,
                                       .list = users_list,
                                       .set_password_hash = users_set_password_hash,
                                       .remove = users_remove};
    todo_users *users = NULL;

    assert_int_equal(todo_users_new(&ops, store, &users, NULL), TODO_OK);
    return users;
}

void fake_store_add_user(fake_store *store, const todo_uuid *id)
{
    char email[TODO_UUID_TEXT_SIZE + sizeof("@example.org")];
    todo_user_fields fields;
    const todo_user *user = NULL;

    todo_uuid_format(id, email);
    strcat(email, "@example.org");
    todo_user_fields_init(&fields, sizeof(fields));
    fields.id = *id;
    fields.email = email;
    fields.password_hash = "*";
    fields.created_at = 1000000 + id->bytes[15];
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(users_insert(store, NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
}

/* ---- the cache ---- */

typedef struct fake_cache_entry {
    const todo_item *item;
    todo_sequence as_of;
} fake_cache_entry;

/* Where the todo is, or `entry_count`. */
static size_t find_entry(const fake_cache *cache, const todo_uuid *user, const todo_uuid *id)
{
    size_t at = 0;

    while (at < cache->entry_count && !(same_id(&cache->entries[at].item->user_id, user) &&
                                        (id == NULL || same_id(&cache->entries[at].item->id, id))))
        at++;
    return at;
}

static void drop_entry(fake_cache *cache, const todo_uuid *user, const todo_uuid *id)
{
    size_t at = find_entry(cache, user, id);

    if (at == cache->entry_count)
        return;
    todo_item_unref(cache->entries[at].item);
    cache->entries[at] = cache->entries[--cache->entry_count];
}

static void put_entry(fake_cache *cache, const todo_item *item, todo_sequence as_of)
{
    drop_entry(cache, &item->user_id, &item->id);
    cache->entries = grown(cache->entries, cache->entry_count, sizeof(*cache->entries));
    cache->entries[cache->entry_count++] = (fake_cache_entry){todo_item_ref(item), as_of};
    cache->puts++;
}

/* The lock is held. */
static const todo_item *cached(fake_cache *cache, const todo_call *call, const todo_uuid *user,
                               const todo_uuid *id)
{
    size_t at = find_entry(cache, user, id);

    cache->loads++;
    if (at == cache->entry_count)
        return NULL;
    if (call != NULL && call->at_least != NULL &&
        todo_sequence_compare(&cache->entries[at].as_of, call->at_least) < 0)
        return NULL;
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = cache->entries[at].as_of;
    return todo_item_ref(cache->entries[at].item);
}

static todo_status cache_load(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                              todo_cache_loader loader, void *arg, const todo_item **ret_item,
                              todo_error *error)
{
    fake_cache *cache = self;
    todo_call asking = call != NULL ? *call : (todo_call)TODO_CALL_INIT;
    todo_sequence as_of = {0, 0};
    const todo_item *item;
    unsigned changes;
    todo_status status;

    if (enter(&cache->state, call, NULL) != TODO_OK)
        return loader(arg, call, ret_item, error);
    item = cached(cache, call, user, id);
    changes = cache->changes;
    leave(&cache->state, TODO_OK);
    if (item != NULL) {
        *ret_item = item;
        return TODO_OK;
    }
    asking.ret_sequence = call != NULL && call->ret_sequence != NULL ? call->ret_sequence : &as_of;
    status = loader(arg, &asking, ret_item, error);
    pthread_mutex_lock(&cache->state.lock);
    if (status == TODO_OK && cache->changes == changes)
        put_entry(cache, *ret_item, *asking.ret_sequence);
    else if (status == TODO_OK)
        cache->overtaken++;
    pthread_mutex_unlock(&cache->state.lock);
    return status;
}

static todo_status cache_change(void *self, const todo_call *call, const todo_cache_change *change,
                                todo_error *error)
{
    fake_cache *cache = self;
    todo_status status = enter(&cache->state, call, error);

    /* Whatever it returns, nothing older is answered. */
    if (status != TODO_OK)
        pthread_mutex_lock(&cache->state.lock);
    cache->changes++;
    cache->last_user = change->user;
    cache->last_sequence = change->sequence;
    cache->last_count = change->count;
    for (size_t i = 0; i < change->item_count; i++)
        drop_entry(cache, &change->user, &change->items[i]->id);
    for (size_t i = 0; i < change->removed_count; i++)
        drop_entry(cache, &change->user, &change->removed[i]);
    while (change->sequence.epoch == 0 && find_entry(cache, &change->user, NULL) < cache->entry_count)
        drop_entry(cache, &change->user, NULL);
    for (size_t i = 0; status == TODO_OK && i < change->item_count; i++)
        if (change->items[i]->deleted_at == 0)
            put_entry(cache, change->items[i], change->sequence);
    return leave(&cache->state, status);
}

static void cache_released(void *self)
{
    count_release(&((fake_cache *)self)->state);
}

void fake_cache_init(fake_cache *cache)
{
    memset(cache, 0, sizeof(*cache));
    state_init(&cache->state);
}

void fake_cache_clear(fake_cache *cache)
{
    for (size_t i = 0; i < cache->entry_count; i++)
        todo_item_unref(cache->entries[i].item);
    free(cache->entries);
    pthread_mutex_destroy(&cache->state.lock);
}

todo_cache *fake_cache_handle(fake_cache *cache)
{
    static const todo_cache_ops ops = {
        .size = sizeof(ops), .destroy = cache_released, .load = cache_load, .change = cache_change};
    todo_cache *handle = NULL;

    assert_int_equal(todo_cache_new(&ops, cache, &handle, NULL), TODO_OK);
    return handle;
}

/* ---- the clock ---- */

static todo_time clock_now(void *self)
{
    fake_clock *clock = self;
    todo_time now;

    pthread_mutex_lock(&clock->state.lock);
    now = clock->now;
    clock->now += clock->step;
    pthread_mutex_unlock(&clock->state.lock);
    return now;
}

static void clock_released(void *self)
{
    count_release(&((fake_clock *)self)->state);
}

void fake_clock_init(fake_clock *clock, todo_time now)
{
    memset(clock, 0, sizeof(*clock));
    state_init(&clock->state);
    clock->now = now;
}

todo_clock *fake_clock_handle(fake_clock *clock)
{
    static const todo_clock_ops ops = {.size = sizeof(ops), .destroy = clock_released, .now = clock_now};
    todo_clock *handle = NULL;

    assert_int_equal(todo_clock_new(&ops, clock, &handle, NULL), TODO_OK);
    return handle;
}

#include <todo/port/decorators.h>

#include "ports/cache.h"
#include "util/alloc.h"
#include "util/entry.h"

typedef struct caching_users {
    todo_users *inner;
    todo_cache *cache;
} caching_users;

static void destroy(void *self)
{
    caching_users *users = self;

    todo_users_unref(users->inner);
    todo_cache_unref(users->cache);
    todo__free(users);
}

static todo_status insert(void *self, const todo_call *call, const todo_user *user, todo_error *error)
{
    return todo_users_insert(((caching_users *)self)->inner, call, user, error);
}

static todo_status find_by_email(void *self, const todo_call *call, const char *email,
                                 const todo_user **ret_user, todo_error *error)
{
    return todo_users_find_by_email(((caching_users *)self)->inner, call, email, ret_user, error);
}

static todo_status find_by_id(void *self, const todo_call *call, const todo_uuid *id,
                              const todo_user **ret_user, todo_error *error)
{
    return todo_users_find_by_id(((caching_users *)self)->inner, call, id, ret_user, error);
}

static todo_status list(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                        todo_error *error)
{
    return todo_users_list(((caching_users *)self)->inner, call, visit, arg, error);
}

static todo_status set_password_hash(void *self, const todo_call *call, const todo_uuid *id,
                                     const char *old_hash, const char *new_hash, todo_error *error)
{
    return todo_users_set_password_hash(((caching_users *)self)->inner, call, id, old_hash, new_hash, error);
}

/* The user is gone: the cache keeps nothing of them from here on. It hears of it before the caller does. */
static todo_status remove_user(void *self, const todo_call *call, const todo_uuid *id,
                               todo_uuid_visit removed, void *arg, todo_error *error)
{
    caching_users *users = self;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_status status = todo_users_remove(users->inner, call, id, removed, arg, error);

    change.user = *id;
    if (status == TODO_OK || todo__outcome_unknown(status))
        (void)todo_cache_note_change(users->cache, call, &change, NULL);
    return status;
}

todo_status todo_caching_users_new(todo_users *inner, todo_cache *cache, todo_users **ret_users,
                                   todo_error *error)
{
    static const todo_users_ops ops = {.size = sizeof(ops),
                                       .destroy = destroy,
                                       .insert = insert,
                                       .find_by_email = find_by_email,
                                       .find_by_id = find_by_id,
                                       .list = list,
                                       .set_password_hash = set_password_hash,
                                       .remove = remove_user};
    caching_users *users;
    todo_status status;

    if (!todo__given(error, inner, cache, ret_users))
        return TODO_ERR_INVALID;
    users = todo__malloc(sizeof(*users));
    if (users == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    users->inner = todo_users_ref(inner);
    users->cache = todo_cache_ref(cache);
    status = todo_users_new(&ops, users, ret_users, error);
    if (status != TODO_OK)
        destroy(users);
    return status;
}

#include <todo/port/decorators.h>

#include "util/alloc.h"

typedef struct caching_users {
    todo_users *inner;
    todo_reader *reader;
    todo_cache *cache;
} caching_users;

static void destroy(void *self)
{
    caching_users *users = self;

    todo_users_unref(users->inner);
    todo_reader_unref(users->reader);
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

/* The ids of a user's todos, and where the next page begins. */
typedef struct id_list {
    todo_uuid *ids;
    size_t count, room;
    todo_cursor last;
} id_list;

static todo_status note_id(void *arg, const todo_item *item)
{
    id_list *found = arg;

    if (found->count == found->room) {
        size_t room = found->room == 0 ? TODO_LIST_MAX : found->room * 2;
        todo_uuid *bigger = todo__realloc(found->ids, room * sizeof(*bigger));

        if (bigger == NULL)
            return TODO_ERR_NOMEM;
        found->ids = bigger;
        found->room = room;
    }
    found->ids[found->count++] = item->id;
    found->last = (todo_cursor){item->created_at, item->id};
    return TODO_OK;
}

static todo_status collect_ids(caching_users *users, const todo_call *call, const todo_uuid *user,
                               id_list *found)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_status status;
    size_t before;

    query.limit = TODO_LIST_MAX;
    do {
        before = found->count;
        status = todo_reader_list(users->reader, call, user, &query, note_id, found, NULL);
        query.after = &found->last;
    } while (status == TODO_OK && found->count - before == query.limit);
    return status;
}

/*
 * The database removes the todos along with their owner and does not say which, so they are looked up before. What
 * can't be looked up, or is created in between, leaves the cache when its time to live ends.
 */
static todo_status remove_user(void *self, const todo_call *call, const todo_uuid *id, todo_error *error)
{
    caching_users *users = self;
    id_list found = {0};
    todo_status status;

    (void)collect_ids(users, call, id, &found);
    status = todo_users_remove(users->inner, call, id, error);
    for (size_t i = 0; status != TODO_ERR_NOT_FOUND && i < found.count; i++)
        if (todo_cache_remove(users->cache, call, &found.ids[i], NULL) != TODO_OK)
            break;
    todo__free(found.ids);
    return status;
}

todo_status todo_caching_users_new(todo_users *inner, todo_reader *reader, todo_cache *cache,
                                   todo_users **ret_users, todo_error *error)
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

    if (inner == NULL || reader == NULL || cache == NULL || ret_users == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    users = todo__malloc(sizeof(*users));
    if (users == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    users->inner = todo_users_ref(inner);
    users->reader = todo_reader_ref(reader);
    users->cache = todo_cache_ref(cache);
    status = todo_users_new(&ops, users, ret_users, error);
    if (status != TODO_OK)
        destroy(users);
    return status;
}

#include <todo/port/decorators.h>

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

/* A read under way, for the cache to go on with when it has no answer. */
typedef struct reading {
    todo_reader *inner;
    const todo_uuid *user;
    const todo_uuid *id;          /* of a todo */
    const todo_list_query *query; /* of a list */
} reading;

static todo_status read_item(void *arg, const todo_call *call, const todo_item **ret_item, todo_error *error)
{
    const reading *this = arg;

    return todo_reader_get(this->inner, call, this->user, this->id, ret_item, error);
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    cached_reader *reader = self;
    reading this = {.inner = reader->inner, .user = user, .id = id};

    return todo_cache_load(reader->cache, call, user, id, read_item, &this, ret_item, error);
}

static todo_status read_list(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                             todo_error *error)
{
    const reading *this = arg;

    return todo_reader_list(this->inner, call, this->user, this->query, visit, visit_arg, error);
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    cached_reader *reader = self;
    reading this = {.inner = reader->inner, .user = user, .query = query};

    return todo_cache_list(reader->cache, call, user, query, read_list, &this, visit, arg, error);
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

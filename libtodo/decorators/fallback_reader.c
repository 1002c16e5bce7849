#include <todo/port/decorators.h>

#include "util/alloc.h"
#include "util/entry.h"

typedef struct fallback_reader {
    todo_reader *replica;
    todo_reader *primary;
} fallback_reader;

static void destroy(void *self)
{
    fallback_reader *reader = self;

    todo_reader_unref(reader->replica);
    todo_reader_unref(reader->primary);
    todo__free(reader);
}

/* A call that ends well must not leave the replica's failure behind. */
static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    fallback_reader *reader = self;
    todo_status status = todo_reader_get(reader->replica, call, user, id, ret_item, error);

    if (status != TODO_ERR_UNAVAILABLE)
        return status;
    return todo_reader_get(reader->primary, call, user, id, ret_item, error);
}

/* Passes items on and notes that there was one. */
typedef struct watched_visit {
    todo_item_visit visit;
    void *arg;
    bool visited;
} watched_visit;

static todo_status watch(void *arg, const todo_item *item)
{
    watched_visit *watched = arg;

    watched->visited = true;
    return watched->visit(watched->arg, item);
}

/* Once an item was handed on, starting over on the primary would hand it on twice. */
static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    fallback_reader *reader = self;
    watched_visit watched = {visit, arg, false};
    todo_status status = todo_reader_list(reader->replica, call, user, query, watch, &watched, error);

    if (status != TODO_ERR_UNAVAILABLE || watched.visited)
        return status;
    return todo_reader_list(reader->primary, call, user, query, visit, arg, error);
}

static todo_status count_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    fallback_reader *reader = self;
    todo_status status =
        todo_reader_count_trash(reader->replica, call, user, deleted_before, ret_count, error);

    if (status != TODO_ERR_UNAVAILABLE)
        return status;
    return todo_reader_count_trash(reader->primary, call, user, deleted_before, ret_count, error);
}

static todo_status get_trashed(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error)
{
    fallback_reader *reader = self;
    todo_status status = todo_reader_get_trashed(reader->replica, call, user, id, ret_item, error);

    if (status != TODO_ERR_UNAVAILABLE)
        return status;
    return todo_reader_get_trashed(reader->primary, call, user, id, ret_item, error);
}

todo_status todo_fallback_reader_new(todo_reader *replica, todo_reader *primary, todo_reader **ret_reader,
                                     todo_error *error)
{
    static const todo_reader_ops ops = {.size = sizeof(ops),
                                        .destroy = destroy,
                                        .get = get,
                                        .list = list,
                                        .count_trash = count_trash,
                                        .get_trashed = get_trashed};
    fallback_reader *reader;
    todo_status status;

    if (!todo__given(error, replica, primary, ret_reader))
        return TODO_ERR_INVALID;
    reader = todo__malloc(sizeof(*reader));
    if (reader == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    reader->replica = todo_reader_ref(replica);
    reader->primary = todo_reader_ref(primary);
    status = todo_reader_new(&ops, reader, ret_reader, error);
    if (status != TODO_OK)
        destroy(reader);
    return status;
}

#include <todo/port/decorators.h>

#include "domain/consistency.h"
#include "util/alloc.h"

typedef struct caching_writer {
    todo_writer *inner;
    todo_cache *cache;
} caching_writer;

static void destroy(void *self)
{
    caching_writer *writer = self;

    todo_writer_unref(writer->inner);
    todo_cache_unref(writer->cache);
    todo__free(writer);
}

/* Whether a change that failed like this may have been applied after all: what the cache holds is in doubt then. */
static bool outcome_unknown(todo_status status)
{
    return status == TODO_ERR_UNAVAILABLE || status == TODO_ERR_TIMEOUT || status == TODO_ERR_INTERNAL ||
           status == TODO_ERR_NOMEM;
}

/*
 * Tells the cache of a change that succeeded, for a call that wants its token, or of one of which nobody knows whether
 * it did. Other processes' caches hear of it a moment later: a store that needs no token without them needs one now.
 */
static void tell(const caching_writer *writer, const todo_call *call, todo_cache_change *change,
                 todo_status status)
{
    if (status == TODO_OK) {
        if (call->ret_consistency_token[0] == '\0')
            todo__consistency_give(call, 0);
        change->token = call->ret_consistency_token;
    }
    (void)todo_cache_note_change(writer->cache, call, change, NULL);
}

static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    caching_writer *writer = self;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_call room;
    char token[TODO_CONSISTENCY_TOKEN_SIZE];
    todo_status status;

    call = todo__consistency_want(call, &room, token);
    status = todo_writer_insert(writer->inner, call, items, count, error);
    change.user = items[0]->user_id;
    if (status == TODO_OK) {
        change.items = items;
        change.item_count = count;
    }
    if (status == TODO_OK || outcome_unknown(status))
        tell(writer, call, &change, status);
    return status;
}

static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    caching_writer *writer = self;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_call room;
    char token[TODO_CONSISTENCY_TOKEN_SIZE];
    todo_status status;

    call = todo__consistency_want(call, &room, token);
    status = todo_writer_update(writer->inner, call, user, id, patch, now, ret_item, error);
    change.user = *user;
    if (status == TODO_OK) {
        change.items = ret_item;
        change.item_count = 1;
    } else {
        change.removed = id;
    }
    if (status == TODO_OK || outcome_unknown(status))
        tell(writer, call, &change, status);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    caching_writer *writer = self;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_call room;
    char token[TODO_CONSISTENCY_TOKEN_SIZE];
    todo_status status;

    call = todo__consistency_want(call, &room, token);
    status = todo_writer_remove(writer->inner, call, user, id, if_version, error);
    change.user = *user;
    change.removed = id;
    if (status == TODO_OK || outcome_unknown(status))
        tell(writer, call, &change, status);
    return status;
}

todo_status todo_caching_writer_new(todo_writer *inner, todo_cache *cache, todo_writer **ret_writer,
                                    todo_error *error)
{
    static const todo_writer_ops ops = {
        .size = sizeof(ops), .destroy = destroy, .insert = insert, .update = update, .remove = remove_item};
    caching_writer *writer;
    todo_status status;

    if (inner == NULL || cache == NULL || ret_writer == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    writer = todo__malloc(sizeof(*writer));
    if (writer == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    writer->inner = todo_writer_ref(inner);
    writer->cache = todo_cache_ref(cache);
    status = todo_writer_new(&ops, writer, ret_writer, error);
    if (status != TODO_OK)
        destroy(writer);
    return status;
}

#include <todo/port/decorators.h>

#include "domain/consistency.h"
#include "util/alloc.h"
#include "util/entry.h"

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
        if (call->ret_sequence->epoch == 0)
            todo__consistency_give(call, 0);
        change->sequence = call->ret_sequence;
    }
    (void)todo_cache_note_change(writer->cache, call, change, NULL);
}

/*
 * A patch that changed nothing is no news to the cache. But the item was seen in the store, and a client that follows
 * what it sees is not to meet an older one in a cache: the token says so, as after a change.
 */
static bool was_idle(const todo_call *call, const todo_item *item, todo_time now)
{
    if (item->updated_at >= now)
        return false;
    if (call->ret_sequence->epoch == 0)
        todo__consistency_give(call, 0);
    return true;
}

/* Tells of what came of a change to a todo, if anything may have: the todo as it is now, or none when that is not known. */
static void tell_changed(const caching_writer *writer, const todo_call *call, const todo_uuid *user,
                         const todo_uuid *id, const todo_item *const *item, todo_status status)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    if (status != TODO_OK && !outcome_unknown(status))
        return;
    change.user = *user;
    if (status == TODO_OK) {
        change.items = item;
        change.item_count = 1;
    } else {
        change.removed = id;
    }
    tell(writer, call, &change, status);
}

/* The same for a todo that went away, in a version (0: for good) after which it may come back. */
static void tell_removed(const caching_writer *writer, const todo_call *call, const todo_uuid *user,
                         const todo_uuid *id, int64_t version, todo_status status)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    if (status != TODO_OK && !outcome_unknown(status))
        return;
    change.user = *user;
    change.removed = id;
    change.removed_version = version;
    tell(writer, call, &change, status);
}

/* Todos may be stored as ones that are in the trash already (a file to import has such): no cache is given those. */
static void tell_inserted(const caching_writer *writer, const todo_call *call, todo_cache_change *change,
                          const todo_item *const *items, size_t count)
{
    bool told = false;

    for (size_t first = 0, i = 0; i <= count; i++) {
        if (i < count && items[i]->deleted_at == 0)
            continue;
        change->items = items + first;
        change->item_count = i - first;
        if (i > first || (i == count && !told))
            tell(writer, call, change, TODO_OK);
        told = told || i > first;
        first = i + 1;
    }
}

static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    caching_writer *writer = self;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_call room;
    todo_sequence sequence;
    todo_status status;

    call = todo__consistency_want(call, &room, &sequence);
    status = todo_writer_insert(writer->inner, call, items, count, error);
    change.user = items[0]->user_id;
    if (status == TODO_OK)
        tell_inserted(writer, call, &change, items, count);
    else if (outcome_unknown(status))
        tell(writer, call, &change, status);
    return status;
}

static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    caching_writer *writer = self;
    todo_call room;
    todo_sequence sequence;
    todo_status status;

    call = todo__consistency_want(call, &room, &sequence);
    status = todo_writer_update(writer->inner, call, user, id, patch, now, ret_item, error);
    if (status != TODO_OK || !was_idle(call, *ret_item, now))
        tell_changed(writer, call, user, id, ret_item, status);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    caching_writer *writer = self;
    todo_call room;
    todo_sequence sequence;
    todo_status status;

    call = todo__consistency_want(call, &room, &sequence);
    status = todo_writer_remove(writer->inner, call, user, id, if_version, error);
    tell_removed(writer, call, user, id, 0, status);
    return status;
}

/* The cache lets it in again when it is restored, so it is told with which version it went. */
static todo_status trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                         int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    caching_writer *writer = self;
    todo_call room;
    todo_sequence sequence;
    todo_status status;

    call = todo__consistency_want(call, &room, &sequence);
    status = todo_writer_trash(writer->inner, call, user, id, if_version, now, ret_version, error);
    tell_removed(writer, call, user, id, status == TODO_OK ? *ret_version : 0, status);
    return status;
}

static todo_status restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                           int64_t if_version, todo_time now, const todo_item **ret_item, todo_error *error)
{
    caching_writer *writer = self;
    todo_call room;
    todo_sequence sequence;
    todo_status status;

    call = todo__consistency_want(call, &room, &sequence);
    status = todo_writer_restore(writer->inner, call, user, id, if_version, now, ret_item, error);
    tell_changed(writer, call, user, id, ret_item, status);
    return status;
}

/* What is in the trash is in no cache, and neither is a list of it. */
static todo_status purge(void *self, const todo_call *call, const todo_uuid *user, todo_time deleted_before,
                         uint32_t limit, todo_sequence_visit visit, void *arg, uint32_t *ret_purged,
                         todo_error *error)
{
    return todo_writer_purge(((caching_writer *)self)->inner, call, user, deleted_before, limit, visit, arg,
                             ret_purged, error);
}

todo_status todo_caching_writer_new(todo_writer *inner, todo_cache *cache, todo_writer **ret_writer,
                                    todo_error *error)
{
    static const todo_writer_ops ops = {.size = sizeof(ops),
                                        .destroy = destroy,
                                        .insert = insert,
                                        .update = update,
                                        .remove = remove_item,
                                        .trash = trash,
                                        .restore = restore,
                                        .purge = purge};
    caching_writer *writer;
    todo_status status;

    if (!todo__given(error, inner, cache, ret_writer))
        return TODO_ERR_INVALID;
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

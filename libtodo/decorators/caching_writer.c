#include <todo/port/decorators.h>

#include "domain/call.h"
#include "ports/cache.h"
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

/* Tells the cache of a change of so many numbers, if there was one or may have been one. */
static void tell(const caching_writer *writer, const todo_call *call, todo_cache_change *change,
                 uint64_t count, todo_status status)
{
    if (status != TODO_OK && !todo__outcome_unknown(status))
        return;
    if (status == TODO_OK) {
        change->sequence = *call->ret_sequence;
        change->count = count;
    }
    (void)todo_cache_note_change(writer->cache, call, change, NULL);
}

static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    caching_writer *writer = self;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_call scratch;
    todo_sequence sequence;
    todo_status status;

    call = todo__with_sequence(call, &scratch, &sequence);
    status = todo_writer_insert(writer->inner, call, items, count, error);
    change.user = items[0]->user_id;
    if (status == TODO_OK) {
        change.items = items;
        change.item_count = count;
    }
    tell(writer, call, &change, count, status);
    return status;
}

/* A todo that is there after the change. */
static void tell_item(const caching_writer *writer, const todo_call *call, const todo_uuid *user,
                      const todo_item *const *item, todo_status status)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    change.user = *user;
    if (status == TODO_OK) {
        change.items = item;
        change.item_count = 1;
    }
    tell(writer, call, &change, 1, status);
}

/* One that is not. */
static void tell_removed(const caching_writer *writer, const todo_call *call, const todo_uuid *user,
                         const todo_uuid *id, todo_status status)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    change.user = *user;
    change.removed = id;
    change.removed_count = 1;
    tell(writer, call, &change, 1, status);
}

/* A patch that changes nothing takes no number, and is no news to the cache. */
static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    caching_writer *writer = self;
    todo_call scratch;
    todo_sequence sequence;
    todo_status status;

    call = todo__with_sequence(call, &scratch, &sequence);
    status = todo_writer_update(writer->inner, call, user, id, patch, now, ret_item, error);
    if (status != TODO_OK || (*ret_item)->updated_at >= now)
        tell_item(writer, call, user, ret_item, status);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    caching_writer *writer = self;
    todo_call scratch;
    todo_sequence sequence;
    todo_status status;

    call = todo__with_sequence(call, &scratch, &sequence);
    status = todo_writer_remove(writer->inner, call, user, id, if_version, error);
    tell_removed(writer, call, user, id, status);
    return status;
}

static todo_status trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                         int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    caching_writer *writer = self;
    todo_call scratch;
    todo_sequence sequence;
    todo_status status;

    call = todo__with_sequence(call, &scratch, &sequence);
    status = todo_writer_trash(writer->inner, call, user, id, if_version, now, ret_version, error);
    tell_removed(writer, call, user, id, status);
    return status;
}

static todo_status restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                           int64_t if_version, todo_time now, const todo_item **ret_item, todo_error *error)
{
    caching_writer *writer = self;
    todo_call scratch;
    todo_sequence sequence;
    todo_status status;

    call = todo__with_sequence(call, &scratch, &sequence);
    status = todo_writer_restore(writer->inner, call, user, id, if_version, now, ret_item, error);
    tell_item(writer, call, user, ret_item, status);
    return status;
}

/* A purge under way, and who else wants to hear of it. */
typedef struct purging {
    const caching_writer *writer;
    const todo_call *call;
    todo_sequence_visit visit;
    void *arg;
} purging;

/* What is in the trash is in no cache, and neither is a list of it; but the purge took a number. */
static void tell_purged(void *arg, const todo_uuid *user, const todo_sequence *sequence)
{
    const purging *this = arg;
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    change.user = *user;
    change.sequence = *sequence;
    change.count = 1;
    (void)todo_cache_note_change(this->writer->cache, this->call, &change, NULL);
    if (this->visit != NULL)
        this->visit(this->arg, user, sequence);
}

static todo_status purge(void *self, const todo_call *call, const todo_uuid *user, todo_time deleted_before,
                         uint32_t limit, todo_sequence_visit visit, void *arg, uint32_t *ret_purged,
                         todo_error *error)
{
    purging this = {self, call, visit, arg};

    return todo_writer_purge(this.writer->inner, call, user, deleted_before, limit, tell_purged, &this,
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

#include <todo/port/writer.h>

#include "domain/call.h"
#include "ports/port.h"

static todo_status no_insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                             todo_error *error)
{
    (void)self, (void)call, (void)items, (void)count;
    return todo__port_unsupported(error);
}

static todo_status no_update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                             const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                             todo_error *error)
{
    (void)self, (void)call, (void)user, (void)id, (void)patch, (void)now, (void)ret_item;
    return todo__port_unsupported(error);
}

static todo_status no_remove(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                             int64_t if_version, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)id, (void)if_version;
    return todo__port_unsupported(error);
}

static todo_status no_trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                            int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)id, (void)if_version, (void)now, (void)ret_version;
    return todo__port_unsupported(error);
}

static todo_status no_restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                              int64_t if_version, todo_time now, const todo_item **ret_item,
                              todo_error *error)
{
    (void)self, (void)call, (void)user, (void)id, (void)if_version, (void)now, (void)ret_item;
    return todo__port_unsupported(error);
}

static todo_status no_purge(void *self, const todo_call *call, const todo_uuid *user,
                            todo_time deleted_before, uint32_t limit, todo_sequence_visit visit, void *arg,
                            uint32_t *ret_purged, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)deleted_before, (void)limit, (void)visit, (void)arg,
        (void)ret_purged;
    return todo__port_unsupported(error);
}

static todo_status complete(todo_writer_ops *ops, todo_error *error)
{
    (void)error;
    if (ops->insert == NULL)
        ops->insert = no_insert;
    if (ops->update == NULL)
        ops->update = no_update;
    if (ops->remove == NULL)
        ops->remove = no_remove;
    if (ops->trash == NULL)
        ops->trash = no_trash;
    if (ops->restore == NULL)
        ops->restore = no_restore;
    if (ops->purge == NULL)
        ops->purge = no_purge;
    return TODO_OK;
}

TODO__DEFINE_PORT(todo_writer, ret_writer);

/* The items are the caller's alone until they are stored, so that they may still change. */
static void number_items(const todo_item *const *items, size_t count, const todo_sequence *sequence)
{
    for (size_t i = 0; i < count; i++)
        ((todo_item *)items[i])->modseq = (int64_t)(sequence->number - count + 1 + i);
}

todo_status todo_writer_insert(todo_writer *writer, const todo_call *call, const todo_item *const *items,
                               size_t count, todo_error *error)
{
    todo_call room, wanting;
    todo_sequence sequence;
    todo_status status = todo__begin(error, &call, &room, writer, items || count == 0);

    if (status != TODO_OK)
        return status;
    if (count == 0)
        return todo_error_set(error, TODO_ERR_INVALID, "todos_empty", "todos", "todos cannot be empty");
    call = todo__with_sequence(call, &wanting, &sequence);
    status = writer->ops.insert(writer->self, call, items, count, error);
    if (status == TODO_OK && call->ret_sequence->epoch != 0)
        number_items(items, count, call->ret_sequence);
    return todo__leave(status, error);
}

todo_status todo_writer_update(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                               const todo_uuid *id, const todo_item_patch *patch, todo_time now,
                               const todo_item **ret_item, todo_error *error)
{
    todo_item_patch known;
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, writer, user, id, ret_item);

    if (status == TODO_OK)
        status = todo__struct_take(&known, sizeof(known), patch, error);
    if (status == TODO_OK)
        status = writer->ops.update(writer->self, call, user, id, &known, now, ret_item, error);
    return todo__leave(status, error);
}

todo_status todo_writer_remove(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                               const todo_uuid *id, int64_t if_version, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, writer, user, id);

    if (status == TODO_OK)
        status = writer->ops.remove(writer->self, call, user, id, if_version, error);
    return todo__leave(status, error);
}

todo_status todo_writer_trash(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                              const todo_uuid *id, int64_t if_version, todo_time now, int64_t *ret_version,
                              todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, writer, user, id, ret_version);

    if (status == TODO_OK)
        status = writer->ops.trash(writer->self, call, user, id, if_version, now, ret_version, error);
    return todo__leave(status, error);
}

todo_status todo_writer_restore(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                                const todo_uuid *id, int64_t if_version, todo_time now,
                                const todo_item **ret_item, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, writer, user, id, ret_item);

    if (status == TODO_OK)
        status = writer->ops.restore(writer->self, call, user, id, if_version, now, ret_item, error);
    return todo__leave(status, error);
}

todo_status todo_writer_purge(todo_writer *writer, const todo_call *call, const todo_uuid *user,
                              todo_time deleted_before, uint32_t limit, todo_sequence_visit visit, void *arg,
                              uint32_t *ret_purged, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, writer, ret_purged);

    if (status != TODO_OK)
        return status;
    return todo__leave(writer->ops.purge(writer->self, call, user, deleted_before,
                                         limit != 0 ? limit : TODO_PURGE_MAX, visit, arg, ret_purged, error),
                       error);
}

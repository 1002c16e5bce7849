#include <todo/port/reader.h>

#include "domain/call.h"
#include "ports/port.h"

static todo_status no_get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item **ret_item, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)id, (void)ret_item;
    return todo__port_unsupported(error);
}

static todo_status no_list(void *self, const todo_call *call, const todo_uuid *user,
                           const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)query, (void)visit, (void)arg;
    return todo__port_unsupported(error);
}

static todo_status no_count_trash(void *self, const todo_call *call, const todo_uuid *user,
                                  todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)deleted_before, (void)ret_count;
    return todo__port_unsupported(error);
}

static todo_status no_get_trashed(void *self, const todo_call *call, const todo_uuid *user,
                                  const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    (void)self, (void)call, (void)user, (void)id, (void)ret_item;
    return todo__port_unsupported(error);
}

static todo_status complete(todo_reader_ops *ops, todo_error *error)
{
    (void)error;
    if (ops->get == NULL)
        ops->get = no_get;
    if (ops->list == NULL)
        ops->list = no_list;
    if (ops->count_trash == NULL)
        ops->count_trash = no_count_trash;
    if (ops->get_trashed == NULL)
        ops->get_trashed = no_get_trashed;
    return TODO_OK;
}

TODO__DEFINE_PORT(todo_reader, ret_reader);

todo_status todo_reader_get(todo_reader *reader, const todo_call *call, const todo_uuid *user,
                            const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, reader, user, id, ret_item);

    if (status == TODO_OK)
        status = reader->ops.get(reader->self, call, user, id, ret_item, error);
    return todo__leave(status, error);
}

todo_status todo_reader_list(todo_reader *reader, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_item_visit visit, void *arg,
                             todo_error *error)
{
    todo_list_query known = TODO_LIST_QUERY_INIT;
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, reader, user, visit);

    if (status == TODO_OK && query != NULL)
        status = todo__struct_take(&known, sizeof(known), query, error);
    if (status != TODO_OK)
        return status;
    if (known.limit == 0)
        known.limit = TODO_LIST_DEFAULT;
    return todo__leave(reader->ops.list(reader->self, call, user, &known, visit, arg, error), error);
}

todo_status todo_reader_count_trash(todo_reader *reader, const todo_call *call, const todo_uuid *user,
                                    todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, reader, ret_count);

    if (status == TODO_OK)
        status = reader->ops.count_trash(reader->self, call, user, deleted_before, ret_count, error);
    return todo__leave(status, error);
}

todo_status todo_reader_get_trashed(todo_reader *reader, const todo_call *call, const todo_uuid *user,
                                    const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, reader, user, id, ret_item);

    if (status == TODO_OK)
        status = reader->ops.get_trashed(reader->self, call, user, id, ret_item, error);
    return todo__leave(status, error);
}

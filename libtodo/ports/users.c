#include <todo/port/users.h>

#include "domain/call.h"
#include "ports/port.h"

static todo_status no_insert(void *self, const todo_call *call, const todo_user *user, todo_error *error)
{
    (void)self, (void)call, (void)user;
    return todo__port_unsupported(error);
}

static todo_status no_find_by_email(void *self, const todo_call *call, const char *email,
                                    const todo_user **ret_user, todo_error *error)
{
    (void)self, (void)call, (void)email, (void)ret_user;
    return todo__port_unsupported(error);
}

static todo_status no_find_by_id(void *self, const todo_call *call, const todo_uuid *id,
                                 const todo_user **ret_user, todo_error *error)
{
    (void)self, (void)call, (void)id, (void)ret_user;
    return todo__port_unsupported(error);
}

static todo_status no_list(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                           todo_error *error)
{
    (void)self, (void)call, (void)visit, (void)arg;
    return todo__port_unsupported(error);
}

static todo_status no_set_password_hash(void *self, const todo_call *call, const todo_uuid *id,
                                        const char *old_hash, const char *new_hash, todo_error *error)
{
    (void)self, (void)call, (void)id, (void)old_hash, (void)new_hash;
    return todo__port_unsupported(error);
}

static todo_status no_remove(void *self, const todo_call *call, const todo_uuid *id, todo_uuid_visit removed,
                             void *arg, todo_error *error)
{
    (void)self, (void)call, (void)id, (void)removed, (void)arg;
    return todo__port_unsupported(error);
}

static todo_status complete(todo_users_ops *ops, todo_error *error)
{
    (void)error;
    if (ops->insert == NULL)
        ops->insert = no_insert;
    if (ops->find_by_email == NULL)
        ops->find_by_email = no_find_by_email;
    if (ops->find_by_id == NULL)
        ops->find_by_id = no_find_by_id;
    if (ops->list == NULL)
        ops->list = no_list;
    if (ops->set_password_hash == NULL)
        ops->set_password_hash = no_set_password_hash;
    if (ops->remove == NULL)
        ops->remove = no_remove;
    return TODO_OK;
}

TODO__DEFINE_PORT(todo_users, ret_users);

todo_status todo_users_insert(todo_users *users, const todo_call *call, const todo_user *user,
                              todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, users, user);

    if (status == TODO_OK)
        status = users->ops.insert(users->self, call, user, error);
    return todo__leave(status, error);
}

todo_status todo_users_find_by_email(todo_users *users, const todo_call *call, const char *email,
                                     const todo_user **ret_user, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, users, email, ret_user);

    if (status == TODO_OK)
        status = users->ops.find_by_email(users->self, call, email, ret_user, error);
    return todo__leave(status, error);
}

todo_status todo_users_find_by_id(todo_users *users, const todo_call *call, const todo_uuid *id,
                                  const todo_user **ret_user, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, users, id, ret_user);

    if (status == TODO_OK)
        status = users->ops.find_by_id(users->self, call, id, ret_user, error);
    return todo__leave(status, error);
}

todo_status todo_users_list(todo_users *users, const todo_call *call, todo_user_visit visit, void *arg,
                            todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, users, visit);

    if (status == TODO_OK)
        status = users->ops.list(users->self, call, visit, arg, error);
    return todo__leave(status, error);
}

todo_status todo_users_set_password_hash(todo_users *users, const todo_call *call, const todo_uuid *id,
                                         const char *old_hash, const char *new_hash, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, users, id, new_hash);

    if (status == TODO_OK)
        status = users->ops.set_password_hash(users->self, call, id, old_hash, new_hash, error);
    return todo__leave(status, error);
}

todo_status todo_users_remove(todo_users *users, const todo_call *call, const todo_uuid *id,
                              todo_uuid_visit removed, void *arg, todo_error *error)
{
    todo_call room;
    todo_status status = todo__begin(error, &call, &room, users, id);

    if (status == TODO_OK)
        status = users->ops.remove(users->self, call, id, removed, arg, error);
    return todo__leave(status, error);
}

#include <todo/port/build.h>
#include <todo/user.h>

#include <string.h>

#include "util/alloc.h"
#include "util/refcount.h"
#include "util/structs.h"

/* An owned user: its strings lie behind it, in the same allocation. `user.reserved` points to the box itself. */
typedef struct user_box {
    todo_user user;
    const char *password_hash;
    todo__refcount refs;
    char strings[];
} user_box;

static user_box *box_of(const todo_user *user)
{
    return (user_box *)user->reserved;
}

static size_t size_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static const char *put(char **place, const char *text)
{
    size_t size = size_of(text);
    char *copy = *place;

    if (text == NULL)
        return NULL;
    memcpy(copy, text, size);
    *place += size;
    return copy;
}

static todo_status user_new(const todo_user *members, const char *password_hash, const todo_user **ret_user,
                            todo_error *error)
{
    user_box *box = todo__malloc(sizeof(*box) + size_of(members->email) + size_of(members->display_name) +
                                 size_of(password_hash));
    char *place;

    if (box == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    place = box->strings;
    box->user = *members;
    box->user.reserved = box;
    box->user.email = put(&place, members->email);
    box->user.display_name = put(&place, members->display_name);
    box->password_hash = put(&place, password_hash);
    todo__refcount_init(&box->refs);
    *ret_user = &box->user;
    return TODO_OK;
}

const todo_user *todo_user_ref(const todo_user *user)
{
    const todo_user *copy = NULL;

    if (user == NULL)
        return NULL;
    if (user->reserved == NULL) {
        user_new(user, NULL, &copy, NULL);
        return copy;
    }
    todo__refcount_take(&box_of(user)->refs);
    return user;
}

void todo_user_unref(const todo_user *user)
{
    if (user != NULL && user->reserved != NULL && todo__refcount_drop(&box_of(user)->refs)) {
        char *hash = (char *)box_of(user)->password_hash;

        if (hash != NULL)
            explicit_bzero(hash, strlen(hash));
        todo__free(box_of(user));
    }
}

void todo_registration_init(todo_registration *registration, size_t size)
{
    todo__struct_init(registration, size);
}

void todo_user_fields_init(todo_user_fields *fields, size_t size)
{
    todo__struct_init(fields, size);
}

todo_status todo_user_build(const todo_user_fields *fields, const todo_user **ret_user, todo_error *error)
{
    todo_user_fields known;
    todo_user members = {0};
    todo_status status = todo__struct_take(&known, sizeof(known), fields, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, known.email, known.password_hash, ret_user))
        return TODO_ERR_INVALID;
    members.id = known.id;
    members.email = known.email;
    members.display_name = known.display_name;
    members.created_at = known.created_at;
    return user_new(&members, known.password_hash, ret_user, error);
}

const char *todo_user_password_hash(const todo_user *user)
{
    return user != NULL && user->reserved != NULL ? box_of(user)->password_hash : NULL;
}

/* What every port's handle has in common: a copy of the caller's functions, its object, a reference count. */
#ifndef TODO_PORTS_PORT_H
#define TODO_PORTS_PORT_H

#include "util/alloc.h"
#include "util/refcount.h"
#include "util/structs.h"

/* The answer of a function that the implementation does not have. */
static inline todo_status todo__port_unsupported(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNSUPPORTED, "port_function_missing", NULL, NULL);
}

/*
 * Defines the handle of the port NAME and its _new, whose output is RET_HANDLE, _ref and _unref. `complete`, a function of the file, fills the
 * gaps of the table (or refuses it), so that no call needs to look for them.
 */
#define TODO__DEFINE_PORT(name, ret_handle)                                                         \
    struct name {                                                                                   \
        name##_ops ops;                                                                             \
        void *self;                                                                                 \
        todo__refcount refs;                                                                        \
    };                                                                                              \
                                                                                                    \
    todo_status name##_new(const name##_ops *ops, void *self, name **ret_handle, todo_error *error) \
    {                                                                                               \
        name##_ops known;                                                                           \
        name *handle;                                                                               \
        todo_status status = TODO_ERR_INVALID;                                                      \
                                                                                                    \
        if (todo__given(error, ret_handle))                                                         \
            status = todo__ops_take(&known, sizeof(known), ops, error);                             \
        if (status == TODO_OK)                                                                      \
            status = complete(&known, error);                                                       \
        if (status != TODO_OK)                                                                      \
            return status;                                                                          \
        handle = todo__malloc(sizeof(*handle));                                                     \
        if (handle == NULL)                                                                         \
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);                         \
        handle->ops = known;                                                                        \
        handle->self = self;                                                                        \
        todo__refcount_init(&handle->refs);                                                         \
        *ret_handle = handle;                                                                       \
        return TODO_OK;                                                                             \
    }                                                                                               \
                                                                                                    \
    name *name##_ref(name *handle)                                                                  \
    {                                                                                               \
        if (handle != NULL)                                                                         \
            todo__refcount_take(&handle->refs);                                                     \
        return handle;                                                                              \
    }                                                                                               \
                                                                                                    \
    void name##_unref(name *handle)                                                                 \
    {                                                                                               \
        if (handle == NULL || !todo__refcount_drop(&handle->refs))                                  \
            return;                                                                                 \
        if (handle->ops.destroy != NULL)                                                            \
            handle->ops.destroy(handle->self);                                                      \
        todo__free(handle);                                                                         \
    }                                                                                               \
                                                                                                    \
    struct name /* so that a semicolon follows the macro */

#endif

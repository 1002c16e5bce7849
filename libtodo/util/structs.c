#include "util/structs.h"

#include <string.h>

/* The leading size of a caller's struct, which may be of any type: read as bytes, so that no aliasing rule is bent. */
static size_t given_size(const void *given)
{
    size_t size = 0;

    if (given != NULL)
        memcpy(&size, given, sizeof(size));
    return size;
}

static void copy_known(void *known, size_t known_size, const void *given, size_t size)
{
    memset(known, 0, known_size);
    memcpy(known, given, size < known_size ? size : known_size);
    memcpy(known, &known_size, sizeof(known_size));
}

/* Refuses NULL and a size that can't be. */
static todo_status check_given(const void *given, const char *name, todo_error *error)
{
    if (given == NULL)
        return todo__refuse_argument("argument_missing", name, error);
    if (given_size(given) < sizeof(size_t))
        return todo__refuse_argument("struct_size_invalid", name, error);
    return TODO_OK;
}

todo_status todo__take_struct(void *known, size_t known_size, const void *given, const char *name,
                              todo_error *error)
{
    size_t size = given_size(given);
    todo_status status = check_given(given, name, error);

    if (status != TODO_OK)
        return status;
    for (size_t i = known_size; i < size; i++)
        if (((const unsigned char *)given)[i] != 0)
            return todo_error_set(error, TODO_ERR_UNSUPPORTED, "struct_member_unknown", NULL,
                                  "a member that this version of the library does not know is set");
    copy_known(known, known_size, given, size);
    return TODO_OK;
}

todo_status todo__take_ops(void *known, size_t known_size, const void *given, const char *name,
                           todo_error *error)
{
    size_t size = given_size(given);
    todo_status status = check_given(given, name, error);

    if (status != TODO_OK)
        return status;
    copy_known(known, known_size, given, size);
    return TODO_OK;
}

void todo__struct_give(void *given, const void *known, size_t known_size)
{
    size_t size = given_size(given);

    if (size <= sizeof(size))
        return;
    memcpy((char *)given + sizeof(size), (const char *)known + sizeof(size),
           (size < known_size ? size : known_size) - sizeof(size));
}

void todo__struct_init(void *given, size_t size)
{
    if (given == NULL || size < sizeof(size))
        return;
    memset(given, 0, size);
    memcpy(given, &size, sizeof(size));
}

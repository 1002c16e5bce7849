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

todo_status todo__struct_take(void *known, size_t known_size, const void *given, todo_error *error)
{
    size_t size = given_size(given);

    if (size < sizeof(size))
        return todo_error_set(error, TODO_ERR_INVALID, "struct_size_invalid", NULL, NULL);
    for (size_t i = known_size; i < size; i++)
        if (((const unsigned char *)given)[i] != 0)
            return todo_error_set(error, TODO_ERR_UNSUPPORTED, "struct_member_unknown", NULL,
                                  "a member that this version of the library does not know is set");
    copy_known(known, known_size, given, size);
    return TODO_OK;
}

todo_status todo__ops_take(void *known, size_t known_size, const void *given, todo_error *error)
{
    size_t size = given_size(given);

    if (size < sizeof(size))
        return todo_error_set(error, TODO_ERR_INVALID, "struct_size_invalid", NULL, NULL);
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

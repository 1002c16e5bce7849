#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

#include <todo/base.h>

void *todo__malloc(size_t size)
{
    return malloc(size);
}

void *todo__calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

void *todo__realloc(void *pointer, size_t size)
{
    return realloc(pointer, size);
}

char *todo__strndup(const char *text, size_t length)
{
    char *copy = todo__malloc(length + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *todo__strdup(const char *text)
{
    return todo__strndup(text, strlen(text));
}

void todo__free(void *pointer)
{
    free(pointer);
}

void todo_free(void *pointer)
{
    todo__free(pointer);
}

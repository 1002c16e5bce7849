#include "util/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <todo/alloc.h>

#include "util/structs.h"

static void *allocate_by_malloc(void *arg, size_t size)
{
    (void)arg;
    return malloc(size);
}

static void *reallocate_by_realloc(void *arg, void *pointer, size_t size)
{
    (void)arg;
    return realloc(pointer, size);
}

static void release_by_free(void *arg, void *pointer)
{
    (void)arg;
    free(pointer);
}

static const todo_allocator system_allocator = {sizeof(system_allocator), allocate_by_malloc,
                                                reallocate_by_realloc, release_by_free, NULL};

/* The only state of the library that is not inside something a caller made. */
static const todo_allocator *current = &system_allocator;
static todo_allocator given;

void todo_allocator_init(todo_allocator *allocator, size_t size)
{
    todo__struct_init(allocator, size);
}

todo_status todo_set_allocator(const todo_allocator *allocator, todo_error *error)
{
    todo_allocator known;
    todo_status status;

    todo__error_clear(error);
    if (allocator == NULL) {
        current = &system_allocator;
        return TODO_OK;
    }
    status = todo__struct_take(&known, sizeof(known), allocator, error);
    if (status != TODO_OK)
        return status;
    if (!todo__given(error, known.allocate, known.reallocate, known.release))
        return TODO_ERR_INVALID;
    given = known;
    current = &given;
    return TODO_OK;
}

void *todo__malloc(size_t size)
{
    return current->allocate(current->arg, size > 0 ? size : 1);
}

void *todo__calloc(size_t count, size_t size)
{
    void *pointer;

    if (size > 0 && count > SIZE_MAX / size)
        return NULL;
    pointer = todo__malloc(count * size);
    if (pointer != NULL)
        memset(pointer, 0, count * size);
    return pointer;
}

void *todo__realloc(void *pointer, size_t size)
{
    return current->reallocate(current->arg, pointer, size > 0 ? size : 1);
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
    if (pointer != NULL)
        current->release(current->arg, pointer);
}

void todo_free(void *pointer)
{
    todo__free(pointer);
}

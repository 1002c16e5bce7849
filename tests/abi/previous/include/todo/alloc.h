/**
 * @file alloc.h
 * Where the library's memory comes from.
 *
 * Everything that the library allocates itself goes through one allocator, malloc(3) unless another is set. The
 * libraries under it (json-c, libjwt, libcrypt, SQLite, libpq, hiredis) allocate by themselves; docs/abi.md says how each is
 * treated.
 */
#ifndef TODO_ALLOC_H
#define TODO_ALLOC_H

#include <todo/error.h>

TODO_BEGIN_DECLS

/** An allocator. All three functions are required, and must be callable from any thread at once. */
typedef struct todo_allocator {
    size_t size; /**< sizeof(todo_allocator) as the caller compiled it */

    /** As malloc(3). `size` is never 0. */
    void *(*allocate)(void *arg, size_t size);

    /** As realloc(3). `pointer` may be NULL, `size` is never 0. */
    void *(*reallocate)(void *arg, void *pointer, size_t size);

    /** As free(3). `pointer` is never NULL. */
    void (*release)(void *arg, void *pointer);

    void *arg; /**< passed to each of them */
} todo_allocator;

/** An initializer: every member at its default. */
#define TODO_ALLOCATOR_INIT                            \
    {                                                  \
        sizeof(todo_allocator), NULL, NULL, NULL, NULL \
    }

/** Sets every member to its default. `size` is sizeof(todo_allocator) as the caller compiled it. */
TODO_API void todo_allocator_init(todo_allocator *allocator, size_t size);

/**
 * Sets the allocator of the whole library; NULL sets malloc(3) again. The struct is copied. Call it before any other
 * function, or once everything that the library made has been freed: memory goes back to the allocator of the day.
 * Not thread-safe: no other call of the library may be under way.
 * INVALID ("argument_missing") when a function is missing.
 */
TODO_API todo_status todo_set_allocator(const todo_allocator *allocator, todo_error *error);

TODO_END_DECLS

#endif

/* The one way libtodo allocates, so that an allocator can be set for the whole library in one place. */
#ifndef TODO_UTIL_ALLOC_H
#define TODO_UTIL_ALLOC_H

#include <stddef.h>

/* As malloc, calloc, realloc, strdup, strndup and free. */
void *todo__malloc(size_t size);
void *todo__calloc(size_t count, size_t size);
void *todo__realloc(void *pointer, size_t size);
char *todo__strdup(const char *text);
char *todo__strndup(const char *text, size_t length);
void todo__free(void *pointer);

#endif

/* The one way libtodo allocates, so that an allocator can be set for the whole library in one place. */
#ifndef TODO_UTIL_ALLOC_H
#define TODO_UTIL_ALLOC_H

#include <stddef.h>

#include "util/export.h"

/* As malloc, calloc, realloc, strdup, strndup and free. */
TODO__EXPORT void *todo__malloc(size_t size);
TODO__EXPORT void *todo__calloc(size_t count, size_t size);
TODO__EXPORT void *todo__realloc(void *pointer, size_t size);
TODO__EXPORT char *todo__strdup(const char *text);
TODO__EXPORT char *todo__strndup(const char *text, size_t length);
TODO__EXPORT void todo__free(void *pointer);

#endif

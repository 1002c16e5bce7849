#include "arena.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WASM_PAGE 65536u
#define ALIGNMENT 16u

extern unsigned char __heap_base;

static unsigned char *top = &__heap_base;
static unsigned char *kept = &__heap_base;

void arena_keep(void)
{
    kept = top;
}

void arena_reset(void)
{
    top = kept;
}

void *arena_mark(void)
{
    return top;
}

void arena_release(void *mark)
{
    top = mark;
}

/* Sets the top, with more pages when they are needed; false when the host refuses them. */
static int raise_top(uintptr_t end)
{
    uintptr_t limit = (uintptr_t)__builtin_wasm_memory_size(0) * WASM_PAGE;

    if (end > limit) {
        size_t pages = (end - limit + WASM_PAGE - 1) / WASM_PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
            return 0;
        }
    }
    top = (unsigned char *)end;
    return 1;
}

/* The size lies before the block, for realloc. */
void *malloc(size_t size)
{
    uintptr_t start = ((uintptr_t)top + sizeof(size_t) + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);

    if (size > SIZE_MAX / 2 || !raise_top(start + size)) {
        return NULL;
    }
    ((size_t *)start)[-1] = size;
    return (void *)start;
}

void *realloc(void *block, size_t size)
{
    if (block == NULL) {
        return malloc(size);
    }

    size_t old_size = ((size_t *)block)[-1];
    if ((unsigned char *)block + old_size == top && size <= SIZE_MAX / 2) {
        if (!raise_top((uintptr_t)block + size)) {
            return NULL;
        }
        ((size_t *)block)[-1] = size;
        return block;
    }
    void *copy = malloc(size);
    if (copy != NULL) {
        memcpy(copy, block, old_size < size ? old_size : size);
    }
    return copy;
}

void *calloc(size_t count, size_t size)
{
    void *block = size && count > SIZE_MAX / 2 / size ? NULL : malloc(count * size);

    if (block != NULL) {
        memset(block, 0, count * size);
    }
    return block;
}

void free(void *block)
{
    (void)block;
}

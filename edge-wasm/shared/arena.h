/**
 * @file arena.h
 * The only allocator of a component: memory is handed out upwards and given back all at once.
 *
 * A component serves one call at a time and most hosts make a fresh instance per request, so that `free` has nothing to
 * win. malloc, realloc and cabi_realloc take from the arena; free does nothing.
 */
#ifndef EDGE_ARENA_H
#define EDGE_ARENA_H

#include <stddef.h>

/** Keeps everything allocated so far for the life of the instance: configuration, keys. */
void arena_keep(void);

/** Gives back everything that was not kept. Called before a call's first allocation, or after its last use. */
void arena_reset(void);

/** A position to go back to, for loops that allocate: everything allocated after it is given back. */
void *arena_mark(void);
void arena_release(void *mark);

#endif

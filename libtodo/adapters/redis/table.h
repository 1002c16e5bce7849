/*
 * uthash, told how to hash, to take its memory where the library does, and not to exit when there is none: after
 * HASH_ADD the element's `hh.tbl` is NULL then.
 */
#ifndef TODO_ADAPTERS_REDIS_TABLE_H
#define TODO_ADAPTERS_REDIS_TABLE_H

#include <stddef.h>

#include "util/alloc.h"

/* Clients choose ids: without a secret they could choose such that all fall together. */
unsigned todo__table_hash(const void *key, size_t length);

#define HASH_NONFATAL_OOM                1
#define HASH_FUNCTION(key, length, hash) ((hash) = todo__table_hash(key, length))
#define uthash_malloc(size)              todo__malloc(size)
#define uthash_free(pointer, size)       todo__free(pointer)
#include <uthash.h>

#endif

/* Structs that callers fill and whose first member is their size. */
#ifndef TODO_UTIL_STRUCTS_H
#define TODO_UTIL_STRUCTS_H

#include <todo/error.h>

/*
 * Copies a caller's struct (an options struct, a draft, ...) into `known`, of `known_size` bytes, which becomes a
 * complete one: members beyond the caller's size are zero. UNSUPPORTED when the caller's is longer and sets a member
 * that this version does not know; INVALID for NULL or a size that can't be.
 */
todo_status todo__struct_take(void *known, size_t known_size, const void *given, todo_error *error);

/* Copies a table of functions, of which a tail that is not known is fine. INVALID for NULL or a size that can't be. */
todo_status todo__ops_take(void *known, size_t known_size, const void *given, todo_error *error);

/* Writes a caller's struct from a complete one: no more than the caller's `size` bytes, the size itself kept. */
void todo__struct_give(void *given, const void *known, size_t known_size);

/* Zeroes `size` bytes and sets the leading size: what every _init function does. */
void todo__struct_init(void *given, size_t size);

#endif

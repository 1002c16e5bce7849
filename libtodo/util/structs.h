/* Structs that callers fill and whose first member is their size. */
#ifndef TODO_UTIL_STRUCTS_H
#define TODO_UTIL_STRUCTS_H

#include <todo/error.h>

#include "util/entry.h"

/*
 * Copies a caller's struct (an options struct, a draft, ...) into `known`, of `known_size` bytes, which becomes a
 * complete one: members beyond the caller's size are zero. UNSUPPORTED when the caller's is longer and sets a member
 * that this version does not know; INVALID for NULL ("argument_missing") or a size that can't be
 * ("struct_size_invalid"), with the name of the argument as the field.
 */
#define todo__struct_take(known, known_size, given, error) \
    todo__take_struct(known, known_size, given, #given, error)

todo_status todo__take_struct(void *known, size_t known_size, const void *given, const char *name,
                              todo_error *error);

/* Copies a table of functions, of which a tail that is not known is fine. INVALID as above. */
#define todo__ops_take(known, known_size, given, error) \
    todo__take_ops(known, known_size, given, #given, error)

todo_status todo__take_ops(void *known, size_t known_size, const void *given, const char *name,
                           todo_error *error);

/* Writes a caller's struct from a complete one: no more than the caller's `size` bytes, the size itself kept. */
void todo__struct_give(void *given, const void *known, size_t known_size);

/* Zeroes `size` bytes and sets the leading size: what every _init function does. */
void todo__struct_init(void *given, size_t size);

#endif

/*
 * How a todo is written into a Redis value. Format 1, integers big-endian:
 *
 *   offset  length
 *        0       2  "t1"
 *        2       1  'i' an item, 'x' the tombstone of a removed one (and nothing follows)
 *        3       8  version
 *       11       1  flags: 1 completed, 2 has a description
 *       12      16  id
 *       28      16  user_id
 *       44       8  created_at
 *       52       8  updated_at
 *       60       4  length of the title, without its NUL
 *       64       4  length of the description, without its NUL; 0 without one
 *       68          title, NUL, and if there is one: description, NUL
 *
 * The version stands at a fixed place, so that put_if_newer.lua can compare it. A value that is not exactly this is
 * no item: whoever finds it treats it as a miss and overwrites it. Another format gets another number.
 */
#ifndef TODO_ADAPTERS_REDIS_CODEC_H
#define TODO_ADAPTERS_REDIS_CODEC_H

#include <todo/item.h>

#define TODO__REDIS_TOMBSTONE "t1x"

/* Encodes an item into memory that is released with todo__free. TOO_LARGE, NOMEM. */
todo_status todo__redis_encode(const todo_item *item, char **ret_value, size_t *ret_length,
                               todo_error *error);

/*
 * Reads the value of the key of `id` into a borrowed item, whose strings point into the value.
 * @return false for anything that todo__redis_encode does not make of an item of that id.
 */
bool todo__redis_decode(const char *value, size_t length, const todo_uuid *id, todo_item *ret_item);

#endif

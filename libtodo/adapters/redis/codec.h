/*
 * How a todo is written into a Redis value. Format 2, integers big-endian:
 *
 *   offset  length
 *        0       2  "t2"
 *        2       1  'i' an item; 'x' a floor, of which only the version follows
 *        3       8  version
 *       11       8  the run of the server that it was put into (todo__redis_run)
 *       19       1  flags: 1 completed, 2 has a description
 *       20      16  id
 *       36      16  user_id
 *       52       8  created_at
 *       60       8  updated_at
 *       68       8  modseq
 *       76       4  length of the title, without its NUL
 *       80       4  length of the description, without its NUL; 0 without one
 *       84          title, NUL, and if there is one: description, NUL
 *
 * The version stands at a fixed place, so that put_if_newer.lua can compare it. A value that is not exactly this is
 * no item: whoever finds it treats it as a miss and overwrites it. Another format gets another number.
 *
 * A floor says that what is older than its version must not be put: that of a todo in the trash is the version which it has
 * there. That of INT64_MAX is the tombstone of a todo that was removed for good. What is in the trash is not written.
 */
#ifndef TODO_ADAPTERS_REDIS_CODEC_H
#define TODO_ADAPTERS_REDIS_CODEC_H

#include <todo/item.h>

#define TODO__REDIS_FLOOR_LENGTH 11u
#define TODO__REDIS_REMOVED      INT64_MAX /* the version of a tombstone */

/* Encodes an item into memory that is released with todo__free. TOO_LARGE, NOMEM. */
todo_status todo__redis_encode(const todo_item *item, uint64_t run, char **ret_value, size_t *ret_length,
                               todo_error *error);

/* Writes a floor into `value`, of TODO__REDIS_FLOOR_LENGTH bytes. */
void todo__redis_encode_floor(int64_t version, char *value);

bool todo__redis_is_floor(const char *value, size_t length);

/*
 * Reads the value of the key of `id` into a borrowed item, whose strings point into the value.
 * @return false for anything that todo__redis_encode does not make of an item of that id, or did in another run.
 */
bool todo__redis_decode(const char *value, size_t length, const todo_uuid *id, uint64_t run,
                        todo_item *ret_item);

/* Writes the lowest `bytes` bytes of an integer as above, and returns what comes behind them. */
char *todo__redis_put_integer(char *out, uint64_t value, unsigned bytes);

/* Reads one of so many bytes, and moves `in` behind it. */
uint64_t todo__redis_get_integer(const char **in, unsigned bytes);

#endif

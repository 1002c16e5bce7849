#include "adapters/redis/codec.h"

#include <string.h>

#include "domain/text.h"
#include "util/alloc.h"

#define PREFIX         "t2i"
#define FLOOR_PREFIX   "t2x"
#define PREFIX_LENGTH  (sizeof(PREFIX) - 1)
#define HEADER_LENGTH  84u
#define STRING_MAX     (16u * 1024 * 1024)
#define FLAG_COMPLETED 1u
#define FLAG_DESCRIBED 2u

char *todo__redis_put_integer(char *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0; value >>= 8)
        out[i] = (char)(value & 0xFF);
    return out + bytes;
}

static char *put_bytes(char *out, const void *bytes, size_t length)
{
    memcpy(out, bytes, length);
    return out + length;
}

uint64_t todo__redis_get_integer(const char **in, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)(*in)[i];
    *in += bytes;
    return value;
}

static void get_uuid(const char **in, todo_uuid *uuid)
{
    memcpy(uuid->bytes, *in, sizeof(uuid->bytes));
    *in += sizeof(uuid->bytes);
}

todo_status todo__redis_encode(const todo_item *item, uint64_t run, char **ret_value, size_t *ret_length,
                               todo_error *error)
{
    size_t title = strlen(item->title);
    size_t description = item->description != NULL ? strlen(item->description) : 0;
    size_t length = HEADER_LENGTH + title + 1 + (item->description != NULL ? description + 1 : 0);
    unsigned flags =
        (item->completed ? FLAG_COMPLETED : 0) | (item->description != NULL ? FLAG_DESCRIBED : 0);
    char *value, *out;

    if (title > STRING_MAX || description > STRING_MAX)
        return todo_error_set(error, TODO_ERR_TOO_LARGE, NULL, NULL, NULL);
    value = todo__malloc(length);
    if (value == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    out = put_bytes(value, PREFIX, PREFIX_LENGTH);
    out = todo__redis_put_integer(out, (uint64_t)item->version, 8);
    out = todo__redis_put_integer(out, run, 8);
    out = todo__redis_put_integer(out, flags, 1);
    out = put_bytes(out, item->id.bytes, sizeof(item->id.bytes));
    out = put_bytes(out, item->user_id.bytes, sizeof(item->user_id.bytes));
    out = todo__redis_put_integer(out, (uint64_t)item->created_at, 8);
    out = todo__redis_put_integer(out, (uint64_t)item->updated_at, 8);
    out = todo__redis_put_integer(out, (uint64_t)item->modseq, 8);
    out = todo__redis_put_integer(out, title, 4);
    out = todo__redis_put_integer(out, description, 4);
    out = put_bytes(out, item->title, title + 1);
    if (item->description != NULL)
        put_bytes(out, item->description, description + 1);
    *ret_value = value;
    *ret_length = length;
    return TODO_OK;
}

/* A string of the said length at `text`: closed by the one NUL in it, and UTF-8. */
static bool sound_string(const char *text, size_t length)
{
    return text[length] == '\0' && memchr(text, '\0', length) == NULL && todo__utf8_valid(text, length);
}

void todo__redis_encode_floor(int64_t version, char *value)
{
    todo__redis_put_integer(put_bytes(value, FLOOR_PREFIX, PREFIX_LENGTH), (uint64_t)version, 8);
}

bool todo__redis_is_floor(const char *value, size_t length)
{
    return length == TODO__REDIS_FLOOR_LENGTH && memcmp(value, FLOOR_PREFIX, PREFIX_LENGTH) == 0;
}

bool todo__redis_decode(const char *value, size_t length, const todo_uuid *id, uint64_t run,
                        todo_item *ret_item)
{
    const char *in = value + PREFIX_LENGTH;
    todo_item item = {0};
    uint64_t flags, title, description, rest;

    if (length <= HEADER_LENGTH || memcmp(value, PREFIX, PREFIX_LENGTH) != 0)
        return false;
    item.version = (int64_t)todo__redis_get_integer(&in, 8);
    if (todo__redis_get_integer(&in, 8) != run)
        return false;
    flags = todo__redis_get_integer(&in, 1);
    get_uuid(&in, &item.id);
    get_uuid(&in, &item.user_id);
    item.created_at = (todo_time)todo__redis_get_integer(&in, 8);
    item.updated_at = (todo_time)todo__redis_get_integer(&in, 8);
    item.modseq = (int64_t)todo__redis_get_integer(&in, 8);
    title = todo__redis_get_integer(&in, 4);
    description = todo__redis_get_integer(&in, 4);
    rest = (flags & FLAG_DESCRIBED) != 0 ? title + 1 + description + 1 : title + 1;
    if (length - HEADER_LENGTH != rest || (flags & ~(FLAG_COMPLETED | FLAG_DESCRIBED)) != 0)
        return false;
    if (item.version < 1 || todo_uuid_compare(&item.id, id) != 0 || !sound_string(in, title))
        return false;
    item.title = in;
    item.completed = (flags & FLAG_COMPLETED) != 0;
    if ((flags & FLAG_DESCRIBED) != 0) {
        item.description = in + title + 1;
        if (!sound_string(item.description, description))
            return false;
    } else if (description != 0) {
        return false;
    }
    *ret_item = item;
    return true;
}

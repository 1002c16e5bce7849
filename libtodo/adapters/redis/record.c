#include "adapters/redis/record.h"

#include <string.h>

#include "domain/fields.h"
#include "util/alloc.h"
#include "util/guard.h"

#define FORMAT         "t2"
#define USER_FORMAT    "u1"
#define FORMAT_LENGTH  2u
#define HEAD_LENGTH    19u
#define USER_LENGTH    42u
#define FIELD_OVERHEAD 5u
#define TEXT_MAX       (16u * 1024 * 1024)

static char *put(char *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0; value >>= 8)
        out[i] = (char)(value & 0xFF);
    return out + bytes;
}

static uint64_t get(const char *in, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)in[i];
    return value;
}

char *todo__put_u64(char *out, uint64_t value)
{
    return put(out, value, 8);
}

static uint32_t highest_number(void)
{
    uint32_t highest = 0;

    for (TODO__EACH_FIELD(row))
        highest = row->field.number > highest ? row->field.number : highest;
    return highest;
}

/* ---- records ---- */

/* The length of a value, a text with its NUL; 0 for null. */
static size_t length_of(const todo_field *field, const todo_value *value)
{
    if (value->null)
        return 0;
    switch (field->kind) {
    case TODO_KIND_UUID:
        return sizeof(value->uuid.bytes);
    case TODO_KIND_TEXT:
        return strlen(value->text) + 1;
    case TODO_KIND_FLAG:
        return 1;
    case TODO_KIND_INTEGER:
    case TODO_KIND_TIME:
        return 8;
    }
    return 0;
}

static char *put_field(char *out, const todo_field *field, const todo_value *value, size_t length)
{
    out = put(put(out, field->number, 1), length, 4);
    switch (field->kind) {
    case TODO_KIND_UUID:
        memcpy(out, value->uuid.bytes, length);
        break;
    case TODO_KIND_TEXT:
        memcpy(out, value->text, length);
        break;
    case TODO_KIND_FLAG:
        put(out, value->flag, 1);
        break;
    case TODO_KIND_INTEGER:
        put(out, (uint64_t)value->integer, 8);
        break;
    case TODO_KIND_TIME:
        put(out, (uint64_t)value->time, 8);
        break;
    }
    return out + length;
}

todo_status todo__record_encode(const todo_item *item, uint64_t as_of, char **ret_value, size_t *ret_length,
                                todo_error *error)
{
    todo_value values[TODO__ITEM_FIELD_COUNT];
    size_t lengths[TODO__ITEM_FIELD_COUNT], total = HEAD_LENGTH;
    char *record, *out;

    for (size_t i = 0; i < TODO__ITEM_FIELD_COUNT; i++) {
        todo_field_get(&todo__item_fields[i].field, item, &values[i]);
        lengths[i] = length_of(&todo__item_fields[i].field, &values[i]);
        if (lengths[i] > TEXT_MAX)
            return todo_error_set(error, TODO_ERR_TOO_LARGE, NULL, NULL, NULL);
        total += lengths[i] > 0 ? FIELD_OVERHEAD + lengths[i] : 0;
    }
    record = todo__malloc(total);
    if (record == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    memcpy(record, FORMAT, FORMAT_LENGTH);
    out = put(put(put(record + FORMAT_LENGTH, 0, TODO__LIFE_LENGTH), as_of, 8), highest_number(), 1);
    for (size_t i = 0; i < TODO__ITEM_FIELD_COUNT; i++)
        if (lengths[i] > 0)
            out = put_field(out, &todo__item_fields[i].field, &values[i], lengths[i]);
    *ret_value = record;
    *ret_length = total;
    return TODO_OK;
}

/* A text is closed by the one NUL in it, and UTF-8. */
static bool sound_text(const char *text, size_t length)
{
    return length > 0 && strnlen(text, length) == length - 1 && todo__utf8_valid(text, length - 1);
}

static bool get_field(const todo_field *field, const char *in, size_t length, todo_item *item)
{
    switch (field->kind) {
    case TODO_KIND_UUID:
        if (length != sizeof(todo_uuid))
            return false;
        memcpy(TODO__MEMBER(todo_uuid, item, field->item).bytes, in, length);
        return true;
    case TODO_KIND_TEXT:
        TODO__MEMBER(const char *, item, field->item) = in;
        return sound_text(in, length);
    case TODO_KIND_FLAG:
        TODO__MEMBER(bool, item, field->item) = in[0] != 0;
        return length == 1;
    case TODO_KIND_INTEGER:
        TODO__MEMBER(int64_t, item, field->item) = length == 8 ? (int64_t)get(in, 8) : 0;
        return length == 8;
    case TODO_KIND_TIME:
        TODO__MEMBER(todo_time, item, field->item) = length == 8 ? (todo_time)get(in, 8) : 0;
        return length == 8;
    }
    return false;
}

/* NULL for a field of a later version. */
static const todo_field *field_of(uint64_t number)
{
    for (TODO__EACH_FIELD(row))
        if (row->field.number == number)
            return &row->field;
    return NULL;
}

bool todo__record_decode(const char *value, size_t length, todo__record *ret_record)
{
    const char *in = value + HEAD_LENGTH, *end = value + length;
    todo__record record = {.as_of = 0};
    uint64_t found = 0, wanted = 0; /* bits by number */

    if (length < HEAD_LENGTH || memcmp(value, FORMAT, FORMAT_LENGTH) != 0)
        return false;
    if (get(value + HEAD_LENGTH - 1, 1) < highest_number() && todo__guarded("record-fields"))
        return false;
    memcpy(record.life, value + FORMAT_LENGTH, TODO__LIFE_LENGTH);
    record.as_of = get(value + FORMAT_LENGTH + TODO__LIFE_LENGTH, 8);
    while (end - in >= (ptrdiff_t)FIELD_OVERHEAD) {
        uint64_t number = get(in, 1), size = get(in + 1, 4);
        const todo_field *field = field_of(number);

        in += FIELD_OVERHEAD;
        if (size == 0 || size > (uint64_t)(end - in))
            return false;
        if (field != NULL && !get_field(field, in, (size_t)size, &record.item))
            return false;
        found |= field != NULL ? UINT64_C(1) << number % 64 : 0;
        in += size;
    }
    for (TODO__EACH_FIELD(row))
        if ((row->field.uses & TODO_USE_NULLABLE) == 0)
            wanted |= UINT64_C(1) << row->field.number % 64;
    *ret_record = record;
    return in == end && (found & wanted) == wanted;
}

/* ---- user keys ---- */

void todo__user_state_decode(const char *value, size_t length, uint64_t run, todo__user_state *ret_state)
{
    static const char none[TODO__LIFE_LENGTH];
    const char *in = value + FORMAT_LENGTH;

    *ret_state = (todo__user_state){.there = false};
    if (length < USER_LENGTH || memcmp(value, USER_FORMAT, FORMAT_LENGTH) != 0)
        return;
    if (get(in, 8) != run && todo__guarded("run"))
        return;
    ret_state->there = true;
    memcpy(ret_state->life, in + 8, TODO__LIFE_LENGTH);
    ret_state->closed = memcmp(ret_state->life, none, TODO__LIFE_LENGTH) == 0;
    ret_state->latest = (todo_sequence){get(in + 16, 8), get(in + 32, 8)};
    ret_state->told = get(in + 24, 8);
}

bool todo__record_is_current(const todo__record *record, const todo__user_state *user)
{
    uint64_t shown = record->as_of > user->told ? record->as_of : user->told;

    if (!user->there || user->closed)
        return false;
    if (memcmp(record->life, user->life, TODO__LIFE_LENGTH) != 0 && todo__guarded("life"))
        return false;
    return shown >= user->latest.number || !todo__guarded("told");
}

/*
 * A writer of our own: json-c's serializer needs a tree, an allocation for every member, made and thrown away for each
 * todo (docs/decisions/0006-json-writer.md has the figures). It writes straight into the buffer; its fuzz test reads
 * everything back through json-c.
 */
#include <endian.h>
#include <string.h>

#include <todo/json.h>

#include "domain/fields.h"
#include "domain/text.h"
#include "util/entry.h"
#include "json/buffer.h"

/* Where the next byte goes, and where the room ends. */
typedef struct writer {
    todo_buffer *buffer;
    char *at;
    char *end;
    size_t start; /* the buffer's length before */
} writer;

/* Room for the escape of one character. */
#define ESCAPE_MAX 6

/* Makes sure that `needed` bytes fit. */
static bool make_room(writer *out, size_t needed)
{
    if ((size_t)(out->end - out->at) >= needed)
        return true;
    if (out->at != NULL)
        out->buffer->length = (size_t)(out->at - out->buffer->data);
    out->at = todo__buffer_room(out->buffer, needed);
    if (out->at == NULL)
        return false;
    out->end = out->buffer->data + out->buffer->capacity - 1;
    return true;
}

static bool begin(writer *out, todo_buffer *buffer, size_t needed)
{
    *out = (writer){.buffer = buffer, .start = buffer->length};
    return make_room(out, needed);
}

static todo_status finish(writer *out)
{
    out->buffer->length = (size_t)(out->at - out->buffer->data);
    *out->at = '\0';
    return TODO_OK;
}

static todo_status give_up(writer *out, todo_error *error)
{
    todo_buffer_truncate(out->buffer, out->start);
    return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

/* These write where room was made before. */
static void put(writer *out, const char *bytes, size_t length)
{
    memcpy(out->at, bytes, length);
    out->at += length;
}

#define PUT_LITERAL(out, literal) put((out), (literal), sizeof(literal) - 1)

static void put_uuid(writer *out, const todo_uuid *uuid)
{
    todo_uuid_format(uuid, out->at);
    out->at += TODO_UUID_TEXT_SIZE - 1;
}

static void put_time(writer *out, todo_time time)
{
    todo_time_format(time, out->at);
    out->at += TODO_TIME_TEXT_SIZE - 1;
}

static void put_bool(writer *out, bool value)
{
    if (value)
        PUT_LITERAL(out, "true");
    else
        PUT_LITERAL(out, "false");
}

#define INT64_DIGITS 20 /* of INT64_MIN, its sign included */

static void put_int64(writer *out, int64_t value)
{
    char digits[INT64_DIGITS];
    char *first = digits + sizeof(digits);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--first = '-';
    put(out, first, (size_t)(digits + sizeof(digits) - first));
}

/* Writes the escape of a character that may not stand for itself. */
static void put_escape(writer *out, unsigned char byte)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
    static const char hex[] = "0123456789abcdef";

    *out->at++ = '\\';
    if (letters[byte] != '\0') {
        *out->at++ = letters[byte];
        return;
    }
    PUT_LITERAL(out, "u00");
    *out->at++ = hex[byte >> 4];
    *out->at++ = hex[byte & 0x0F];
}

/* The top bit of each byte of a word that can't be copied as it is: a control character, ", \ or no ASCII. */
static uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quotes = word ^ (ones * '"'), backslashes = word ^ (ones * '\\');

    return (word | (word - ones * 0x20) | (quotes - ones) | (backslashes - ones)) & tops;
}

/*
 * Copies what may stand as it is, eight bytes at a time, and returns how much. A subtraction borrows from the byte above
 * only if the one below is special, so the lowest special byte is the right one.
 */
static size_t copy_plain(char *to, const char *from, size_t length)
{
    size_t done = 0;
    uint64_t word, special;

    for (; length - done >= sizeof(word); done += sizeof(word)) {
        memcpy(&word, from + done, sizeof(word));
        memcpy(to + done, &word, sizeof(word));
        special = special_bytes(le64toh(word));
        if (special != 0)
            return done + (size_t)__builtin_ctzll(special) / 8;
    }
    for (; done < length; done++) {
        unsigned char byte = (unsigned char)from[done];

        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\')
            break;
        to[done] = (char)byte;
    }
    return done;
}

/* Copies a run of characters beyond ASCII, and returns how much of the text that was. */
static size_t put_characters(writer *out, const char *text, size_t length)
{
    size_t done = 0, step;

    while (done < length && (unsigned char)text[done] >= 0x80) {
        step = todo__utf8_sequence(text + done, length - done);
        if (step == 0)
            break;
        put(out, text + done, step);
        done += step;
    }
    return done;
}

/*
 * Writes a string with its quotes. `after` bytes are kept free behind it, for what the caller writes next; the caller
 * has made room for `length` and two quotes and `after`.
 */
static bool put_string(writer *out, const char *text, size_t length, size_t after)
{
    *out->at++ = '"';
    for (;;) {
        size_t step = copy_plain(out->at, text, length);

        out->at += step;
        text += step;
        length -= step;
        step = put_characters(out, text, length);
        text += step;
        length -= step;
        if (length == 0)
            break;
        if (!make_room(out, ESCAPE_MAX + length + 1 + after))
            return false;
        if ((unsigned char)*text >= 0x80)
            PUT_LITERAL(out, "\xEF\xBF\xBD");
        else if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\')
            put_escape(out, (unsigned char)*text);
        else
            continue;
        text++;
        length--;
    }
    *out->at++ = '"';
    return true;
}

static bool put_string_or_null(writer *out, const char *text, size_t length, size_t after)
{
    if (text != NULL)
        return put_string(out, text, length, after);
    PUT_LITERAL(out, "null");
    return true;
}

static size_t length_of(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* More than a user takes at its longest (116 bytes), its texts not counted. */
#define MEMBERS_MAX 128

/* More than a member of a todo takes: its key, and its value or the quotes of its text. */
#define MEMBER_MAX 64

/* Writes the value of a field that is not a text, where room was made before. */
static void put_value(writer *out, const todo_field *field, const todo_item *item)
{
    switch (field->kind) {
    case TODO_KIND_UUID:
        *out->at++ = '"';
        put_uuid(out, &TODO__MEMBER_CONST(todo_uuid, item, field->item));
        *out->at++ = '"';
        break;
    case TODO_KIND_FLAG:
        put_bool(out, TODO__MEMBER_CONST(bool, item, field->item));
        break;
    case TODO_KIND_INTEGER:
        put_int64(out, TODO__MEMBER_CONST(int64_t, item, field->item));
        break;
    case TODO_KIND_TIME:
        if (TODO__MEMBER_CONST(todo_time, item, field->item) == 0 && (field->uses & TODO_USE_NULLABLE) != 0) {
            PUT_LITERAL(out, "null");
            break;
        }
        *out->at++ = '"';
        put_time(out, TODO__MEMBER_CONST(todo_time, item, field->item));
        *out->at++ = '"';
        break;
    case TODO_KIND_TEXT:
        break;
    }
}

/* A null of one of these is not written at all. They are numbers and times, of which 0 is null. */
static bool is_left_out(const todo_field *field, const todo_item *item)
{
    return (field->uses & TODO_USE_SPARSE) != 0 && TODO__MEMBER_CONST(int64_t, item, field->item) == 0;
}

/* The bytes that the texts of an item take without escapes, and the length of each. */
static size_t measure(const todo_item *item, size_t *lengths)
{
    size_t sum = 0;

    for (TODO__EACH_FIELD(row))
        if (row->field.kind == TODO_KIND_TEXT)
            sum += *lengths++ = length_of(todo__text_of(&row->field, item));
    return sum;
}

todo_status todo_json_write_item(todo_buffer *buffer, const todo_item *item, todo_error *error)
{
    size_t lengths[TODO__ITEM_TEXT_MAX], *length = lengths, needed;
    writer out;

    if (!todo__given(error, buffer, item) || !todo__given(error, item->title))
        return TODO_ERR_INVALID;
    needed = MEMBER_MAX * TODO__ITEM_FIELD_COUNT + measure(item, lengths);
    if (!begin(&out, buffer, needed))
        return give_up(&out, error);
    for (TODO__EACH_FIELD(row)) {
        if (is_left_out(&row->field, item))
            continue;
        memcpy(out.at, row->key, sizeof(row->key));
        if (row == todo__item_fields)
            *out.at = '{';
        out.at += row->key_length;
        if (row->field.kind != TODO_KIND_TEXT)
            put_value(&out, &row->field, item);
        else if (!put_string_or_null(&out, todo__text_of(&row->field, item), *length++, needed))
            return give_up(&out, error);
    }
    PUT_LITERAL(&out, "}");
    return finish(&out);
}

todo_status todo_json_write_user(todo_buffer *buffer, const todo_user *user, todo_error *error)
{
    writer out;
    size_t email, display_name;

    if (!todo__given(error, buffer, user) || !todo__given(error, user->email))
        return TODO_ERR_INVALID;
    email = strlen(user->email);
    display_name = length_of(user->display_name);
    if (!begin(&out, buffer, MEMBERS_MAX + email + display_name))
        return give_up(&out, error);
    PUT_LITERAL(&out, "{\"id\":\"");
    put_uuid(&out, &user->id);
    PUT_LITERAL(&out, "\",\"email\":");
    if (!put_string(&out, user->email, email, MEMBERS_MAX + display_name))
        return give_up(&out, error);
    PUT_LITERAL(&out, ",\"display_name\":");
    if (!put_string_or_null(&out, user->display_name, display_name, MEMBERS_MAX))
        return give_up(&out, error);
    PUT_LITERAL(&out, ",\"created_at\":\"");
    put_time(&out, user->created_at);
    PUT_LITERAL(&out, "\"}");
    return finish(&out);
}

todo_status todo_json_write_string(todo_buffer *buffer, const char *text, todo_error *error)
{
    writer out;
    size_t length;

    if (!todo__given(error, buffer, text))
        return TODO_ERR_INVALID;
    length = strlen(text);
    if (!begin(&out, buffer, length + 2) || !put_string(&out, text, length, 0))
        return give_up(&out, error);
    return finish(&out);
}

#include <todo/item.h>

#include "domain/entity.h"
#include "util/entry.h"
#include "util/hex.h"

/* The text is the 24 bytes in hexadecimal: the key in network byte order, then the id. */

static const char digits[] = "0123456789abcdef";

static char *put_byte(char *text, uint8_t byte)
{
    *text++ = digits[byte >> 4];
    *text++ = digits[byte & 0x0F];
    return text;
}

void todo_cursor_format(const todo_cursor *cursor, char *text)
{
    if (cursor == NULL || text == NULL)
        return;
    for (int shift = 56; shift >= 0; shift -= 8)
        text = put_byte(text, (uint8_t)((uint64_t)cursor->key >> shift));
    for (size_t i = 0; i < sizeof(cursor->id.bytes); i++)
        text = put_byte(text, cursor->id.bytes[i]);
    *text = '\0';
}

static bool take_byte(const char **text, uint8_t *byte)
{
    int high = todo__hex_lower((*text)[0]);
    int low = high < 0 ? -1 : todo__hex_lower((*text)[1]);

    if (low < 0)
        return false;
    *byte = (uint8_t)(high << 4 | low);
    *text += 2;
    return true;
}

static bool parse(const char *text, todo_cursor *cursor)
{
    uint64_t key = 0;
    uint8_t byte;

    for (int i = 0; i < 8; i++) {
        if (!take_byte(&text, &byte))
            return false;
        key = key << 8 | byte;
    }
    cursor->key = (int64_t)key;
    for (size_t i = 0; i < sizeof(cursor->id.bytes); i++)
        if (!take_byte(&text, &cursor->id.bytes[i]))
            return false;
    return *text == '\0';
}

todo_status todo_cursor_parse(const char *text, todo_cursor *ret_cursor, todo_error *error)
{
    todo_cursor cursor;

    if (!todo__given(error, ret_cursor))
        return TODO_ERR_INVALID;
    if (text == NULL || !parse(text, &cursor))
        return todo_error_set(error, TODO_ERR_INVALID, "cursor_invalid", "cursor", "invalid cursor");
    *ret_cursor = cursor;
    return TODO_OK;
}

todo_cursor todo__item_cursor(const todo_item *item, todo_sort_key sort)
{
    return (todo_cursor){sort == TODO_SORT_UPDATED_AT ? item->updated_at : item->created_at, item->id};
}

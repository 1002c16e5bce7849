#include <todo/types.h>

#include <string.h>
#include <sys/random.h>

/* libuuid of util-linux before 2.41 makes no version 7, so the layout of RFC 9562, 5.7 is filled in here. */
todo_status todo_uuid_generate(todo_uuid *ret_uuid, todo_error *error)
{
    todo_uuid uuid;
    uint64_t milliseconds = (uint64_t)(todo_time_now() / 1000);

    if (getrandom(uuid.bytes + 6, 10, 0) != 10)
        return todo_error_set(error, TODO_ERR_INTERNAL, "random_failed", NULL, NULL);
    for (int i = 5; i >= 0; i--, milliseconds >>= 8)
        uuid.bytes[i] = (uint8_t)milliseconds;
    uuid.bytes[6] = (uint8_t)(0x70 | (uuid.bytes[6] & 0x0F));
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3F));
    *ret_uuid = uuid;
    return TODO_OK;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

static bool is_hyphen_place(size_t index)
{
    return index == 8 || index == 13 || index == 18 || index == 23;
}

static bool parse(const char *text, todo_uuid *uuid)
{
    size_t place = 0;

    for (size_t i = 0; i < TODO_UUID_TEXT_SIZE - 1;) {
        int high, low;

        if (is_hyphen_place(i)) {
            if (text[i++] != '-')
                return false;
            continue;
        }
        high = hex_value(text[i]);
        low = high < 0 ? -1 : hex_value(text[i + 1]);
        if (low < 0)
            return false;
        uuid->bytes[place++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    return text[TODO_UUID_TEXT_SIZE - 1] == '\0';
}

todo_status todo_uuid_parse(const char *text, todo_uuid *ret_uuid, todo_error *error)
{
    todo_uuid uuid;

    if (text == NULL || !parse(text, &uuid))
        return todo_error_set(error, TODO_ERR_INVALID, "uuid_invalid", NULL, "not a UUID");
    *ret_uuid = uuid;
    return TODO_OK;
}

void todo_uuid_format(const todo_uuid *uuid, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[uuid->bytes[i] >> 4];
        *text++ = digits[uuid->bytes[i] & 0x0F];
    }
    *text = '\0';
}

int todo_uuid_compare(const todo_uuid *a, const todo_uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

#include <todo/types.h>

#include <string.h>
#include <sys/random.h>

#include "util/entry.h"
#include "util/hex.h"

/* libuuid of util-linux before 2.41 makes no version 7, so the layout of RFC 9562, 5.7 is filled in here. */
todo_status todo_uuid_generate(todo_uuid *ret_uuid, todo_error *error)
{
    todo_uuid uuid;
    uint64_t milliseconds = (uint64_t)(todo_time_now() / 1000);

    if (!todo__given(error, ret_uuid))
        return TODO_ERR_INVALID;
    if (getrandom(uuid.bytes + 6, 10, 0) != 10)
        return todo_error_set(error, TODO_ERR_INTERNAL, "random_failed", NULL, NULL);
    for (int i = 5; i >= 0; i--, milliseconds >>= 8)
        uuid.bytes[i] = (uint8_t)milliseconds;
    uuid.bytes[6] = (uint8_t)(0x70 | (uuid.bytes[6] & 0x0F));
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3F));
    *ret_uuid = uuid;
    return TODO_OK;
}

static bool is_hyphen_place(size_t index)
{
    return index == 8 || index == 13 || index == 18 || index == 23;
}

static bool parse(const char *text, todo_uuid *uuid)
{
    size_t place = 0;

    for (size_t i = 0; i < TODO_UUID_TEXT_SIZE - 1;) {
        int byte;

        if (is_hyphen_place(i)) {
            if (text[i++] != '-')
                return false;
            continue;
        }
        byte = todo__hex_byte(text + i);
        if (byte < 0)
            return false;
        uuid->bytes[place++] = (uint8_t)byte;
        i += 2;
    }
    return text[TODO_UUID_TEXT_SIZE - 1] == '\0';
}

todo_status todo_uuid_parse(const char *text, todo_uuid *ret_uuid, todo_error *error)
{
    todo_uuid uuid;

    if (!todo__given(error, ret_uuid))
        return TODO_ERR_INVALID;
    if (text == NULL || !parse(text, &uuid))
        return todo_error_set(error, TODO_ERR_INVALID, "uuid_invalid", NULL, "not a UUID");
    *ret_uuid = uuid;
    return TODO_OK;
}

void todo_uuid_format(const todo_uuid *uuid, char *text)
{
    static const char pairs[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
                                "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
                                "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
                                "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
                                "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                                "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
                                "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

    if (uuid == NULL || text == NULL)
        return;
    for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        memcpy(text, pairs + 2 * uuid->bytes[i], 2);
        text += 2;
    }
    *text = '\0';
}

int todo_uuid_compare(const todo_uuid *a, const todo_uuid *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

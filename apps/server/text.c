#include "text.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

text_slice text_trim(text_slice slice)
{
    while (slice.length > 0 && is_blank(slice.start[0])) {
        slice.start++;
        slice.length--;
    }
    while (slice.length > 0 && is_blank(slice.start[slice.length - 1]))
        slice.length--;
    return slice;
}

bool text_is(text_slice slice, const char *text)
{
    return strlen(text) == slice.length && memcmp(slice.start, text, slice.length) == 0;
}

bool text_is_nocase(text_slice slice, const char *text)
{
    return strlen(text) == slice.length && strncasecmp(slice.start, text, slice.length) == 0;
}

static size_t element_length(text_slice rest)
{
    bool quoted = false;
    size_t length = 0;

    for (; length < rest.length && (quoted || rest.start[length] != ','); length++)
        if (rest.start[length] == '"')
            quoted = !quoted;
    return length;
}

bool text_next_element(text_slice *rest, text_slice *ret_element)
{
    while (rest->length > 0) {
        size_t length = element_length(*rest);
        size_t used = length < rest->length ? length + 1 : length;
        text_slice element = text_trim((text_slice){rest->start, length});

        rest->start += used;
        rest->length -= used;
        if (element.length > 0) {
            *ret_element = element;
            return true;
        }
    }
    return false;
}

bool text_to_number(text_slice slice, unsigned long long highest, unsigned long long *ret_number)
{
    unsigned long long number = 0;

    for (size_t i = 0; i < slice.length; i++) {
        unsigned digit = (unsigned char)slice.start[i] - (unsigned)'0';

        if (digit > 9 || number > (highest - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return slice.length > 0;
}

void text_put_bytes(text_out *out, const char *bytes, size_t length)
{
    if (length > out->size - out->length) {
        out->overflow = true;
        return;
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

void text_put(text_out *out, const char *text)
{
    text_put_bytes(out, text, strlen(text));
}

void text_put_number(text_out *out, unsigned long long number)
{
    char digits[20];
    size_t start = sizeof(digits);

    do
        digits[--start] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    text_put_bytes(out, digits + start, sizeof(digits) - start);
}

#include "forwarded.h"

#include <string.h>
#include <strings.h>

/* What stands behind the last comma: the proxy in front of us appended it. */
static const char *last_of(const struct field *field, size_t *ret_length)
{
    size_t start = field->value_length, end = field->value_length;

    while (start > 0 && field->value[start - 1] != ',')
        start--;
    while (start < end && (field->value[start] == ' ' || field->value[start] == '\t'))
        start++;
    *ret_length = end - start;
    return field->value + start;
}

/* The `for` of an element of Forwarded (RFC 7239). */
static quota_key key_of_element(const char *text, size_t length)
{
    for (size_t i = 0; i + 4 <= length; i++) {
        if (strncasecmp(text + i, "for=", 4) != 0 || (i > 0 && text[i - 1] != ';' && text[i - 1] != ' '))
            continue;
        const char *at = text + i + 4;
        size_t left = length - i - 4, size = 0;
        if (left > 0 && *at == '"') {
            at++;
            left--;
        }
        while (size < left && at[size] != ';' && at[size] != '"')
            size++;
        return quota_key_from(at, size);
    }
    return 0;
}

quota_key forwarded_client(const struct wire *request)
{
    quota_key key = 0;

    for (size_t i = 0; i < request->fields_count; i++) {
        const struct field *field = &request->fields[i];
        size_t length;
        const char *text = last_of(field, &length);
        if (field_is(field, "x-forwarded-for"))
            key = quota_key_from(text, length);
        else if (field_is(field, "forwarded") && key == 0)
            key = key_of_element(text, length);
        else if (field_is(field, "x-real-ip") && key == 0)
            key = quota_key_from(text, length);
    }
    return key;
}

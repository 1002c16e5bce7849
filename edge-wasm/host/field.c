#include "field.h"

#include <string.h>
#include <strings.h>

bool field_is(const struct field *field, const char *lower_name)
{
    return strlen(lower_name) == field->name_length &&
           strncasecmp(field->name, lower_name, field->name_length) == 0;
}

static bool is_token(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL)))
            return false;
    }
    return length > 0;
}

bool field_is_valid(const struct field *field)
{
    for (size_t i = 0; i < field->value_length; i++) {
        unsigned char c = (unsigned char)field->value[i];
        if ((c < ' ' && c != '\t') || c == 127)
            return false;
    }
    return is_token(field->name, field->name_length);
}

int64_t fields_length(const struct field *fields, size_t count)
{
    int64_t length = -1;

    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        if (!field_is(field, "content-length"))
            continue;
        if (length != -1 || field->value_length == 0 || field->value_length > 18)
            return -2;
        length = 0;
        for (size_t j = 0; j < field->value_length; j++) {
            if (field->value[j] < '0' || field->value[j] > '9')
                return -2;
            length = length * 10 + (field->value[j] - '0');
        }
    }
    return length;
}

bool is_visible(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return true;
}

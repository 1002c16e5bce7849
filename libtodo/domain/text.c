#include "domain/text.h"

#include <stdint.h>
#include <string.h>

/*
 * The length of the valid sequence at `text`, 0 if it is none, and its code point. The table is that of
 * Unicode 15, table 3-7.
 */
static size_t decode(const unsigned char *text, size_t length, uint32_t *ret_point)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t need;
    uint32_t point;

    if (text[0] < 0x80) {
        *ret_point = text[0];
        return 1;
    }
    if (text[0] < 0xC2 || text[0] > 0xF4)
        return 0;
    need = text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
    if (length < need)
        return 0;
    if (text[0] == 0xE0)
        low = 0xA0;
    else if (text[0] == 0xED)
        high = 0x9F;
    else if (text[0] == 0xF0)
        low = 0x90;
    else if (text[0] == 0xF4)
        high = 0x8F;
    if (text[1] < low || text[1] > high)
        return 0;
    point = text[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        point = point << 6 | (text[i] & 0x3Fu);
    }
    *ret_point = point;
    return need;
}

size_t todo__utf8_sequence(const char *text, size_t length)
{
    uint32_t point;

    return decode((const unsigned char *)text, length, &point);
}

bool todo__utf8_valid(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t point;

    for (size_t i = 0, step; i < length; i += step) {
        step = decode(bytes + i, length - i, &point);
        if (step == 0)
            return false;
    }
    return true;
}

size_t todo__utf8_count(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

size_t todo__utf8_cut(const char *text, size_t limit)
{
    while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80)
        limit--;
    return limit;
}

static bool is_white_space(uint32_t point)
{
    return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

todo__slice todo__utf8_trim(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = strlen(text), start = length, end = 0;
    uint32_t point;

    for (size_t i = 0, step; i < length; i += step) {
        step = decode(bytes + i, length - i, &point);
        if (step == 0)
            step = 1;
        else if (is_white_space(point))
            continue;
        if (start > i)
            start = i;
        end = i + step;
    }
    if (start > end)
        start = end;
    return (todo__slice){text + start, end - start};
}

/* Unicode 15's Default_Ignorable_Code_Point, and what is drawn as a blank without being White_Space. In order. */
static const struct range {
    uint32_t first, last;
} invisible[] = {{0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},
                 {0x61C, 0x61C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
                 {0x200B, 0x200F}, {0x202A, 0x202E},   {0x2060, 0x206F},   {0x2800, 0x2800},
                 {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
                 {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

static bool is_invisible(uint32_t point)
{
    for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
        if (point <= invisible[i].last)
            return point >= invisible[i].first;
    return false;
}

bool todo__utf8_is_visible(todo__slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.text;
    uint32_t point;

    for (size_t i = 0, step; i < text.length; i += step) {
        step = decode(bytes + i, text.length - i, &point);
        if (step == 0 || (!is_white_space(point) && !is_invisible(point)))
            return true;
    }
    return false;
}

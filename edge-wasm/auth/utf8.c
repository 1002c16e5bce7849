#include "utf8.h"

/* The length of a sequence by its first byte, and the range of its second byte (RFC 3629, 4). */
static size_t sequence(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *low = first == 0xE0 ? 0xA0 : 0x80;
        *high = first == 0xED ? 0x9F : 0xBF;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *low = first == 0xF0 ? 0x90 : 0x80;
        *high = first == 0xF4 ? 0x8F : 0xBF;
        return 4;
    }
    return 0;
}

bool utf8_valid(struct str text)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    size_t left = text.len;

    while (left > 0) {
        unsigned char low, high;
        size_t length = sequence(*at, &low, &high);

        if (length == 0 || length > left || (length > 1 && (at[1] < low || at[1] > high))) {
            return false;
        }
        for (size_t i = 2; i < length; i++) {
            if ((at[i] & 0xC0) != 0x80) {
                return false;
            }
        }
        at += length;
        left -= length;
    }
    return true;
}

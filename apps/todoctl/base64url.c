#include "base64url.h"

#include <stdint.h>
#include <string.h>

bool base64url_decode(const char *text, size_t length, char *ret_bytes, size_t *ret_length)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned pending = 0; /* how many of them are not written yet */
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        const char *at = text[i] != '\0' ? strchr(alphabet, text[i]) : NULL;
        if (at == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(at - alphabet);
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            ret_bytes[written++] = (char)(bits >> pending & 0xff);
        }
    }
    if (pending >= 6 || (bits & ((1u << pending) - 1)) != 0)
        return false;
    *ret_length = written;
    return true;
}

#include "token/base64url.h"

#include <stdint.h>

#include <openssl/evp.h>

static int value_of(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    if (digit == '-')
        return 62;
    return digit == '_' ? 63 : -1;
}

bool todo__base64url_decode(const char *text, size_t length, char *ret_bytes, size_t *ret_length)
{
    uint32_t bits = 0;
    unsigned count = 0; /* of the bits that are not written yet */
    size_t done = 0;

    for (size_t i = 0; i < length; i++) {
        int value = value_of(text[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            ret_bytes[done++] = (char)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    if (length % 4 == 1 || bits != 0)
        return false;
    *ret_length = done;
    return true;
}

size_t todo__base64url_encode(const void *bytes, size_t length, char *ret_text)
{
    int written = EVP_EncodeBlock((unsigned char *)ret_text, bytes, (int)length);

    while (written > 0 && ret_text[written - 1] == '=')
        written--;
    for (int i = 0; i < written; i++)
        ret_text[i] = ret_text[i] == '+' ? '-' : ret_text[i] == '/' ? '_' : ret_text[i];
    ret_text[written] = '\0';
    return (size_t)written;
}

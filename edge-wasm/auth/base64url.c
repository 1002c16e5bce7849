#include "base64url.h"
#include <sodium/utils.h>
#include <stdlib.h>

bool base64url_decode(struct str text, struct str *ret_bytes)
{
    size_t size = text.len / 4 * 3 + 3;
    size_t length = 0;
    unsigned char *bytes = malloc(size);

    if (bytes == NULL) {
        return false;
    }
    if (sodium_base642bin(bytes, size, text.ptr, text.len, NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
        free(bytes);
        return false;
    }
    *ret_bytes = (struct str){(char *)bytes, length};
    return true;
}

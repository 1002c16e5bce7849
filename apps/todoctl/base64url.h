/* Base64 with the URL-safe alphabet and without padding (RFC 4648, 5), as tokens have it. */
#ifndef TODOCTL_BASE64URL_H
#define TODOCTL_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes into `ret_bytes`, which has room for `length`. False for anything that is not canonical. */
bool base64url_decode(const char *text, size_t length, char *ret_bytes, size_t *ret_length);

#endif

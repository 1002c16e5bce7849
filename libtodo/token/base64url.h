/* base64url without padding (RFC 4648, 5; RFC 7515, 2). */
#ifndef TODO_TOKEN_BASE64URL_H
#define TODO_TOKEN_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes into `ret_bytes`, which holds at least length / 4 * 3 + 2 bytes. False for any other character, an impossible
 * length, and unused bits that are not zero: a text that is no encoder's output.
 */
bool todo__base64url_decode(const char *text, size_t length, char *ret_bytes, size_t *ret_length);

/* What encoding takes of memory: padding is written before it is cut off. */
#define TODO__BASE64URL_SIZE(length) (((length) + 2) / 3 * 4 + 1)

/* Encodes into `ret_text`, of TODO__BASE64URL_SIZE(length) bytes; NUL-terminated. Returns the length of the text. */
size_t todo__base64url_encode(const void *bytes, size_t length, char *ret_text);

#endif

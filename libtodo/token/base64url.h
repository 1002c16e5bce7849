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

#endif

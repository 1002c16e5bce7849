/**
 * @file base64url.h
 * base64url without padding (RFC 7515, 2), canonical spellings only.
 */
#ifndef EDGE_BASE64URL_H
#define EDGE_BASE64URL_H

#include "../shared/str.h"

/**
 * Decodes into memory from malloc, which the caller frees. False, with nothing to free, for any character outside the
 * alphabet, an impossible length or bits that are left over.
 */
bool base64url_decode(struct str text, struct str *ret_bytes);

#endif

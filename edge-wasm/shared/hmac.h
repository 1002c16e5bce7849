/**
 * @file hmac.h
 * HMAC-SHA256 (RFC 2104, RFC 6234) of a text that may come in parts. BearSSL's: a third of the code of libsodium's.
 */
#ifndef EDGE_HMAC_H
#define EDGE_HMAC_H

#include "str.h"
#include <bearssl_hmac.h>

#define HMAC_SIZE 32

static inline void hmac_begin(br_hmac_context *hmac, struct str secret)
{
    br_hmac_key_context key;

    br_hmac_key_init(&key, &br_sha256_vtable, secret.ptr, secret.len);
    br_hmac_init(hmac, &key, HMAC_SIZE);
}

static inline void hmac_add(br_hmac_context *hmac, struct str part)
{
    br_hmac_update(hmac, part.ptr, part.len);
}

static inline void hmac_end(const br_hmac_context *hmac, unsigned char ret_bytes[HMAC_SIZE])
{
    br_hmac_out(hmac, ret_bytes);
}

#endif

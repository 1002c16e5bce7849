/**
 * @file token.h
 * Verification of a JWT (RFC 7519) in JWS compact serialization (RFC 7515), as RFC 8725 wants it done.
 */
#ifndef EDGE_TOKEN_H
#define EDGE_TOKEN_H

#include "keys.h"
#include <stdint.h>

#define TOKEN_LENGTH_MAX 8192 /* all of it */
#define HEADER_LENGTH_MAX \
    1024 /* the encoded header, which is read before the signature is known to be good */

/** What this service expects of a token beyond a good signature. */
struct expectations {
    struct str issuer; /**< `iss` must be this; not checked when `ptr` is NULL */
    struct str
        audience; /**< `aud` must be or hold this; a token that has an `aud` is refused when `ptr` is NULL */
    int64_t leeway; /**< seconds by which clocks may differ */
};

/** Reads JWT_ISSUER, JWT_AUDIENCE and JWT_LEEWAY. False when the leeway is no number of seconds up to 300. */
bool expectations_load(const struct env *env, struct expectations *ret_expectations);

struct verdict {
    bool genuine;
    char user_id[36]; /**< `sub` in canonical spelling, when genuine */
    char error[64];   /**< one of messages.h, when not */
};

/** Verifies a token at the time `now`, in seconds since the epoch. */
void token_verify(const struct keyring *keyring, const struct expectations *expectations, struct str token,
                  int64_t now, struct verdict *ret_verdict);

#endif

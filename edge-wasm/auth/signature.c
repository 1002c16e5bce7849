#include "signature.h"
#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_verify_32.h>

static bool hs256_valid(const struct key *key, struct str signed_text, struct str signature)
{
    crypto_auth_hmacsha256_state state;
    unsigned char expected[crypto_auth_hmacsha256_BYTES];

    if (signature.len != sizeof expected) {
        return false;
    }
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key->secret.ptr, key->secret.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)signed_text.ptr, signed_text.len);
    crypto_auth_hmacsha256_final(&state, expected);
    return crypto_verify_32(expected, (const unsigned char *)signature.ptr) == 0;
}

bool signature_valid(const struct key *key, struct str signed_text, struct str signature)
{
    switch (key->algorithm) {
    case ALGORITHM_HS256:
        return hs256_valid(key, signed_text, signature);
    case ALGORITHM_COUNT:
        break;
    }
    return false;
}

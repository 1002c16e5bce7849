#include "signature.h"
#include "../shared/hmac.h"
#include <bearssl_ec.h>
#include <bearssl_hash.h>
#include <bearssl_rsa.h>
#include <sodium/crypto_sign_ed25519.h>
#include <sodium/crypto_verify_32.h>

static const unsigned char *bytes(struct str text)
{
    return (const unsigned char *)text.ptr;
}

static void sha256(struct str text, unsigned char ret_hash[br_sha256_SIZE])
{
    br_sha256_context context;

    br_sha256_init(&context);
    br_sha256_update(&context, text.ptr, text.len);
    br_sha256_out(&context, ret_hash);
}

static bool hs256_valid(const struct key *key, struct str signed_text, struct str signature)
{
    br_hmac_context hmac;
    unsigned char expected[HMAC_SIZE];

    if (signature.len != sizeof expected) {
        return false;
    }
    hmac_begin(&hmac, key->material);
    hmac_add(&hmac, signed_text);
    hmac_end(&hmac, expected);
    return crypto_verify_32(expected, bytes(signature)) == 0;
}

static bool es256_valid(const struct key *key, struct str signed_text, struct str signature)
{
    br_ec_public_key point = {BR_EC_secp256r1, (unsigned char *)key->material.ptr, key->material.len};
    unsigned char hash[br_sha256_SIZE];

    /* RFC 7518, 3.4: r and s, 32 bytes each. */
    if (signature.len != 64) {
        return false;
    }
    sha256(signed_text, hash);
    return br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, hash, sizeof hash, &point, signature.ptr, signature.len) ==
           1;
}

static bool eddsa_valid(const struct key *key, struct str signed_text, struct str signature)
{
    return signature.len == crypto_sign_ed25519_BYTES &&
           crypto_sign_ed25519_verify_detached(bytes(signature), bytes(signed_text), signed_text.len,
                                               bytes(key->material)) == 0;
}

static bool rs256_valid(const struct key *key, struct str signed_text, struct str signature)
{
    /* The length in front, then the identifier of SHA-256 (RFC 8017, B.1). */
    static const unsigned char sha256_oid[] = {9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1};
    br_rsa_public_key public = {(unsigned char *)key->material.ptr, key->material.len,
                                (unsigned char *)key->exponent.ptr, key->exponent.len};
    unsigned char hash[br_sha256_SIZE], signed_hash[br_sha256_SIZE];

    if (signature.len != key->material.len) {
        return false;
    }
    sha256(signed_text, hash);
    return br_rsa_i31_pkcs1_vrfy(bytes(signature), signature.len, sha256_oid, sizeof hash, &public,
                                 signed_hash) == 1 &&
           memcmp(hash, signed_hash, sizeof hash) == 0;
}

bool signature_valid(const struct key *key, struct str signed_text, struct str signature)
{
    switch (key->algorithm) {
    case ALGORITHM_HS256:
        return hs256_valid(key, signed_text, signature);
    case ALGORITHM_ES256:
        return es256_valid(key, signed_text, signature);
    case ALGORITHM_EDDSA:
        return eddsa_valid(key, signed_text, signature);
    case ALGORITHM_RS256:
        return rs256_valid(key, signed_text, signature);
    case ALGORITHM_COUNT:
        break;
    }
    return false;
}

#include "token/signature.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "token/openssl_errors.h"

#define SHA256_SIZE 32

jwt_alg_t todo__libjwt_algorithm(todo_token_algorithm algorithm)
{
    switch (algorithm) {
    case TODO_TOKEN_HS256:
        return JWT_ALG_HS256;
    case TODO_TOKEN_ES256:
        return JWT_ALG_ES256;
    case TODO_TOKEN_RS256:
        return JWT_ALG_RS256;
    case TODO_TOKEN_EDDSA:
        break;
    }
    return JWT_ALG_INVAL;
}

const todo__key_text *todo__libjwt_key(const todo_token_key *key)
{
    return key->algorithm == TODO_TOKEN_HS256 ? &key->secret : &key->private_pem;
}

/* RFC 7518, 3.2 to 3.4; RFC 8032, 5.1.6. */
static size_t signature_size(const todo_token_key *key)
{
    switch (key->algorithm) {
    case TODO_TOKEN_ES256:
        return 64;
    case TODO_TOKEN_EDDSA:
        return TODO__ED25519_SIGNATURE_SIZE;
    case TODO_TOKEN_RS256:
        return (size_t)EVP_PKEY_get_size(key->pair);
    case TODO_TOKEN_HS256:
        break;
    }
    return SHA256_SIZE;
}

/* 1: genuine, 0: not, less: OpenSSL failed. */
static int verify(EVP_PKEY *pair, const EVP_MD *digest, const void *signature, size_t signature_length,
                  const void *text, size_t length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int outcome = -1;

    if (context != NULL && EVP_DigestVerifyInit(context, NULL, digest, NULL, pair) == 1)
        outcome = EVP_DigestVerify(context, signature, signature_length, text, length);
    EVP_MD_CTX_free(context);
    return outcome;
}

static bool sign(EVP_PKEY *pair, const EVP_MD *digest, unsigned char *ret_signature, size_t *length,
                 const void *text, size_t text_length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool signed_it = context != NULL && EVP_DigestSignInit(context, NULL, digest, NULL, pair) == 1 &&
                     EVP_DigestSign(context, ret_signature, length, text, text_length) == 1;

    EVP_MD_CTX_free(context);
    return signed_it;
}

bool todo__ed25519_sign(const todo_token_key *key, const char *text, size_t length,
                        unsigned char ret_signature[TODO__ED25519_SIGNATURE_SIZE])
{
    size_t signature_length = TODO__ED25519_SIGNATURE_SIZE;

    return sign(key->pair, NULL, ret_signature, &signature_length, text, length);
}

bool todo__pair_tries(EVP_PKEY *pair, todo_token_algorithm algorithm, bool *ret_genuine)
{
    static const char text[] = "do the halves belong together?";
    const EVP_MD *digest = algorithm == TODO_TOKEN_EDDSA ? NULL : EVP_sha256();
    unsigned char signature[TODO__RSA_BITS_MAX / 8];
    size_t length = sizeof(signature);

    if (!sign(pair, digest, signature, &length, text, sizeof(text)))
        return false;
    *ret_genuine = verify(pair, digest, signature, length, text, sizeof(text)) == 1;
    return true;
}

static bool verify_hmac(const todo_token_key *key, todo__slice text, todo__slice signature)
{
    unsigned char expected[SHA256_SIZE];

    return HMAC(EVP_sha256(), key->secret.bytes, (int)key->secret.length, (const unsigned char *)text.text,
                text.length, expected, NULL) != NULL &&
           CRYPTO_memcmp(expected, signature.text, sizeof(expected)) == 0;
}

/* r and s side by side (RFC 7518, 3.4), as OpenSSL wants them. */
static bool verify_ecdsa(const todo_token_key *key, todo__slice text, todo__slice signature)
{
    const unsigned char *bytes = (const unsigned char *)signature.text;
    int half = (int)signature.length / 2, length = 0;
    unsigned char *der = NULL;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(bytes, half, NULL), *s = BN_bin2bn(bytes + half, half, NULL);
    bool genuine;

    if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        length = i2d_ECDSA_SIG(pair, &der);
    }
    genuine = length > 0 && verify(key->pair, EVP_sha256(), der, (size_t)length, text.text, text.length) == 1;
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return genuine;
}

static bool verify_by(const todo_token_key *key, todo__slice text, todo__slice signature)
{
    switch (key->algorithm) {
    case TODO_TOKEN_HS256:
        return verify_hmac(key, text, signature);
    case TODO_TOKEN_ES256:
        return verify_ecdsa(key, text, signature);
    case TODO_TOKEN_EDDSA:
        return verify(key->pair, NULL, signature.text, signature.length, text.text, text.length) == 1;
    case TODO_TOKEN_RS256:
        break;
    }
    return verify(key->pair, EVP_sha256(), signature.text, signature.length, text.text, text.length) == 1;
}

todo_status todo__signature_check(const todo_token_key *key, todo__slice signed_text, todo__slice signature,
                                  bool *ret_genuine, todo_error *error)
{
    *ret_genuine = signature.length == signature_size(key) && verify_by(key, signed_text, signature);
    if (!*ret_genuine && todo__openssl_out_of_memory())
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return TODO_OK;
}

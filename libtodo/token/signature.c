#include "token/signature.h"

#include <errno.h>

#include <openssl/evp.h>

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

const todo__key_text *todo__libjwt_key(const todo_token_key *key, bool to_sign)
{
    if (key->algorithm == TODO_TOKEN_HS256)
        return &key->secret;
    return to_sign ? &key->private_pem : &key->public_pem;
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

/* libjwt's word, and that it used no other algorithm than it was meant to. */
static int verify_by_libjwt(const todo_token_key *key, const char *token, bool *ret_genuine)
{
    const todo__key_text *text = todo__libjwt_key(key, false);
    jwt_t *jwt = NULL;
    int failure = jwt_decode(&jwt, token, text->bytes, (int)text->length);

    *ret_genuine = failure == 0 && jwt_get_alg(jwt) == todo__libjwt_algorithm(key->algorithm);
    jwt_free(jwt);
    return failure;
}

todo_status todo__signature_check(const todo_token_key *key, const char *token, todo__slice signed_text,
                                  todo__slice signature, bool *ret_genuine, todo_error *error)
{
    int failure = 0;

    *ret_genuine = false;
    if (signature.length != signature_size(key))
        return TODO_OK;
    if (key->algorithm == TODO_TOKEN_EDDSA)
        *ret_genuine = verify(key->pair, NULL, signature.text, signature.length, signed_text.text,
                              signed_text.length) == 1;
    else
        failure = verify_by_libjwt(key, token, ret_genuine);
    if (failure == ENOMEM || (!*ret_genuine && todo__openssl_out_of_memory()))
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return TODO_OK;
}

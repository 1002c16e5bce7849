#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "token/algorithm.h"
#include "token/base64url.h"
#include "token/jwk.h"
#include "token/openssl_errors.h"
#include "util/alloc.h"
#include "util/entry.h"

/* The largest, a private RSA key of 4096 bits, takes about 3,400 bytes. */
#define JWK_TEXT_MAX 4096

typedef struct writer {
    char text[JWK_TEXT_MAX];
    size_t length;
    bool failed;
} writer;

static void put(writer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(writer *out, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(out->text + out->length, sizeof(out->text) - out->length, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(out->text) - out->length)
        out->failed = true;
    else
        out->length += (size_t)length;
}

static void put_bytes(writer *out, const char *name, const unsigned char *bytes, size_t length)
{
    char text[TODO__BASE64URL_SIZE(TODO__SECRET_MAX)];

    if (length > TODO__SECRET_MAX) {
        out->failed = true;
        return;
    }
    todo__base64url_encode(bytes, length, text);
    put(out, "\"%s\":\"%s\"", name, text);
    explicit_bzero(text, sizeof(text));
}

/* A number of the key pair, in `size` bytes if that is not 0. */
static void put_number(writer *out, const char *name, const EVP_PKEY *pair, const char *parameter, int size)
{
    unsigned char bytes[TODO__RSA_BITS_MAX / 8];
    BIGNUM *number = NULL;
    int length = -1;

    if (EVP_PKEY_get_bn_param(pair, parameter, &number) == 1 && BN_num_bytes(number) <= (int)sizeof(bytes))
        length = size > 0 ? BN_bn2binpad(number, bytes, size) : BN_bn2bin(number, bytes);
    if (length > 0)
        put_bytes(out, name, bytes, (size_t)length);
    else
        out->failed = true;
    BN_clear_free(number);
    explicit_bzero(bytes, sizeof(bytes));
}

static void put_raw(writer *out, const char *name, const EVP_PKEY *pair, bool is_private)
{
    unsigned char bytes[32];
    size_t length = sizeof(bytes);

    if ((is_private ? EVP_PKEY_get_raw_private_key(pair, bytes, &length)
                    : EVP_PKEY_get_raw_public_key(pair, bytes, &length)) == 1)
        put_bytes(out, name, bytes, length);
    else
        out->failed = true;
    explicit_bzero(bytes, sizeof(bytes));
}

/* The members that make the key, in the order of RFC 7638. */
static void put_public(writer *out, const todo_token_key *key)
{
    switch (key->algorithm) {
    case TODO_TOKEN_EDDSA:
        put(out, "\"crv\":\"Ed25519\",\"kty\":\"OKP\",");
        put_raw(out, "x", key->pair, false);
        break;
    case TODO_TOKEN_ES256:
        put(out, "\"crv\":\"P-256\",\"kty\":\"EC\",");
        put_number(out, "x", key->pair, OSSL_PKEY_PARAM_EC_PUB_X, 32);
        put(out, ",");
        put_number(out, "y", key->pair, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
        break;
    case TODO_TOKEN_RS256:
        put_number(out, "e", key->pair, OSSL_PKEY_PARAM_RSA_E, 0);
        put(out, ",\"kty\":\"RSA\",");
        put_number(out, "n", key->pair, OSSL_PKEY_PARAM_RSA_N, 0);
        break;
    case TODO_TOKEN_HS256:
        put(out, "\"kty\":\"oct\"");
        break;
    }
}

static void put_private(writer *out, const todo_token_key *key)
{
    static const char *const rsa[][2] = {
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };

    put(out, ",");
    if (key->algorithm == TODO_TOKEN_HS256)
        put_bytes(out, "k", key->secret.bytes, key->secret.length);
    else if (key->algorithm == TODO_TOKEN_EDDSA)
        put_raw(out, "d", key->pair, true);
    else if (key->algorithm == TODO_TOKEN_ES256)
        put_number(out, "d", key->pair, OSSL_PKEY_PARAM_PRIV_KEY, 32);
    for (size_t i = 0; key->algorithm == TODO_TOKEN_RS256 && i < sizeof(rsa) / sizeof(rsa[0]); i++) {
        put(out, i > 0 ? "," : "");
        put_number(out, rsa[i][0], key->pair, rsa[i][1], 0);
    }
}

static void put_jwk(writer *out, const todo_token_key *key, bool with_private)
{
    put(out, "{");
    put_public(out, key);
    if (with_private)
        put_private(out, key);
    put(out, ",\"use\":\"sig\",\"alg\":\"%s\"", todo__algorithm_name(key->algorithm));
    if (key->id[0] != '\0')
        put(out, ",\"kid\":\"%s\"", key->id);
    put(out, "}");
}

todo_status todo_token_key_write(const todo_token_key *key, bool with_private, char **ret_jwk,
                                 todo_error *error)
{
    writer out = {.length = 0};
    char *copy = NULL;

    if (!todo__given(error, key, ret_jwk))
        return TODO_ERR_INVALID;
    if (with_private && !key->can_sign)
        return todo_error_set(error, TODO_ERR_INVALID, "key_public", NULL, "the key has no private half");
    if (!with_private && key->algorithm == TODO_TOKEN_HS256)
        return todo_error_set(error, TODO_ERR_INVALID, "key_secret", NULL, "a secret has no public half");
    todo__openssl_begin();
    put_jwk(&out, key, with_private);
    todo__openssl_end();
    if (!out.failed)
        copy = todo__strndup(out.text, out.length);
    explicit_bzero(&out, sizeof(out));
    if (copy == NULL) /* a key that was read can be written, but for want of memory */
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    *ret_jwk = copy;
    return TODO_OK;
}

todo_status todo__jwk_thumbprint(const todo_token_key *key, char ret_text[TODO_TOKEN_KEY_ID_MAX + 1],
                                 todo_error *error)
{
    writer out = {.length = 0};
    unsigned char hash[EVP_MAX_MD_SIZE];
    char text[TODO__BASE64URL_SIZE(sizeof(hash))];
    size_t length = 0;

    put(&out, "{");
    put_public(&out, key);
    put(&out, "}");
    if (out.failed || EVP_Q_digest(NULL, "SHA256", NULL, out.text, out.length, hash, &length) != 1)
        return todo__openssl_fail(TODO_ERR_INTERNAL, "key_generation", "the key could not be hashed", error);
    todo__base64url_encode(hash, length, text);
    strcpy(ret_text, text);
    return TODO_OK;
}

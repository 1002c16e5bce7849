#include "token/key.h"

#include <limits.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "token/algorithm.h"
#include "token/jwk.h"
#include "token/openssl_errors.h"
#include "util/alloc.h"
#include "util/entry.h"

#define RSA_BITS_NEW 3072 /* as strong as the 256-bit curves are (NIST SP 800-57, part 1, table 2) */

static void text_free(todo__key_text *text)
{
    if (text->bytes != NULL)
        explicit_bzero(text->bytes, text->length);
    todo__free(text->bytes);
}

void todo_token_key_free(todo_token_key *key)
{
    if (key == NULL)
        return;
    text_free(&key->secret);
    text_free(&key->private_pem);
    EVP_PKEY_free(key->pair);
    todo__free(key);
}

/* What goes into a header and a log as it is. */
static bool is_key_id(const char *id)
{
    size_t length = strlen(id);

    if (length == 0 || length > TODO_TOKEN_KEY_ID_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (id[i] <= ' ' || id[i] > '~' || id[i] == '"' || id[i] == '\\')
            return false;
    return true;
}

todo_status todo__key_set_id(todo_token_key *key, const char *id, todo_error *error)
{
    if (!is_key_id(id))
        return todo_error_set(
            error, TODO_ERR_INVALID, "key_id", "kid",
            "a key id is 1 to 64 printable ASCII characters without blank, quote and backslash");
    strcpy(key->id, id);
    return TODO_OK;
}

todo_status todo__key_from_secret(const void *secret, size_t length, const char *id, todo_token_key **ret_key,
                                  todo_error *error)
{
    todo_token_key *key = todo__calloc(1, sizeof(*key));
    todo_status status = TODO_OK;

    if (key != NULL)
        key->secret.bytes = todo__malloc(length);
    if (key == NULL || key->secret.bytes == NULL) {
        todo_token_key_free(key);
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    }
    key->algorithm = TODO_TOKEN_HS256;
    key->can_sign = true;
    key->secret.length = length;
    memcpy(key->secret.bytes, secret, length);
    if (id != NULL)
        status = todo__key_set_id(key, id, error);
    if (status == TODO_OK)
        *ret_key = key;
    else
        todo_token_key_free(key);
    return status;
}

/* A public key taken for a secret would let everyone sign (RFC 8725, 2.1); a private one would be used up for less. */
static bool looks_like_key(const void *secret, size_t length)
{
    static const char pem[] = "-----BEGIN ", jwk[] = "\"kty\"";

    return memmem(secret, length, pem, sizeof(pem) - 1) != NULL ||
           memmem(secret, length, jwk, sizeof(jwk) - 1) != NULL;
}

todo_status todo_token_key_new_hs256(const void *secret, size_t length, todo_token_key **ret_key,
                                     todo_error *error)
{
    if (!todo__given(error, ret_key, secret || length == 0))
        return TODO_ERR_INVALID;
    if (secret == NULL || length == 0)
        return todo_error_set(error, TODO_ERR_INVALID, "secret_empty", NULL, "the secret is empty");
    if (length > INT_MAX)
        return todo_error_set(error, TODO_ERR_INVALID, "secret_too_long", NULL, "the secret is too long");
    if (looks_like_key(secret, length))
        return todo_error_set(error, TODO_ERR_INVALID, "secret_is_key", NULL,
                              "this is no secret but a key in PEM or a JWK");
    return todo__key_from_secret(secret, length, NULL, ret_key, error);
}

static EVP_PKEY *generate_pair(todo_token_algorithm algorithm)
{
    switch (algorithm) {
    case TODO_TOKEN_ES256:
        return EVP_EC_gen("P-256");
    case TODO_TOKEN_EDDSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case TODO_TOKEN_RS256:
        return EVP_RSA_gen(RSA_BITS_NEW);
    case TODO_TOKEN_HS256:
        break;
    }
    return NULL;
}

static todo_status generate(todo_token_algorithm algorithm, const char *key_id, todo_token_key **ret_key,
                            todo_error *error)
{
    unsigned char secret[TODO__SECRET_MIN];
    EVP_PKEY *pair;
    todo_status status;

    if (algorithm != TODO_TOKEN_HS256) {
        pair = generate_pair(algorithm);
        if (pair == NULL)
            return todo__openssl_fail(TODO_ERR_INTERNAL, "key_generation", "a key could not be made", error);
        return todo__key_from_pair(pair, true, key_id, ret_key, error);
    }
    if (RAND_priv_bytes(secret, sizeof(secret)) != 1)
        return todo__openssl_fail(TODO_ERR_INTERNAL, "key_generation", "there are no random bytes", error);
    status = todo__key_from_secret(secret, sizeof(secret), key_id, ret_key, error);
    explicit_bzero(secret, sizeof(secret));
    return status;
}

todo_status todo_token_key_generate(todo_token_algorithm algorithm, const char *key_id,
                                    todo_token_key **ret_key, todo_error *error)
{
    todo_token_key *key = NULL;
    todo_status status;

    if (!todo__given(error, ret_key))
        return TODO_ERR_INVALID;
    if (todo__algorithm_name(algorithm) == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "key_algorithm", NULL, "there is no such algorithm");
    todo__openssl_begin();
    status = generate(algorithm, key_id, &key, error);
    if (status == TODO_OK && key_id == NULL && algorithm != TODO_TOKEN_HS256)
        status = todo__jwk_thumbprint(key, key->id, error);
    todo__openssl_end();
    if (status == TODO_OK)
        *ret_key = key;
    else
        todo_token_key_free(key);
    return status;
}

todo_token_algorithm todo_token_key_algorithm(const todo_token_key *key)
{
    return key != NULL ? key->algorithm : (todo_token_algorithm)0;
}

const char *todo_token_key_id(const todo_token_key *key)
{
    return key != NULL && key->id[0] != '\0' ? key->id : NULL;
}

bool todo_token_key_can_sign(const todo_token_key *key)
{
    return key != NULL && key->can_sign;
}

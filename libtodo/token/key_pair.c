/* Key pairs and public keys: what is taken, and what libjwt needs to sign with them. */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "token/key.h"
#include "token/key_checks.h"
#include "token/openssl_errors.h"
#include "token/signature.h"
#include "util/alloc.h"

static todo_status refuse(const char *code, const char *message, todo_error *error)
{
    return todo__openssl_fail(TODO_ERR_INVALID, code, message, error);
}

/* The one algorithm that a key of this type is for; 0 for others. RSA-PSS and other curves are types of their own. */
static todo_token_algorithm algorithm_of(const EVP_PKEY *pair)
{
    char curve[32];

    switch (EVP_PKEY_get_id(pair)) {
    case EVP_PKEY_ED25519:
        return TODO_TOKEN_EDDSA;
    case EVP_PKEY_RSA:
        return TODO_TOKEN_RS256;
    case EVP_PKEY_EC:
        if (EVP_PKEY_get_group_name(pair, curve, sizeof(curve), NULL) == 1 &&
            strcmp(curve, "prime256v1") == 0)
            return TODO_TOKEN_ES256;
        break;
    default:
        break;
    }
    return (todo_token_algorithm)0;
}

/* The edge reads exponents of up to 64 bits, and can't afford to factor a modulus either. */
static bool has_plain_numbers(const EVP_PKEY *pair)
{
    BIGNUM *exponent = NULL, *modulus = NULL;
    bool plain = EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
                 EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
                 BN_num_bits(exponent) <= 64 && !todo__key_is_roca(modulus);

    BN_free(exponent);
    BN_free(modulus);
    return plain;
}

static bool is_plain_point(const EVP_PKEY *pair)
{
    unsigned char key[TODO__ED25519_KEY_SIZE];
    size_t length = sizeof(key);

    return EVP_PKEY_get_raw_public_key(pair, key, &length) == 1 && todo__key_ed25519_valid(key);
}

/* Whether the point is on its curve, the modulus no prime, and so on. */
static bool is_valid(EVP_PKEY *pair, todo_token_algorithm algorithm)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pair, NULL);
    bool valid = context != NULL && EVP_PKEY_public_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    return valid && (algorithm != TODO_TOKEN_RS256 || has_plain_numbers(pair)) &&
           (algorithm != TODO_TOKEN_EDDSA || is_plain_point(pair));
}

static todo_status check(EVP_PKEY *pair, todo_token_algorithm algorithm, bool is_private, todo_error *error)
{
    int bits = EVP_PKEY_get_bits(pair);
    bool genuine = true;

    if (algorithm == TODO_TOKEN_RS256 && bits < TODO__RSA_BITS_MIN)
        return refuse("key_weak", "an RSA key needs 2048 bits or more", error);
    if (algorithm == TODO_TOKEN_RS256 && bits > TODO__RSA_BITS_MAX)
        return refuse("key_too_large", "an RSA key has 4096 bits at most", error);
    if (!is_valid(pair, algorithm))
        return refuse("key_malformed", "the public key is not valid", error);
    if (is_private && !todo__pair_tries(pair, algorithm, &genuine))
        return refuse("key_malformed", "the private key is not valid", error);
    return genuine ? TODO_OK : refuse("key_mismatch", "private and public key do not belong together", error);
}

static todo_status write_private_pem(const EVP_PKEY *pair, todo__key_text *ret_text, todo_error *error)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long length = 0;

    if (bio != NULL && PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL) == 1)
        length = BIO_get_mem_data(bio, &bytes);
    if (length > 0)
        ret_text->bytes = todo__malloc((size_t)length);
    if (ret_text->bytes != NULL) {
        ret_text->length = (size_t)length;
        memcpy(ret_text->bytes, bytes, (size_t)length);
    }
    BIO_free(bio); /* overwrites what it held */
    return ret_text->bytes != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

static todo_status fill(todo_token_key *key, const char *id, todo_error *error)
{
    todo_status status;

    key->algorithm = algorithm_of(key->pair);
    if (key->algorithm == 0)
        return refuse("key_unsupported", "a key is RSA, EC on P-256 or Ed25519", error);
    status = check(key->pair, key->algorithm, key->can_sign, error);
    if (status == TODO_OK && id != NULL)
        status = todo__key_set_id(key, id, error);
    /* libjwt has no part in EdDSA. */
    if (status == TODO_OK && key->can_sign && key->algorithm != TODO_TOKEN_EDDSA)
        status = write_private_pem(key->pair, &key->private_pem, error);
    return status;
}

todo_status todo__key_from_pair(EVP_PKEY *pair, bool is_private, const char *id, todo_token_key **ret_key,
                                todo_error *error)
{
    todo_token_key *key = todo__calloc(1, sizeof(*key));
    todo_status status;

    if (key == NULL) {
        EVP_PKEY_free(pair);
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    }
    key->pair = pair;
    key->can_sign = is_private;
    status = fill(key, id, error);
    if (status == TODO_OK)
        *ret_key = key;
    else
        todo_token_key_free(key);
    return status;
}

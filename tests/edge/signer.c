#include "signer.h"
#include "format.h"
#include "token.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct signer signer_new(const char *algorithm, int bits)
{
    EVP_PKEY *key = strcmp(algorithm, "ES256") == 0   ? EVP_EC_gen("P-256")
                    : strcmp(algorithm, "RS256") == 0 ? EVP_RSA_gen((unsigned)bits)
                                                      : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    if (key == NULL)
        abort();
    return (struct signer){key, algorithm};
}

void signer_free(struct signer *signer)
{
    EVP_PKEY_free(signer->key);
    signer->key = NULL;
}

/* A big number of the key, padded to `size` bytes when it is not 0, as base64url. */
static char *number(const EVP_PKEY *key, const char *name, int size)
{
    unsigned char bytes[1024];
    BIGNUM *value = NULL;

    if (EVP_PKEY_get_bn_param(key, name, &value) != 1)
        abort();
    int length = size ? BN_bn2binpad(value, bytes, size) : BN_bn2bin(value, bytes);
    BN_free(value);
    return base64url(bytes, (size_t)length);
}

char *signer_jwk(const struct signer *signer, const char *more)
{
    char *first, *second = NULL, *jwk;

    if (strcmp(signer->algorithm, "EdDSA") == 0) {
        unsigned char bytes[32];
        size_t size = sizeof(bytes);
        EVP_PKEY_get_raw_public_key(signer->key, bytes, &size);
        first = base64url(bytes, size);
        jwk = format("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"%s}", first, more);
    } else if (strcmp(signer->algorithm, "ES256") == 0) {
        first = number(signer->key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
        second = number(signer->key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
        jwk = format("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"%s}", first, second, more);
    } else {
        first = number(signer->key, OSSL_PKEY_PARAM_RSA_N, 0);
        second = number(signer->key, OSSL_PKEY_PARAM_RSA_E, 0);
        jwk = format("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}", first, second, more);
    }
    free(first);
    free(second);
    return jwk;
}

/* From DER to r and s side by side (RFC 7518, 3.4). */
static size_t plain_ecdsa(unsigned char *signature, size_t length)
{
    const unsigned char *at = signature;
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, (long)length);

    BN_bn2binpad(ECDSA_SIG_get0_r(parsed), signature, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parsed), signature + 32, 32);
    ECDSA_SIG_free(parsed);
    return 64;
}

char *signer_token(const struct signer *signer, const char *header, const char *payload)
{
    char *first = base64url(header, strlen(header)), *second = base64url(payload, strlen(payload));
    char *text = format("%s.%s", first, second);
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (EVP_DigestSignInit(context, NULL, strcmp(signer->algorithm, "EdDSA") == 0 ? NULL : EVP_sha256(), NULL,
                           signer->key) != 1 ||
        EVP_DigestSign(context, signature, &length, (const unsigned char *)text, strlen(text)) != 1)
        abort();
    if (strcmp(signer->algorithm, "ES256") == 0)
        length = plain_ecdsa(signature, length);
    char *third = base64url(signature, length);
    char *token = format("%s.%s", text, third);
    EVP_MD_CTX_free(context);
    free(first);
    free(second);
    free(third);
    free(text);
    return token;
}

static char *take(BIO *bio)
{
    char *text;
    long length = BIO_get_mem_data(bio, &text);
    char *copy = strndup(text, (size_t)length);

    BIO_free(bio);
    return copy;
}

char *signer_public_pem(const struct signer *signer)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_PUBKEY(bio, signer->key);
    return take(bio);
}

char *signer_private_pem(const struct signer *signer)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_PrivateKey(bio, signer->key, NULL, NULL, 0, NULL, NULL);
    return take(bio);
}

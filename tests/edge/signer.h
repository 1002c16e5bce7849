/* Key pairs of the tests, made by OpenSSL: independent of the libraries inside the component. */
#ifndef TODO_TESTS_SIGNER_H
#define TODO_TESTS_SIGNER_H

#include <openssl/evp.h>

struct signer {
    EVP_PKEY *key;
    const char *algorithm; /* "ES256", "EdDSA" or "RS256" */
};

/* Makes a key pair; `bits` matters for RS256 only. */
struct signer signer_new(const char *algorithm, int bits);
void signer_free(struct signer *signer);

/* The public key as a JWK with these further members, each with a comma in front, or "". To be freed. */
char *signer_jwk(const struct signer *signer, const char *more);

/* A JWS of these JSON texts. To be freed. */
char *signer_token(const struct signer *signer, const char *header, const char *payload);

/* The public or the private key as PEM. To be freed. */
char *signer_public_pem(const struct signer *signer);
char *signer_private_pem(const struct signer *signer);

#endif

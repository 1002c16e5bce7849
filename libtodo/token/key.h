/* A key for tokens. */
#ifndef TODO_TOKEN_KEY_H
#define TODO_TOKEN_KEY_H

#include <openssl/types.h>

#include <todo/token.h>

/* A secret, or a private key as PEM, the way libjwt takes them. `bytes` is NULL when there is none. */
typedef struct todo__key_text {
    unsigned char *bytes;
    size_t length;
} todo__key_text;

struct todo_token_key {
    todo_token_algorithm algorithm;
    bool can_sign;
    EVP_PKEY *pair;                     /* NULL for HS256 */
    todo__key_text secret;              /* HS256 */
    todo__key_text private_pem;         /* ES256 and RS256 that can sign */
    char id[TODO_TOKEN_KEY_ID_MAX + 1]; /* "" when it has none */
};

#define TODO__SECRET_MIN   32u   /* bytes: as long as the hash of HS256 (RFC 7518, 3.2) */
#define TODO__SECRET_MAX   1024u /* bytes, of a JWK: what the edge takes */
#define TODO__RSA_BITS_MIN 2048  /* RFC 7518, 3.3 */
#define TODO__RSA_BITS_MAX 4096  /* what the edge takes */

/* A key for HS256. `id` may be NULL. INVALID ("key_id"), NOMEM. */
todo_status todo__key_from_secret(const void *secret, size_t length, const char *id, todo_token_key **ret_key,
                                  todo_error *error);

/*
 * A key of a key pair or, unless `is_private`, of a public key; `pair` is taken over, in failure too. It is checked
 * for type, strength, validity, and that its halves belong together. `id` may be NULL. Errors as todo_token_key_parse.
 */
todo_status todo__key_from_pair(EVP_PKEY *pair, bool is_private, const char *id, todo_token_key **ret_key,
                                todo_error *error);

/* Gives the key this id. INVALID ("key_id"). */
todo_status todo__key_set_id(todo_token_key *key, const char *id, todo_error *error);

#endif

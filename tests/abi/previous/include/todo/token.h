/**
 * @file token.h
 * JSON Web Tokens (RFC 7519) as JWS compact serializations (RFC 7515), for logging in. HS256, ES256, RS256 (RFC 7518) and
 * EdDSA over Ed25519 (RFC 8037). The algorithm is the key's, never the token's (RFC 8725, 3.1).
 */
#ifndef TODO_TOKEN_H
#define TODO_TOKEN_H

#include <todo/types.h>

TODO_BEGIN_DECLS

/** A key that is bound to one algorithm. Immutable: any thread may use it. */
typedef struct todo_token_key todo_token_key;

/**
 * A symmetric key for HS256, without a key id. The secret is copied, and wiped when the key is freed.
 * INVALID: "secret_empty", "secret_is_key" for what is a key in PEM or a JWK, which todo_token_key_parse reads. NOMEM.
 */
TODO_API todo_status todo_token_key_new_hs256(const void *secret, size_t length, todo_token_key **ret_key,
                                              todo_error *error);

/** Wipes and frees a key. NULL is fine. */
TODO_API void todo_token_key_free(todo_token_key *key);

/** What a token says. Times are seconds since the Unix epoch (NumericDate of RFC 7519). */
typedef struct todo_token_claims {
    size_t size;        /**< sizeof(todo_token_claims) as the caller compiled it */
    todo_uuid subject;  /**< `sub` */
    int64_t issued_at;  /**< `iat`; 0 when absent */
    int64_t expires_at; /**< `exp`; required */
    int64_t not_before; /**< `nbf`; 0 when absent */
} todo_token_claims;

/** An initializer: every member at its default. */
#define TODO_TOKEN_CLAIMS_INIT                    \
    {                                             \
        sizeof(todo_token_claims), {{0}}, 0, 0, 0 \
    }

/** Sets every member to zero. `size` is sizeof(todo_token_claims) as the caller compiled it. */
TODO_API void todo_token_claims_init(todo_token_claims *claims, size_t size);

/**
 * Signs the claims (members of 0 are left out, `exp` must be there) by the algorithm of the key; its key id, if it has
 * one, goes into the header as `kid`. The text is released with todo_free.
 * INVALID ("claims_invalid", "key_public" for a key that can't sign), NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_mint(const todo_token_key *key, const todo_token_claims *claims,
                                     char **ret_token, todo_error *error);

#define TODO_TOKEN_LENGTH_MAX 8192u /**< bytes of a token; a longer one is refused unread */

/**
 * Verifies a token at the time `now` (seconds since the epoch) and reads its claims into `claims`, whose `size` the
 * caller has set. Nothing but this key's algorithm by this key is accepted; `exp` and a `sub` that is a UUID are required; an
 * audience or a critical extension is refused, since none is understood (RFC 7519, 4.1.3; RFC 7515, 4.1.11).
 *
 * UNAUTHENTICATED with one of these, the first that is true (message of the HTTP contract in brackets):
 * "token_format" [Invalid token format], "token_header_encoding" [Invalid header encoding], "token_header_json"
 * [Invalid header JSON], "token_algorithm" [Unsupported algorithm: …], "token_signature_encoding" [Invalid signature
 * encoding], "token_signature" [Invalid signature], "token_payload_encoding" [Invalid payload encoding], "token_payload_json"
 * [Invalid payload JSON], also for a claim of the wrong type, "token_audience" [Wrong audience], "token_expired" [Token
 * expired], "token_not_yet_valid" [Token not yet valid], "token_issued_ahead" [Token issued in the future] for an `iat` more
 * than 60 s ahead, "token_subject" [Missing subject claim]. The payload is not looked at before the signature is good.
 * INVALID for NULL or a `size` that can't be, NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_verify(const todo_token_key *key, const char *token, int64_t now,
                                       todo_token_claims *claims, todo_error *error);

/* ---- keys of every algorithm ---- */

/** What tokens are signed by. The numbers are part of the ABI. */
typedef enum todo_token_algorithm {
    TODO_TOKEN_HS256 = 1, /**< HMAC with SHA-256 (RFC 7518, 3.2): who verifies can sign */
    TODO_TOKEN_ES256 = 2, /**< ECDSA on P-256 with SHA-256 (RFC 7518, 3.4) */
    TODO_TOKEN_EDDSA = 3, /**< Ed25519 (RFC 8037, 3.1); in a token also by its name of RFC 9864, `Ed25519` */
    TODO_TOKEN_RS256 = 4  /**< RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3) */
} todo_token_algorithm;

#define TODO_TOKEN_KEY_ID_MAX 64u /**< bytes of a key id (`kid`) */

/**
 * Makes a new key: 32 random bytes for HS256, a key pair on P-256 or Ed25519, or an RSA key of 3072 bits (which takes
 * up to seconds). `key_id` is its `kid`: 1 to TODO_TOKEN_KEY_ID_MAX printable ASCII characters other than the
 * blank, the quotation mark and the backslash; NULL gives a key pair its JWK thumbprint (RFC 7638) and a secret none.
 * INVALID ("key_algorithm" for no algorithm, "key_id"), NOMEM, INTERNAL ("key_generation"). Thread-safe.
 */
TODO_API todo_status todo_token_key_generate(todo_token_algorithm algorithm, const char *key_id,
                                             todo_token_key **ret_key, todo_error *error);

/**
 * Reads one key: a JWK (RFC 7517; RFC 7518, 6; RFC 8037, 2), or PEM (RFC 7468) that is SubjectPublicKeyInfo, PKCS #8 or
 * the older forms of OpenSSL. Its type decides its algorithm: `oct` HS256, `EC` on P-256 ES256, `OKP` on Ed25519 EdDSA,
 * `RSA` RS256. `key_id` is as in todo_token_key_generate; NULL leaves the one of the JWK. The text need not be
 * NUL-terminated.
 *
 * INVALID: "key_malformed" for what can't be read, has members missing, or is not exactly one key, for a point that is not on
 * its curve, an Ed25519 key of small order, and an RSA modulus that is a prime, has a factor below 752, or comes from the generator
 * of CVE-2017-15361; "key_unsupported" for a
 * key of another type or curve, or for something else by its `use`, `key_ops` or `alg`; "key_weak" for RSA under 2048
 * bits or a secret under 32 bytes; "key_too_large" for RSA over 4096 bits or a secret over 1024 bytes, as the edge has
 * it; "key_mismatch" when private and public half do not belong together; "key_encrypted" for PEM under a passphrase;
 * "key_id". NOMEM. No message or detail repeats anything of the key. Thread-safe.
 */
TODO_API todo_status todo_token_key_parse(const char *text, size_t length, const char *key_id,
                                          todo_token_key **ret_key, todo_error *error);

/** The one algorithm that the key is for; 0 for NULL. */
TODO_API todo_token_algorithm todo_token_key_algorithm(const todo_token_key *key);

/** The key id (`kid`), which lives as long as the key; NULL when it has none, and for NULL. */
TODO_API const char *todo_token_key_id(const todo_token_key *key);

/** Whether the key can sign: it is a secret or has its private half. False for NULL. */
TODO_API bool todo_token_key_can_sign(const todo_token_key *key);

/**
 * Writes the key as a JWK of one line, with `use`, `alg` and, if it has one, `kid`; the private half only when
 * `with_private` is set. The text is NUL-terminated and released with todo_free; who asked for the private half
 * should overwrite it first.
 * INVALID: "key_public" for a private half that is not there, "key_secret" for the public half of a secret, which has
 * none. NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_key_write(const todo_token_key *key, bool with_private, char **ret_jwk,
                                          todo_error *error);

/** Keys to verify with, as a JWK Set has them (RFC 7517, 5). Any thread may use one that no longer changes. */
typedef struct todo_token_keys todo_token_keys;

/** Makes a set without keys, which verifies nothing. NOMEM. */
TODO_API todo_status todo_token_keys_new(todo_token_keys **ret_keys, todo_error *error);

/**
 * Reads a JWK Set, a single JWK, or the keys of a PEM file. Keys of a JWK Set that are for something else are passed
 * over, as RFC 7517 (5) has it; what is broken or weak refuses the whole set, as todo_token_key_parse would.
 * INVALID as todo_token_key_parse, NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_keys_parse(const char *text, size_t length, todo_token_keys **ret_keys,
                                           todo_error *error);

/** Frees a set and its keys. NULL is fine. */
TODO_API void todo_token_keys_free(todo_token_keys *keys);

/**
 * Adds a key, which the set owns from then on; in failure the caller still does. Not thread-safe.
 * INVALID ("argument_missing"), NOMEM.
 */
TODO_API todo_status todo_token_keys_add(todo_token_keys *keys, todo_token_key *key, todo_error *error);

/** How many keys there are; 0 for NULL. */
TODO_API size_t todo_token_keys_count(const todo_token_keys *keys);

/** A key of the set, which stays the set's; NULL for an index that is too large. */
TODO_API const todo_token_key *todo_token_keys_at(const todo_token_keys *keys, size_t index);

/**
 * Writes the public halves as a JWK Set of one line, as the edge's JWKS takes it. The text is released with todo_free.
 * INVALID ("key_secret" when one of them is a secret: those are never published), NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_keys_write(const todo_token_keys *keys, char **ret_jwks, todo_error *error);

/**
 * As todo_token_verify, with the keys that the token's `alg` and `kid` select: those of that algorithm and key id; when
 * there is none of that id, those of that algorithm without an id; and for a token without `kid` all of that algorithm.
 * Old and new keys may so stand side by side while one replaces the other.
 */
TODO_API todo_status todo_token_keys_verify(const todo_token_keys *keys, const char *token, int64_t now,
                                            todo_token_claims *claims, todo_error *error);

TODO_END_DECLS

#endif

/**
 * @file token.h
 * JSON Web Tokens (RFC 7519) as JWS compact serializations (RFC 7515), for logging in. HS256 (RFC 7518, 3.2).
 * The algorithm is the key's, never the token's (RFC 8725, 3.1).
 */
#ifndef TODO_TOKEN_H
#define TODO_TOKEN_H

#include <todo/types.h>

TODO_BEGIN_DECLS

/** A key that is bound to one algorithm. Immutable: any thread may use it. */
typedef struct todo_token_key todo_token_key;

/**
 * A symmetric key for HS256. The secret is copied, and wiped when the key is freed.
 * INVALID ("secret_empty") for an empty one, NOMEM.
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
 * Signs the claims (members of 0 are left out, `exp` must be there). The text is released with todo_free.
 * INVALID, NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_mint(const todo_token_key *key, const todo_token_claims *claims,
                                     char **ret_token, todo_error *error);

#define TODO_TOKEN_LENGTH_MAX 8192u /**< bytes of a token; a longer one is refused unread */

/**
 * Verifies a token at the time `now` (seconds since the epoch) and reads its claims into `claims`, whose `size` the
 * caller has set. Nothing but HS256 by this key is accepted; `exp` and a `sub` that is a UUID are required; an
 * audience or a critical extension is refused, since none is understood (RFC 7519, 4.1.3; RFC 7515, 4.1.11).
 *
 * UNAUTHENTICATED with one of these, the first that is true (message of the HTTP contract in brackets):
 * "token_format" [Invalid token format], "token_header_encoding" [Invalid header encoding], "token_header_json"
 * [Invalid header JSON], "token_algorithm" [Unsupported algorithm: …], "token_signature_encoding" [Invalid signature
 * encoding], "token_payload_encoding" [Invalid payload encoding], "token_payload_json" [Invalid payload JSON],
 * "token_signature" [Invalid signature], "token_payload_json" again, for a claim of the wrong type, "token_expired"
 * [Token expired], also when not yet valid, "token_subject" [Missing subject claim].
 * INVALID for NULL or a `size` that can't be, NOMEM. Thread-safe.
 */
TODO_API todo_status todo_token_verify(const todo_token_key *key, const char *token, int64_t now,
                                       todo_token_claims *claims, todo_error *error);

TODO_END_DECLS

#endif

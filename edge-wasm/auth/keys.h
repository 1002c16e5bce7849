/**
 * @file keys.h
 * The keys that signatures are checked with. A key is bound to one algorithm: what a token says about its algorithm only
 * selects among the keys (RFC 8725, 3.1).
 */
#ifndef EDGE_KEYS_H
#define EDGE_KEYS_H

#include "../shared/env.h"

enum algorithm {
    ALGORITHM_HS256,
    ALGORITHM_ES256,
    ALGORITHM_EDDSA, /**< over Ed25519 only; also by its name of RFC 9864, `Ed25519` */
    ALGORITHM_RS256,
    ALGORITHM_COUNT
};

struct key {
    const struct key *next;
    enum algorithm algorithm;
    /** The key's name (`kid`); `ptr` is NULL when it has none. */
    struct str id;
    /** HS256: the secret. ES256: the point, uncompressed (SEC 1, 2.3.3). EdDSA: the public key. RS256: the modulus. */
    struct str material;
    /** RS256: the exponent. */
    struct str exponent;
};

struct keyring {
    const struct key *first;
};

/**
 * Reads the keys from the environment: JWT_SECRET, JWT_SECRET_PREVIOUS while a secret is being replaced, and JWKS, a JWK Set
 * (jwks.h). The keys refer to the environment's text. A keyring without keys verifies nothing. False when JWKS is no
 * acceptable set, or when a secret is a key in PEM or JSON: then nothing should be verified either.
 */
bool keyring_load(const struct env *env, struct keyring *ret_keyring);

/** Adds a key, which is copied; what it refers to is not. False when memory is short. */
bool keyring_add(struct keyring *keyring, const struct key *key);

/** The algorithm of that name (RFC 7518, 3.1; RFC 8037, 3.1), or ALGORITHM_COUNT. */
enum algorithm algorithm_from_name(struct str name);

/** Whether some key is for that algorithm. */
bool keyring_has(const struct keyring *keyring, enum algorithm algorithm);

/**
 * Whether the signature is that of one of the keys that the algorithm and the key id (`ptr` NULL when the token has none)
 * select: the keys of that name when there are any, else those without a name. Without a key id, every key of the
 * algorithm.
 */
bool keyring_verify(const struct keyring *keyring, enum algorithm algorithm, struct str key_id,
                    struct str signed_text, struct str signature);

#endif

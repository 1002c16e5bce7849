#include "keys.h"
#include "jwks.h"
#include "signature.h"
#include <stdlib.h>

enum algorithm algorithm_from_name(struct str name)
{
    static const struct {
        struct str name;
        enum algorithm algorithm;
    } names[] = {
        {{"HS256", 5}, ALGORITHM_HS256},   {{"ES256", 5}, ALGORITHM_ES256}, {{"EdDSA", 5}, ALGORITHM_EDDSA},
        {{"Ed25519", 7}, ALGORITHM_EDDSA}, {{"RS256", 5}, ALGORITHM_RS256},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_equal(name, names[i].name)) {
            return names[i].algorithm;
        }
    }
    return ALGORITHM_COUNT;
}

bool keyring_add(struct keyring *keyring, const struct key *key)
{
    struct key *added = malloc(sizeof *added);

    if (added == NULL) {
        return false;
    }
    *added = *key;
    added->next = keyring->first;
    keyring->first = added;
    return true;
}

/* A public key taken for a secret would let everyone sign (RFC 8725, 2.1), a private one would be used up for less. */
static bool looks_like_key(struct str secret)
{
    static const struct str marks[] = {STR_INIT("-----BEGIN "), STR_INIT("\"kty\"")};

    for (size_t at = 0; at < secret.len; at++) {
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            if (str_starts_with(str_from(secret, at), marks[i])) {
                return true;
            }
        }
    }
    return false;
}

bool keyring_load(const struct env *env, struct keyring *ret_keyring)
{
    struct str secrets[] = {env_get(env, STR("JWT_SECRET_PREVIOUS")), env_get(env, STR("JWT_SECRET"))};
    struct str jwks = env_get(env, STR("JWKS"));

    ret_keyring->first = NULL;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        struct key key = {.algorithm = ALGORITHM_HS256, .material = secrets[i]};
        if (secrets[i].ptr != NULL && (looks_like_key(secrets[i]) || !keyring_add(ret_keyring, &key))) {
            return false;
        }
    }
    return jwks.ptr == NULL || jwks_read(jwks, ret_keyring);
}

bool keyring_has(const struct keyring *keyring, enum algorithm algorithm)
{
    for (const struct key *key = keyring->first; key != NULL; key = key->next) {
        if (key->algorithm == algorithm) {
            return true;
        }
    }
    return false;
}

static bool has_key_id(const struct keyring *keyring, enum algorithm algorithm, struct str key_id)
{
    for (const struct key *key = keyring->first; key != NULL; key = key->next) {
        if (key->algorithm == algorithm && key->id.ptr != NULL && str_equal(key->id, key_id)) {
            return true;
        }
    }
    return false;
}

bool keyring_verify(const struct keyring *keyring, enum algorithm algorithm, struct str key_id,
                    struct str signed_text, struct str signature)
{
    bool by_id = key_id.ptr != NULL && has_key_id(keyring, algorithm, key_id);

    for (const struct key *key = keyring->first; key != NULL; key = key->next) {
        if (key->algorithm != algorithm) {
            continue;
        }
        if (key_id.ptr != NULL &&
            (by_id ? key->id.ptr == NULL || !str_equal(key->id, key_id) : key->id.ptr != NULL)) {
            continue;
        }
        if (signature_valid(key, signed_text, signature)) {
            return true;
        }
    }
    return false;
}

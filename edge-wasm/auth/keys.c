#include "keys.h"
#include "signature.h"
#include <stdlib.h>

enum algorithm algorithm_from_name(struct str name)
{
    return str_equal(name, STR("HS256")) ? ALGORITHM_HS256 : ALGORITHM_COUNT;
}

static void add_secret(struct keyring *keyring, struct str secret)
{
    struct key *key = secret.ptr ? malloc(sizeof *key) : NULL;

    if (key != NULL) {
        *key = (struct key){keyring->first, ALGORITHM_HS256, {NULL, 0}, secret};
        keyring->first = key;
    }
}

void keyring_load(const struct env *env, struct keyring *ret_keyring)
{
    ret_keyring->first = NULL;
    add_secret(ret_keyring, env_get(env, STR("JWT_SECRET_PREVIOUS")));
    add_secret(ret_keyring, env_get(env, STR("JWT_SECRET")));
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

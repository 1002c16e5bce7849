#include "jwks.h"
#include "base64url.h"
#include "json_members.h"
#include "key_checks.h"
#include <stdlib.h>

#define HMAC_KEY_MIN   32 /* RFC 7518, 3.2 */
#define HMAC_KEY_MAX   1024
#define P256_SIZE      32 /* a coordinate */
#define RSA_NUMBER_MAX 1024
#define KEY_ID_MAX     64

/* The members of one key, as text. An absent one has a NULL `ptr`. */
struct jwk {
    struct str type, curve, algorithm, id, use;
    struct str x, y, n, e, k;
    bool is_private, has_operations, may_verify;
};

struct set {
    struct keyring *keyring;
    bool found_keys, in_keys;
    bool open; /* `current` is a key being read */
    struct jwk current;
};

static struct str copy(struct str text)
{
    char *memory = malloc(text.len + 1);

    if (memory != NULL) {
        memcpy(memory, text.ptr, text.len);
    }
    return (struct str){memory, memory ? text.len : 0};
}

static struct str *member_of(struct jwk *jwk, struct str name)
{
    const struct {
        struct str name;
        struct str *member;
    } members[] = {
        {STR("kty"), &jwk->type}, {STR("crv"), &jwk->curve}, {STR("alg"), &jwk->algorithm},
        {STR("kid"), &jwk->id},   {STR("use"), &jwk->use},   {STR("x"), &jwk->x},
        {STR("y"), &jwk->y},      {STR("n"), &jwk->n},       {STR("e"), &jwk->e},
        {STR("k"), &jwk->k},
    };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (str_equal(name, members[i].name)) {
            return members[i].member;
        }
    }
    return NULL;
}

static bool decode(struct str text, size_t min, size_t max, struct str *ret_bytes)
{
    return text.ptr != NULL && base64url_decode(text, ret_bytes) && ret_bytes->len >= min &&
           ret_bytes->len <= max;
}

/* The uncompressed form of a point: 4, x, y. */
static bool read_point(const struct jwk *jwk, struct str *ret_point)
{
    struct str x, y;
    char *point = malloc(P256_POINT_SIZE);

    if (point == NULL || !decode(jwk->x, P256_SIZE, P256_SIZE, &x) ||
        !decode(jwk->y, P256_SIZE, P256_SIZE, &y)) {
        return false;
    }
    point[0] = 4;
    memcpy(point + 1, x.ptr, P256_SIZE);
    memcpy(point + 1 + P256_SIZE, y.ptr, P256_SIZE);
    *ret_point = (struct str){point, P256_POINT_SIZE};
    return key_p256_valid(point);
}

static bool read_rsa(const struct jwk *jwk, struct key *key)
{
    return decode(jwk->n, 1, RSA_NUMBER_MAX, &key->material) && key_rsa_modulus_valid(key->material) &&
           decode(jwk->e, 1, RSA_NUMBER_MAX, &key->exponent) && key_rsa_exponent_valid(key->exponent);
}

/* A name that can stand in a header and a log as it is, as libtodo has it. */
static bool is_key_id(struct str id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (id.ptr[i] <= ' ' || id.ptr[i] > '~' || id.ptr[i] == '"' || id.ptr[i] == '\\') {
            return false;
        }
    }
    return id.len > 0 && id.len <= KEY_ID_MAX;
}

/* The one algorithm that a key of this type is for here. */
static enum algorithm algorithm_of(const struct jwk *jwk)
{
    if (str_equal(jwk->type, STR("oct"))) {
        return ALGORITHM_HS256;
    }
    if (str_equal(jwk->type, STR("RSA"))) {
        return ALGORITHM_RS256;
    }
    if (str_equal(jwk->type, STR("EC")) && str_equal(jwk->curve, STR("P-256"))) {
        return ALGORITHM_ES256;
    }
    return str_equal(jwk->type, STR("OKP")) && str_equal(jwk->curve, STR("Ed25519")) ? ALGORITHM_EDDSA
                                                                                     : ALGORITHM_COUNT;
}

static bool read_material(const struct jwk *jwk, struct key *key)
{
    switch (key->algorithm) {
    case ALGORITHM_HS256:
        return decode(jwk->k, HMAC_KEY_MIN, HMAC_KEY_MAX, &key->material);
    case ALGORITHM_ES256:
        return read_point(jwk, &key->material);
    case ALGORITHM_EDDSA:
        return decode(jwk->x, ED25519_SIZE, ED25519_SIZE, &key->material) &&
               key_ed25519_valid(key->material.ptr);
    case ALGORITHM_RS256:
        return read_rsa(jwk, key);
    case ALGORITHM_COUNT:
        break;
    }
    return false;
}

/* Adds the key that was read, unless it is for something else. */
static bool finish_key(struct set *set)
{
    const struct jwk *jwk = &set->current;
    struct key key = {.algorithm = algorithm_of(jwk), .id = jwk->id};

    if (!set->open) {
        return true;
    }
    set->open = false;
    if (jwk->type.ptr == NULL || jwk->is_private) {
        return false;
    }
    if (key.algorithm == ALGORITHM_COUNT ||
        (jwk->algorithm.ptr != NULL && algorithm_from_name(jwk->algorithm) != key.algorithm) ||
        (jwk->use.ptr != NULL && !str_equal(jwk->use, STR("sig"))) ||
        (jwk->has_operations && !jwk->may_verify)) {
        return true;
    }
    return (jwk->id.ptr == NULL || is_key_id(jwk->id)) && read_material(jwk, &key) &&
           keyring_add(set->keyring, &key);
}

static bool visit_member(struct jwk *jwk, struct str name, const struct json_value *value)
{
    struct str *member = member_of(jwk, name);

    if (str_equal(name, STR("key_ops"))) {
        jwk->has_operations = true;
        return value->type == JSON_ARRAY;
    }
    /* `d` of EC, OKP and RSA; RSA keys may give their primes instead. */
    if (str_equal(name, STR("d")) || str_equal(name, STR("p")) || str_equal(name, STR("q"))) {
        jwk->is_private = true;
    }
    if (member == NULL) {
        return true;
    }
    if (value->type != JSON_STRING) {
        return false;
    }
    *member = copy(value->text);
    return member->ptr != NULL;
}

static bool visit(void *context, struct str name, const struct json_value *value)
{
    struct set *set = context;

    if (value->depth == 1) {
        set->in_keys = str_equal(name, STR("keys"));
        set->found_keys |= set->in_keys;
        return finish_key(set) && (!set->in_keys || value->type == JSON_ARRAY);
    }
    if (value->depth == 2 && set->in_keys) {
        bool finished = finish_key(set);
        set->current = (struct jwk){.is_private = false};
        set->open = value->type == JSON_OBJECT;
        return finished && set->open;
    }
    if (value->depth == 3 && set->open) {
        return visit_member(&set->current, name, value);
    }
    /* An element of the member itself, not a member of that name in another one. */
    if (value->depth == 4 && set->open && value->is_element && str_equal(name, STR("key_ops"))) {
        set->current.may_verify |= value->type == JSON_STRING && str_equal(value->text, STR("verify"));
        return value->type == JSON_STRING;
    }
    return true;
}

bool jwks_read(struct str text, struct keyring *keyring)
{
    struct set set = {.keyring = keyring};

    return json_read_object(text, visit, &set) && set.found_keys && finish_key(&set);
}

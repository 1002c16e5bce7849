#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "token/algorithm.h"
#include "token/base64url.h"
#include "token/jwk.h"
#include "token/openssl_errors.h"

#define COORDINATE_SIZE 32   /* of P-256, and the keys of Ed25519 */
#define MATERIAL_MAX    2048 /* bytes of a member, beyond what any key here has */

/* The members that matter, in this order; up to `k` they are strings. */
enum member { KTY, CRV, ALG, KID, USE, X, Y, N, E, D, P, Q, DP, DQ, QI, K, MEMBERS_COUNT };

static const char *const member_names[MEMBERS_COUNT] = {"kty", "crv", "alg", "kid", "use", "x",  "y",  "n",
                                                        "e",   "d",   "p",   "q",   "dp",  "dq", "qi", "k"};

typedef struct jwk {
    const char *members[MEMBERS_COUNT]; /* NULL: absent */
    bool has_operations, may_sign, may_verify;
    bool multi_prime;
} jwk;

/* What a member says, decoded. */
typedef struct material {
    unsigned char bytes[MATERIAL_MAX + 2];
    size_t length;
} material;

static todo_status malformed(const char *message, todo_error *error)
{
    return todo__openssl_fail(TODO_ERR_INVALID, "key_malformed", message, error);
}

static bool read_operations(json_object *object, jwk *ret_jwk)
{
    json_object *operations = NULL;

    ret_jwk->has_operations = json_object_object_get_ex(object, "key_ops", &operations);
    if (!ret_jwk->has_operations)
        return true;
    if (!json_object_is_type(operations, json_type_array))
        return false;
    for (size_t i = 0; i < json_object_array_length(operations); i++) {
        json_object *each = json_object_array_get_idx(operations, i);

        if (!json_object_is_type(each, json_type_string))
            return false;
        ret_jwk->may_sign = ret_jwk->may_sign || strcmp(json_object_get_string(each), "sign") == 0;
        ret_jwk->may_verify = ret_jwk->may_verify || strcmp(json_object_get_string(each), "verify") == 0;
    }
    return true;
}

static bool read_members(json_object *object, jwk *ret_jwk)
{
    for (int i = 0; i < MEMBERS_COUNT; i++) {
        json_object *value = NULL;

        if (!json_object_object_get_ex(object, member_names[i], &value))
            continue;
        if (!json_object_is_type(value, json_type_string))
            return false;
        ret_jwk->members[i] = json_object_get_string(value);
    }
    ret_jwk->multi_prime = json_object_object_get_ex(object, "oth", NULL);
    return ret_jwk->members[KTY] != NULL && read_operations(object, ret_jwk);
}

static void wipe_members(jwk *read)
{
    for (int i = D; i < MEMBERS_COUNT; i++)
        if (read->members[i] != NULL)
            explicit_bzero((char *)read->members[i], strlen(read->members[i]));
}

static bool says(const char *member, const char *word)
{
    return member != NULL && strcmp(member, word) == 0;
}

/* The one algorithm that a key of this type is for here; 0 for others. */
static todo_token_algorithm algorithm_of(const jwk *read)
{
    if (says(read->members[KTY], "oct"))
        return TODO_TOKEN_HS256;
    if (says(read->members[KTY], "RSA"))
        return TODO_TOKEN_RS256;
    if (says(read->members[KTY], "EC") && says(read->members[CRV], "P-256"))
        return TODO_TOKEN_ES256;
    if (says(read->members[KTY], "OKP") && says(read->members[CRV], "Ed25519"))
        return TODO_TOKEN_EDDSA;
    return (todo_token_algorithm)0;
}

/* RFC 7517, 4.2 to 4.4: what the key is for, if it says so. */
static bool is_for_us(const jwk *read, todo_token_algorithm algorithm)
{
    bool may_sign = read->members[D] != NULL || algorithm == TODO_TOKEN_HS256;
    bool may_verify = read->members[D] == NULL;

    if (algorithm == 0 || read->multi_prime)
        return false;
    if (read->members[ALG] != NULL && todo__algorithm_from_name(read->members[ALG]) != algorithm)
        return false;
    if (read->members[USE] != NULL && !says(read->members[USE], "sig"))
        return false;
    return !read->has_operations || (may_sign && read->may_sign) || (may_verify && read->may_verify);
}

static bool decode(const char *text, material *ret_material)
{
    return text != NULL && strlen(text) <= MATERIAL_MAX / 3 * 4 &&
           todo__base64url_decode(text, strlen(text), (char *)ret_material->bytes, &ret_material->length);
}

static bool decode_exactly(const char *text, size_t length, material *ret_material)
{
    return decode(text, ret_material) && ret_material->length == length;
}

static todo_status read_secret(const jwk *read, const char *id, todo_token_key **ret_key, todo_error *error)
{
    material secret;
    todo_status status;

    if (!decode(read->members[K], &secret))
        return malformed("a secret needs its k, in base64url", error);
    if (secret.length < TODO__SECRET_MIN)
        status = todo_error_set(error, TODO_ERR_INVALID, "key_weak", NULL, "a secret needs 32 bytes or more");
    else if (secret.length > TODO__SECRET_MAX)
        status =
            todo_error_set(error, TODO_ERR_INVALID, "key_too_large", NULL, "a secret has 1024 bytes at most");
    else
        status = todo__key_from_secret(secret.bytes, secret.length, id, ret_key, error);
    explicit_bzero(&secret, sizeof(secret));
    return status;
}

/* OpenSSL works out the public half of a private one, so that it has to be compared. */
static todo_status read_ed25519(const jwk *read, EVP_PKEY **ret_pair, todo_error *error)
{
    material public, private;
    unsigned char derived[COORDINATE_SIZE];
    size_t length = sizeof(derived);
    EVP_PKEY *pair = NULL;
    bool fits = true;

    if (!decode_exactly(read->members[X], COORDINATE_SIZE, &public))
        return malformed("a key on Ed25519 needs its x, of 32 bytes", error);
    if (read->members[D] == NULL) {
        pair = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public.bytes, public.length);
    } else if (decode_exactly(read->members[D], COORDINATE_SIZE, &private)) {
        pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private.bytes, private.length);
        explicit_bzero(&private, sizeof(private));
        fits = pair == NULL || (EVP_PKEY_get_raw_public_key(pair, derived, &length) == 1 &&
                                memcmp(derived, public.bytes, sizeof(derived)) == 0);
    }
    if (pair == NULL)
        return malformed("a private key on Ed25519 has a d of 32 bytes", error);
    *ret_pair = pair;
    return fits ? TODO_OK
                : todo_error_set(error, TODO_ERR_INVALID, "key_mismatch", NULL,
                                 "private and public key do not belong together");
}

/* Makes a key of what was gathered. NULL when OpenSSL does not accept it. */
static EVP_PKEY *build(const char *type, OSSL_PARAM_BLD *builder, bool is_private)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *pair = NULL;

    if (context != NULL && parameters != NULL && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &pair, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters);
    OSSL_PARAM_free(parameters); /* overwrites numbers, which are of BN_secure_new for that */
    EVP_PKEY_CTX_free(context);
    return pair;
}

/* A number of the key (RFC 7518, 2: Base64urlUInt, without a zero in front); NULL for no such. */
static BIGNUM *read_number(const char *text)
{
    material bytes;
    BIGNUM *number = NULL;

    if (decode(text, &bytes) && bytes.length > 0 && bytes.bytes[0] != 0)
        number = BN_bin2bn(bytes.bytes, (int)bytes.length, BN_secure_new());
    explicit_bzero(&bytes, sizeof(bytes));
    return number;
}

static todo_status read_p256(const jwk *read, EVP_PKEY **ret_pair, todo_error *error)
{
    unsigned char point[1 + 2 * COORDINATE_SIZE] = {4}; /* uncompressed (SEC 1, 2.3.3) */
    material x, y, d;
    bool is_private = read->members[D] != NULL;
    OSSL_PARAM_BLD *builder;
    BIGNUM *number = NULL;

    if (!decode_exactly(read->members[X], COORDINATE_SIZE, &x) ||
        !decode_exactly(read->members[Y], COORDINATE_SIZE, &y) ||
        (is_private && !decode_exactly(read->members[D], COORDINATE_SIZE, &d)))
        return malformed("a key on P-256 has an x, a y and, if private, a d of 32 bytes each", error);
    memcpy(point + 1, x.bytes, COORDINATE_SIZE);
    memcpy(point + 1 + COORDINATE_SIZE, y.bytes, COORDINATE_SIZE);
    builder = OSSL_PARAM_BLD_new();
    if (is_private) {
        number = BN_bin2bn(d.bytes, COORDINATE_SIZE, BN_secure_new());
        explicit_bzero(&d, sizeof(d));
    }
    if (builder != NULL && (!is_private || number != NULL) &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1 &&
        (!is_private || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1))
        *ret_pair = build("EC", builder, is_private);
    BN_clear_free(number);
    OSSL_PARAM_BLD_free(builder);
    return *ret_pair != NULL ? TODO_OK : malformed("x and y are no point on P-256, or d is no key", error);
}

/* The numbers of an RSA key (RFC 7518, 6.3), those that everyone may know first. */
static const struct {
    enum member member;
    const char *name;
} rsa_numbers[] = {
    {N, OSSL_PKEY_PARAM_RSA_N},          {E, OSSL_PKEY_PARAM_RSA_E},
    {D, OSSL_PKEY_PARAM_RSA_D},          {P, OSSL_PKEY_PARAM_RSA_FACTOR1},
    {Q, OSSL_PKEY_PARAM_RSA_FACTOR2},    {DP, OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {DQ, OSSL_PKEY_PARAM_RSA_EXPONENT2}, {QI, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};

#define RSA_PUBLIC_COUNT  2
#define RSA_PRIVATE_COUNT (sizeof(rsa_numbers) / sizeof(rsa_numbers[0]))

static todo_status read_rsa(const jwk *read, EVP_PKEY **ret_pair, todo_error *error)
{
    bool is_private = read->members[D] != NULL;
    size_t count = is_private ? RSA_PRIVATE_COUNT : RSA_PUBLIC_COUNT;
    BIGNUM *numbers[RSA_PRIVATE_COUNT] = {NULL};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool pushed = builder != NULL;

    for (size_t i = 0; i < count && pushed; i++) {
        numbers[i] = read_number(read->members[rsa_numbers[i].member]);
        pushed = numbers[i] != NULL && OSSL_PARAM_BLD_push_BN(builder, rsa_numbers[i].name, numbers[i]) == 1;
    }
    if (pushed)
        *ret_pair = build("RSA", builder, is_private);
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < count; i++)
        BN_clear_free(numbers[i]);
    return *ret_pair != NULL
               ? TODO_OK
               : malformed("an RSA key has n and e and, if private, d, p, q, dp, dq and qi as well", error);
}

static todo_status read_pair(const jwk *read, todo_token_algorithm algorithm, const char *id,
                             todo_token_key **ret_key, todo_error *error)
{
    EVP_PKEY *pair = NULL;
    todo_status status = algorithm == TODO_TOKEN_EDDSA   ? read_ed25519(read, &pair, error)
                         : algorithm == TODO_TOKEN_ES256 ? read_p256(read, &pair, error)
                                                         : read_rsa(read, &pair, error);

    if (status == TODO_OK)
        return todo__key_from_pair(pair, read->members[D] != NULL, id, ret_key, error);
    EVP_PKEY_free(pair);
    return status;
}

todo_status todo__jwk_read(json_object *object, const char *id, todo_token_key **ret_key, todo_error *error)
{
    jwk read = {.members = {NULL}};
    todo_token_algorithm algorithm;
    todo_status status = TODO_OK;

    *ret_key = NULL;
    if (!json_object_is_type(object, json_type_object) || !read_members(object, &read)) {
        wipe_members(&read);
        return malformed("a JWK is an object with a kty, its members are strings", error);
    }
    if (id == NULL)
        id = read.members[KID];
    algorithm = algorithm_of(&read);
    if (!is_for_us(&read, algorithm))
        status = TODO_OK;
    else if (algorithm == TODO_TOKEN_HS256)
        status = read_secret(&read, id, ret_key, error);
    else
        status = read_pair(&read, algorithm, id, ret_key, error);
    wipe_members(&read);
    return status;
}

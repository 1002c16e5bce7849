#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/base64url.h"
#include "token/openssl_errors.h"
#include "token/signature.h"
#include "util/alloc.h"
#include "util/structs.h"

void todo_token_claims_init(todo_token_claims *claims, size_t size)
{
    todo__struct_init(claims, size);
}

static todo_status no_memory(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

/* ---- HS256, ES256 and RS256: libjwt ---- */

/* NumericDate; a time of 0 is no claim. */
static int add_time(jwt_t *jwt, const char *name, int64_t time)
{
    return time != 0 ? jwt_add_grant_int(jwt, name, (long)time) : 0;
}

/* Whether libjwt took everything. */
static bool fill(jwt_t *jwt, const todo_token_key *key, const todo_token_claims *claims)
{
    const todo__key_text *text = todo__libjwt_key(key);
    char subject[TODO_UUID_TEXT_SIZE];

    todo_uuid_format(&claims->subject, subject);
    return jwt_set_alg(jwt, todo__libjwt_algorithm(key->algorithm), text->bytes, (int)text->length) == 0 &&
           (key->id[0] == '\0' || jwt_add_header(jwt, "kid", key->id) == 0) &&
           jwt_add_grant(jwt, "sub", subject) == 0 && add_time(jwt, "iat", claims->issued_at) == 0 &&
           add_time(jwt, "exp", claims->expires_at) == 0 && add_time(jwt, "nbf", claims->not_before) == 0;
}

/* What libjwt refuses of these claims and of a key that was tried can only be for want of memory. */
static todo_status sign_by_libjwt(const todo_token_key *key, const todo_token_claims *claims,
                                  char **ret_token, todo_error *error)
{
    jwt_t *jwt = NULL;
    char *token = NULL, *copy = NULL;

    if (jwt_new(&jwt) == 0 && fill(jwt, key, claims))
        token = jwt_encode_str(jwt);
    jwt_free(jwt);
    if (token != NULL)
        copy = todo__strdup(token);
    free(token);
    if (copy == NULL)
        return no_memory(error);
    *ret_token = copy;
    return TODO_OK;
}

/* ---- EdDSA ---- */

#define PART_MAX 256 /* bytes of a header, of a payload: numbers, an id and names */

/* Nothing in it needs escaping: a key id is checked when a key gets it. */
static size_t write_header(const todo_token_key *key, char text[PART_MAX])
{
    int length = key->id[0] == '\0' ? snprintf(text, PART_MAX, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}")
                                    : snprintf(text, PART_MAX,
                                               "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"%s\"}", key->id);

    return (size_t)length;
}

static size_t write_time(char *text, size_t size, const char *name, int64_t time)
{
    return time != 0 ? (size_t)snprintf(text, size, ",\"%s\":%lld", name, (long long)time) : 0;
}

static size_t write_payload(const todo_token_claims *claims, char text[PART_MAX])
{
    char subject[TODO_UUID_TEXT_SIZE];
    size_t length;

    todo_uuid_format(&claims->subject, subject);
    length = (size_t)snprintf(text, PART_MAX, "{\"sub\":\"%s\"", subject);
    length += write_time(text + length, PART_MAX - length, "iat", claims->issued_at);
    length += write_time(text + length, PART_MAX - length, "exp", claims->expires_at);
    length += write_time(text + length, PART_MAX - length, "nbf", claims->not_before);
    return length + (size_t)snprintf(text + length, PART_MAX - length, "}");
}

static todo_status sign_by_openssl(const todo_token_key *key, const todo_token_claims *claims,
                                   char **ret_token, todo_error *error)
{
    char token[3 * TODO__BASE64URL_SIZE(PART_MAX)], part[PART_MAX], *copy;
    unsigned char signature[TODO__ED25519_SIGNATURE_SIZE];
    size_t length = todo__base64url_encode(part, write_header(key, part), token);

    token[length++] = '.';
    length += todo__base64url_encode(part, write_payload(claims, part), token + length);
    if (!todo__ed25519_sign(key, token, length, signature))
        return todo__openssl_fail(TODO_ERR_INTERNAL, "token_signing", "the token could not be signed", error);
    token[length++] = '.';
    length += todo__base64url_encode(signature, sizeof(signature), token + length);
    copy = todo__strndup(token, length);
    if (copy == NULL)
        return no_memory(error);
    *ret_token = copy;
    return TODO_OK;
}

todo_status todo_token_mint(const todo_token_key *key, const todo_token_claims *claims, char **ret_token,
                            todo_error *error)
{
    todo_token_claims known;
    todo_status status = todo__struct_take(&known, sizeof(known), claims, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, key, ret_token))
        return TODO_ERR_INVALID;
    if (known.expires_at <= 0 || known.issued_at < 0 || known.not_before < 0)
        return todo_error_set(error, TODO_ERR_INVALID, "claims_invalid", "exp", "a token must expire");
    if (!key->can_sign)
        return todo_error_set(error, TODO_ERR_INVALID, "key_public", NULL, "a public key can't sign");
    todo__openssl_begin();
    status = key->algorithm == TODO_TOKEN_EDDSA ? sign_by_openssl(key, &known, ret_token, error)
                                                : sign_by_libjwt(key, &known, ret_token, error);
    todo__openssl_end();
    return status;
}

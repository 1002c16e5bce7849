#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "domain/text.h"
#include "token/base64url.h"
#include "token/key.h"
#include "util/structs.h"
#include "json/document.h"

#define HMAC_SHA256_LENGTH 32

/* A JWS compact serialization, cut at its dots. */
typedef struct token_parts {
    todo__slice header, payload, signature;
} token_parts;

static todo_status refuse(const char *code, const char *message, todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, code, NULL, message);
}

static bool split(const char *token, token_parts *ret_parts)
{
    size_t length = strnlen(token, TODO_TOKEN_LENGTH_MAX + 1);
    const char *first = memchr(token, '.', length), *second;

    if (length > TODO_TOKEN_LENGTH_MAX || first == NULL)
        return false;
    second = strchr(first + 1, '.');
    if (second == NULL || strchr(second + 1, '.') != NULL)
        return false;
    ret_parts->header = (todo__slice){token, (size_t)(first - token)};
    ret_parts->payload = (todo__slice){first + 1, (size_t)(second - first - 1)};
    ret_parts->signature = (todo__slice){second + 1, strlen(second + 1)};
    return true;
}

/* What to say of a part that is not what it should be. */
typedef struct part_words {
    const char *encoding_code, *encoding_message, *json_code, *json_message;
} part_words;

static const part_words header_words = {"token_header_encoding", "Invalid header encoding",
                                        "token_header_json", "Invalid header JSON"};
static const part_words payload_words = {"token_payload_encoding", "Invalid payload encoding",
                                         "token_payload_json", "Invalid payload JSON"};

/* Decodes a part that holds a JSON object. */
static todo_status read_part(todo__slice part, const part_words *words, todo_json **ret_json,
                             todo_error *error)
{
    char bytes[TODO_TOKEN_LENGTH_MAX / 4 * 3 + 2];
    size_t length;
    todo_json *json = NULL;
    todo_status status;

    if (!todo__base64url_decode(part.text, part.length, bytes, &length))
        return refuse(words->encoding_code, words->encoding_message, error);
    status = todo_json_parse(bytes, length, &json, error);
    if (status == TODO_ERR_NOMEM)
        return status;
    if (status != TODO_OK || !json_object_is_type(json->root, json_type_object)) {
        todo_json_free(json);
        return refuse(words->json_code, words->json_message, error);
    }
    *ret_json = json;
    return TODO_OK;
}

/* A string member: absent gives NULL, another type is false. */
static bool read_string(const todo_json *json, const char *name, const char **ret_text)
{
    json_object *value = NULL;

    *ret_text = NULL;
    if (!json_object_object_get_ex(json->root, name, &value))
        return true;
    if (!json_object_is_type(value, json_type_string))
        return false;
    *ret_text = json_object_get_string(value);
    return true;
}

/* Names the algorithm as far as it is harmless to repeat. */
static todo_status refuse_algorithm(const char *name, todo_error *error)
{
    char message[64] = "Unsupported algorithm: ";
    size_t length = strlen(message);

    for (size_t i = 0; name[i] != '\0' && i < 16; i++) {
        bool harmless = (name[i] >= '0' && name[i] <= '9') || name[i] == '-' ||
                        ((name[i] | 0x20) >= 'a' && (name[i] | 0x20) <= 'z');

        message[length++] = harmless ? name[i] : '?';
    }
    message[length] = '\0';
    return refuse("token_algorithm", message, error);
}

/* libjwt would take the algorithm that the token asks for: it has to be the key's before libjwt sees the token. */
static todo_status check_header(const todo_json *header, const todo_token_key *key, todo_error *error)
{
    const char *algorithm, *type;

    if (!read_string(header, "alg", &algorithm) || algorithm == NULL || !read_string(header, "typ", &type) ||
        (type != NULL && strcasecmp(type, "JWT") != 0) ||
        json_object_object_get_ex(header->root, "crit", NULL))
        return refuse(header_words.json_code, header_words.json_message, error);
    if (strcmp(algorithm, jwt_alg_str(key->algorithm)) != 0)
        return refuse_algorithm(algorithm, error);
    return TODO_OK;
}

static todo_status check_signature(const todo_token_key *key, const char *token, todo_error *error)
{
    jwt_t *jwt = NULL;
    int failure = jwt_decode(&jwt, token, key->secret, key->length);
    bool genuine = failure == 0 && jwt_get_alg(jwt) == key->algorithm;

    jwt_free(jwt);
    if (failure == ENOMEM)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return genuine ? TODO_OK : refuse("token_signature", "Invalid signature", error);
}

/* A NumericDate (RFC 7519, 2), cut to seconds; absent leaves 0, another type or a value out of range is false. */
static bool read_time(const todo_json *payload, const char *name, int64_t *ret_time)
{
    json_object *value = NULL;
    double seconds;

    *ret_time = 0;
    if (!json_object_object_get_ex(payload->root, name, &value))
        return true;
    if (json_object_is_type(value, json_type_int)) {
        *ret_time = json_object_get_int64(value);
        return true;
    }
    seconds = json_object_is_type(value, json_type_double) ? json_object_get_double(value) : NAN;
    if (!(seconds > -9e15 && seconds < 9e15))
        return false;
    *ret_time = (int64_t)seconds;
    return true;
}

static todo_status check_claims(const todo_json *payload, int64_t now, todo_token_claims *claims,
                                todo_error *error)
{
    const char *subject;

    if (!json_object_object_get_ex(payload->root, "exp", NULL) ||
        !read_time(payload, "exp", &claims->expires_at) || !read_time(payload, "nbf", &claims->not_before) ||
        !read_time(payload, "iat", &claims->issued_at) || !read_string(payload, "sub", &subject) ||
        json_object_object_get_ex(payload->root, "aud", NULL))
        return refuse(payload_words.json_code, payload_words.json_message, error);
    if (now >= claims->expires_at || now < claims->not_before)
        return refuse("token_expired", "Token expired", error);
    if (subject == NULL || todo_uuid_parse(subject, &claims->subject, NULL) != TODO_OK)
        return refuse("token_subject", "Missing subject claim", error);
    return TODO_OK;
}

static todo_status judge_header(const todo_token_key *key, const token_parts *parts, todo_error *error)
{
    todo_json *header = NULL;
    char signature[TODO_TOKEN_LENGTH_MAX / 4 * 3 + 2];
    size_t length;
    todo_status status = read_part(parts->header, &header_words, &header, error);

    if (status == TODO_OK)
        status = check_header(header, key, error);
    todo_json_free(header);
    if (status != TODO_OK)
        return status;
    if (!todo__base64url_decode(parts->signature.text, parts->signature.length, signature, &length))
        return refuse("token_signature_encoding", "Invalid signature encoding", error);
    return length == HMAC_SHA256_LENGTH ? TODO_OK : refuse("token_signature", "Invalid signature", error);
}

/*
 * libjwt refuses in one and the same way a payload that it can't read and a signature that is wrong, so the payload is
 * read first; what it says counts only once the signature is right.
 */
static todo_status judge(const todo_token_key *key, const char *token, int64_t now, todo_token_claims *claims,
                         todo_error *error)
{
    token_parts parts;
    todo_json *payload = NULL;
    todo_status status;

    if (!split(token, &parts))
        return refuse("token_format", "Invalid token format", error);
    status = judge_header(key, &parts, error);
    if (status == TODO_OK)
        status = read_part(parts.payload, &payload_words, &payload, error);
    if (status == TODO_OK)
        status = check_signature(key, token, error);
    if (status == TODO_OK)
        status = check_claims(payload, now, claims, error);
    todo_json_free(payload);
    return status;
}

todo_status todo_token_verify(const todo_token_key *key, const char *token, int64_t now,
                              todo_token_claims *claims, todo_error *error)
{
    todo_token_claims known;
    todo_status status = todo__struct_take(&known, sizeof(known), claims, error);

    if (status != TODO_OK)
        return status;
    if (key == NULL || token == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    status = judge(key, token, now, &known, error);
    if (status == TODO_OK)
        todo__struct_give(claims, &known, sizeof(known));
    return status;
}

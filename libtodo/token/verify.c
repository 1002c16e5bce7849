#include <math.h>
#include <string.h>
#include <strings.h>

#include "token/algorithm.h"
#include "token/base64url.h"
#include "token/keys.h"
#include "token/openssl_errors.h"
#include "token/signature.h"
#include "util/structs.h"
#include "json/document.h"
#include "json/strict.h"

#define HEADER_LENGTH_MAX \
    1024 /* the encoded header, which is read before the signature is known to be good */
#define NUMERIC_DATE_END \
    9007199254740992 /* 2^53, from which a JSON number is not interoperable (RFC 8259, 6) */
#define ISSUED_AHEAD_LIMIT \
    60 /* seconds that `iat` may be ahead: it is no promise about time, but should be sane */

/* The keys that a token may be signed by. */
typedef struct key_list {
    const todo_token_key *const *keys;
    size_t count;
} key_list;

/* A JWS compact serialization, cut at its dots. */
typedef struct token_parts {
    todo__slice header, payload, signature;
    todo__slice signed_text; /* header, dot, payload */
} token_parts;

/* What a header asks for. An empty `key_id` is none of ours. */
typedef struct token_choice {
    todo_token_algorithm algorithm;
    bool has_key_id;
    char key_id[TODO_TOKEN_KEY_ID_MAX + 1];
} token_choice;

static todo_status refuse(const char *code, const char *message, todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, code, NULL, message);
}

static bool split(const char *token, token_parts *ret_parts)
{
    size_t length = strnlen(token, TODO_TOKEN_LENGTH_MAX + 1);
    const char *first = memchr(token, '.', length), *second;

    if (length > TODO_TOKEN_LENGTH_MAX || first == NULL || first - token > HEADER_LENGTH_MAX)
        return false;
    second = strchr(first + 1, '.');
    if (second == NULL || strchr(second + 1, '.') != NULL)
        return false;
    ret_parts->header = (todo__slice){token, (size_t)(first - token)};
    ret_parts->payload = (todo__slice){first + 1, (size_t)(second - first - 1)};
    ret_parts->signature = (todo__slice){second + 1, strlen(second + 1)};
    ret_parts->signed_text = (todo__slice){token, (size_t)(second - token)};
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
    if (status != TODO_OK || !todo__json_is_plain(bytes, length) ||
        !json_object_is_type(json->root, json_type_object)) {
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

static bool has_algorithm(key_list keys, todo_token_algorithm algorithm)
{
    for (size_t i = 0; i < keys.count; i++)
        if (keys.keys[i]->algorithm == algorithm)
            return true;
    return false;
}

/* RFC 7515, 4.1.9: `application/` may be left out, and is. */
static bool is_jwt_type(const char *type)
{
    return strcasecmp(type, "JWT") == 0 || strcasecmp(type, "application/jwt") == 0;
}

static todo_status check_header(const todo_json *header, key_list keys, token_choice *ret_choice,
                                todo_error *error)
{
    const char *algorithm, *type, *key_id;

    if (!read_string(header, "alg", &algorithm) || algorithm == NULL || !read_string(header, "typ", &type) ||
        !read_string(header, "kid", &key_id) || (type != NULL && !is_jwt_type(type)) ||
        json_object_object_get_ex(header->root, "crit", NULL))
        return refuse(header_words.json_code, header_words.json_message, error);
    *ret_choice = (token_choice){todo__algorithm_from_name(algorithm), key_id != NULL, ""};
    if (key_id != NULL && strlen(key_id) <= TODO_TOKEN_KEY_ID_MAX)
        strcpy(ret_choice->key_id, key_id);
    if (ret_choice->algorithm == 0 || !has_algorithm(keys, ret_choice->algorithm))
        return refuse_algorithm(algorithm, error);
    return TODO_OK;
}

/* Whether some key of the algorithm has the id that the token names. */
static bool has_key_id(key_list keys, const token_choice *choice)
{
    for (size_t i = 0; i < keys.count && choice->key_id[0] != '\0'; i++)
        if (keys.keys[i]->algorithm == choice->algorithm && strcmp(keys.keys[i]->id, choice->key_id) == 0)
            return true;
    return false;
}

/* Whether the key is one that the token asks for; `by_id`: some key has the id that the token names. */
static bool is_chosen(const todo_token_key *key, const token_choice *choice, bool by_id)
{
    if (key->algorithm != choice->algorithm)
        return false;
    return !choice->has_key_id || strcmp(key->id, by_id ? choice->key_id : "") == 0;
}

static todo_status check_signature(key_list keys, const token_choice *choice, todo__slice signed_text,
                                   todo__slice signature, todo_error *error)
{
    bool by_id = has_key_id(keys, choice), genuine = false;

    for (size_t i = 0; i < keys.count && !genuine; i++) {
        todo_status status;

        if (!is_chosen(keys.keys[i], choice, by_id))
            continue;
        status = todo__signature_check(keys.keys[i], signed_text, signature, &genuine, error);
        if (status != TODO_OK)
            return status;
    }
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
    seconds = json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double)
                  ? json_object_get_double(value)
                  : NAN;
    if (!(seconds > -(double)NUMERIC_DATE_END && seconds < (double)NUMERIC_DATE_END))
        return false;
    *ret_time = (int64_t)seconds;
    return true;
}

/* `aud` is a string or an array of strings (RFC 7519, 4.1.3). */
static bool is_audience(const json_object *audience)
{
    if (!json_object_is_type(audience, json_type_array))
        return json_object_is_type(audience, json_type_string);
    for (size_t i = 0; i < json_object_array_length(audience); i++)
        if (!json_object_is_type(json_object_array_get_idx(audience, i), json_type_string))
            return false;
    return true;
}

/* The claims as they are, before any is compared with anything. `sub` may also be null, which is no subject. */
static bool read_claims(const todo_json *payload, todo_token_claims *claims, const char **ret_subject,
                        bool *ret_has_audience)
{
    json_object *audience = NULL, *subject = NULL;
    const char *issuer;

    *ret_subject = NULL;
    *ret_has_audience = json_object_object_get_ex(payload->root, "aud", &audience);
    return json_object_object_get_ex(payload->root, "exp", NULL) &&
           read_time(payload, "exp", &claims->expires_at) && read_time(payload, "nbf", &claims->not_before) &&
           read_time(payload, "iat", &claims->issued_at) && read_string(payload, "iss", &issuer) &&
           (!*ret_has_audience || is_audience(audience)) &&
           ((json_object_object_get_ex(payload->root, "sub", &subject) && subject == NULL) ||
            read_string(payload, "sub", ret_subject));
}

static todo_status check_claims(const todo_json *payload, int64_t now, todo_token_claims *claims,
                                todo_error *error)
{
    const char *subject;
    bool has_audience;

    if (!read_claims(payload, claims, &subject, &has_audience))
        return refuse(payload_words.json_code, payload_words.json_message, error);
    if (has_audience)
        return refuse("token_audience", "Wrong audience", error);
    if (now >= claims->expires_at)
        return refuse("token_expired", "Token expired", error);
    if (now < claims->not_before)
        return refuse("token_not_yet_valid", "Token not yet valid", error);
    if (now < claims->issued_at - ISSUED_AHEAD_LIMIT)
        return refuse("token_issued_ahead", "Token issued in the future", error);
    if (subject == NULL || todo_uuid_parse(subject, &claims->subject, NULL) != TODO_OK)
        return refuse("token_subject", "Missing subject claim", error);
    return TODO_OK;
}

static todo_status judge_header(key_list keys, const token_parts *parts, token_choice *ret_choice,
                                todo_error *error)
{
    todo_json *header = NULL;
    todo_status status = read_part(parts->header, &header_words, &header, error);

    if (status == TODO_OK)
        status = check_header(header, keys, ret_choice, error);
    todo_json_free(header);
    return status;
}

/* Nothing that the payload says is looked at before the signature is good. */
static todo_status judge(key_list keys, const char *token, int64_t now, todo_token_claims *claims,
                         todo_error *error)
{
    char signature[TODO_TOKEN_LENGTH_MAX / 4 * 3 + 2];
    size_t length = 0;
    token_parts parts;
    token_choice choice;
    todo_json *payload = NULL;
    todo_status status;

    if (!split(token, &parts))
        return refuse("token_format", "Invalid token format", error);
    status = judge_header(keys, &parts, &choice, error);
    if (status == TODO_OK &&
        !todo__base64url_decode(parts.signature.text, parts.signature.length, signature, &length))
        status = refuse("token_signature_encoding", "Invalid signature encoding", error);
    if (status == TODO_OK)
        status = check_signature(keys, &choice, parts.signed_text, (todo__slice){signature, length}, error);
    if (status == TODO_OK)
        status = read_part(parts.payload, &payload_words, &payload, error);
    if (status == TODO_OK)
        status = check_claims(payload, now, claims, error);
    todo_json_free(payload);
    return status;
}

static todo_status verify(key_list keys, const char *token, int64_t now, todo_token_claims *claims,
                          todo_error *error)
{
    todo_token_claims known;
    todo_status status = todo__struct_take(&known, sizeof(known), claims, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, token))
        return TODO_ERR_INVALID;
    todo__openssl_begin();
    status = judge(keys, token, now, &known, error);
    todo__openssl_end();
    if (status == TODO_OK)
        todo__struct_give(claims, &known, sizeof(known));
    return status;
}

todo_status todo_token_verify(const todo_token_key *key, const char *token, int64_t now,
                              todo_token_claims *claims, todo_error *error)
{
    if (!todo__given(error, key))
        return TODO_ERR_INVALID;
    return verify((key_list){&key, 1}, token, now, claims, error);
}

todo_status todo_token_keys_verify(const todo_token_keys *keys, const char *token, int64_t now,
                                   todo_token_claims *claims, todo_error *error)
{
    if (!todo__given(error, keys))
        return TODO_ERR_INVALID;
    return verify((key_list){(const todo_token_key *const *)keys->keys, keys->count}, token, now, claims,
                  error);
}

#include "token.h"
#include "../shared/messages.h"
#include "base64url.h"
#include "claims.h"
#include "json_members.h"
#include <stdlib.h>

#define LEEWAY_MAX    300
#define NAME_SIZE_MAX 64 /* of what is kept of `alg` and `kid` */

struct parts {
    struct str header, payload, signature;
    struct str signed_text; /* header "." payload */
};

/* What a JOSE header says, as far as it matters here. jwk, jku, x5u, x5c: a token does not bring its own key. */
struct header {
    char algorithm[NAME_SIZE_MAX], key_id[NAME_SIZE_MAX];
    struct str algorithm_name, key_name;
};

bool expectations_load(const struct env *env, struct expectations *ret_expectations)
{
    ret_expectations->issuer = env_get(env, STR("JWT_ISSUER"));
    ret_expectations->audience = env_get(env, STR("JWT_AUDIENCE"));
    ret_expectations->leeway = env_get_number(env, STR("JWT_LEEWAY"), 0);
    return ret_expectations->leeway >= 0 && ret_expectations->leeway <= LEEWAY_MAX;
}

static bool split(struct str token, struct parts *ret_parts)
{
    size_t first = str_span_until(token, '.');

    if (token.len > TOKEN_LENGTH_MAX || first > HEADER_LENGTH_MAX || first == token.len) {
        return false;
    }
    struct str rest = str_from(token, first + 1);
    size_t second = str_span_until(rest, '.');
    if (second == rest.len) {
        return false;
    }
    ret_parts->header = (struct str){token.ptr, first};
    ret_parts->payload = (struct str){rest.ptr, second};
    ret_parts->signature = str_from(rest, second + 1);
    ret_parts->signed_text = (struct str){token.ptr, first + 1 + second};
    return str_span_until(ret_parts->signature, '.') == ret_parts->signature.len;
}

/* Keeps as much of a name as is longer than any algorithm's. */
static struct str keep(char buffer[NAME_SIZE_MAX], struct str text)
{
    size_t length = text.len <= NAME_SIZE_MAX ? text.len : NAME_SIZE_MAX;

    memcpy(buffer, text.ptr, length);
    return (struct str){buffer, length};
}

/* A name that is too long to be a key's is kept as the empty name, which no key has. */
static struct str keep_key_id(char buffer[NAME_SIZE_MAX], struct str text)
{
    return keep(buffer, text.len <= NAME_SIZE_MAX ? text : STR(""));
}

static bool visit_header(void *context, struct str name, const struct json_value *value)
{
    struct header *header = context;

    if (!json_is_top_member(value)) {
        return true;
    }
    bool is_text = value->type == JSON_STRING;
    if (str_equal(name, STR("alg"))) {
        header->algorithm_name = is_text ? keep(header->algorithm, value->text) : (struct str){NULL, 0};
        return is_text;
    }
    if (str_equal(name, STR("kid"))) {
        header->key_name = is_text ? keep_key_id(header->key_id, value->text) : (struct str){NULL, 0};
        return is_text;
    }
    if (str_equal(name, STR("typ"))) {
        return is_text && (str_equal_nocase(value->text, STR("jwt")) ||
                           str_equal_nocase(value->text, STR("application/jwt")));
    }
    /* No extension is understood here, so that none may be critical (RFC 7515, 4.1.11). */
    return !str_equal(name, STR("crit"));
}

/* Names the algorithm as far as it is harmless to repeat. */
static void refuse_algorithm(struct verdict *verdict, struct str name)
{
    size_t length = sizeof TOKEN_ALGORITHM - 1;

    memcpy(verdict->error, TOKEN_ALGORITHM, length);
    for (size_t i = 0; i < name.len && i < 16; i++) {
        char c = name.ptr[i];
        bool harmless =
            (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-';
        verdict->error[length++] = harmless ? c : '?';
    }
    verdict->error[length] = '\0';
}

/* What has to be given back once the verdict is there. */
struct scratch {
    struct str header, signature, payload;
};

static const char *judge(const struct keyring *keyring, const struct expectations *expectations,
                         struct str token, int64_t now, struct scratch *scratch, struct verdict *verdict)
{
    struct parts parts;
    struct header header = {.algorithm_name = {NULL, 0}};

    if (!split(token, &parts)) {
        return TOKEN_FORMAT;
    }
    if (!base64url_decode(parts.header, &scratch->header)) {
        return TOKEN_HEADER_ENCODING;
    }
    if (!json_read_object(scratch->header, visit_header, &header) || header.algorithm_name.ptr == NULL) {
        return TOKEN_HEADER_JSON;
    }
    enum algorithm algorithm = algorithm_from_name(header.algorithm_name);
    if (!keyring_has(keyring, algorithm)) {
        refuse_algorithm(verdict, header.algorithm_name);
        return verdict->error;
    }
    if (!base64url_decode(parts.signature, &scratch->signature)) {
        return TOKEN_SIGNATURE_ENCODING;
    }
    if (!keyring_verify(keyring, algorithm, header.key_name, parts.signed_text, scratch->signature)) {
        return TOKEN_SIGNATURE;
    }
    if (!base64url_decode(parts.payload, &scratch->payload)) {
        return TOKEN_PAYLOAD_ENCODING;
    }
    return claims_judge(scratch->payload, expectations, now, verdict->user_id);
}

void token_verify(const struct keyring *keyring, const struct expectations *expectations, struct str token,
                  int64_t now, struct verdict *ret_verdict)
{
    struct scratch scratch = {.header = {NULL, 0}};
    const char *error = judge(keyring, expectations, token, now, &scratch, ret_verdict);

    free((void *)scratch.header.ptr);
    free((void *)scratch.signature.ptr);
    free((void *)scratch.payload.ptr);
    ret_verdict->genuine = error == NULL;
    if (error != NULL && error != ret_verdict->error) {
        strcpy(ret_verdict->error, error);
    }
}

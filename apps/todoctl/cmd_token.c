/* todoctl token: the JSON Web Tokens that the edge accepts. */
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base64url.h"
#include "number.h"
#include "output.h"
#include "report.h"
#include "token_keys.h"

#define EXPIRY_HOURS_MAX 8784 /* as todo-server has it */

static const char *expires;
static key_files files;

static int get_lifetime(const ctl_context *context, int64_t *ret_seconds)
{
    if (expires != NULL) {
        return parse_duration(expires, ret_seconds)
                   ? 0
                   : fail(EXIT_USAGE, "--expires 24h", "%s is no duration up to ten years", expires);
    }
    config_value value;
    uint64_t hours = 24;
    int code = config_get(&context->config, SETTING_JWT_EXPIRY_HOURS, &value);
    if (code == 0 && value.secret.text != NULL &&
        !parse_number(value.secret.text, 1, EXPIRY_HOURS_MAX, &hours))
        code = fail(EXIT_USAGE, "JWT_EXPIRY_HOURS=24", "JWT_EXPIRY_HOURS must be a number from 1 to %d",
                    EXPIRY_HOURS_MAX);
    secret_wipe(&value.secret);
    *ret_seconds = (int64_t)hours * 3600;
    return code;
}

/* An id is taken as it is, so that a token can be made where there is no store; an e-mail is looked up. */
static int get_subject(ctl_context *context, const char *who, todo_uuid *ret_id)
{
    if (todo_uuid_parse(who, ret_id, NULL) == TODO_OK)
        return 0;
    const todo_user *user = NULL;
    int code = access_open(context, TODO_STORE_READ);
    code = code != 0 ? code : access_user(context, who, &user);
    if (code == 0) {
        *ret_id = user->id;
        todo_user_unref(user);
    }
    return code;
}

static void add_claims(json_object *object, const todo_token_claims *claims)
{
    char id[TODO_UUID_TEXT_SIZE];
    todo_uuid_format(&claims->subject, id);
    json_object_object_add(object, "subject", json_object_new_string(id));
    json_object_object_add(object, "issued_at", json_time(claims->issued_at * 1000000));
    json_object_object_add(object, "not_before", json_time(claims->not_before * 1000000));
    json_object_object_add(object, "expires_at", json_time(claims->expires_at * 1000000));
}

static int mint(const ctl_context *context, const todo_token_key *key, const todo_token_claims *claims)
{
    todo_error error = TODO_ERROR_INIT;
    char *token = NULL;
    if (todo_token_mint(key, claims, &token, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot make the token");
    if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "token", json_object_new_string(token));
        json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
        add_claims(object, claims);
        print_object(object);
    } else {
        puts(token);
    }
    todo_free(token);
    return 0;
}

static int run_mint(ctl_context *context, int count, char **arguments)
{
    (void)count;
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_token_key *key = NULL;
    int64_t lifetime = 0;
    int code = get_lifetime(context, &lifetime);
    code = code != 0 ? code : get_subject(context, arguments[0], &claims.subject);
    code = code != 0 ? code : token_signing_key(context, &files, &key);
    if (code != 0)
        return code;
    claims.issued_at = todo_time_now() / 1000000;
    claims.expires_at = claims.issued_at + lifetime;
    code = mint(context, key, &claims);
    todo_token_key_free(key);
    return code;
}

static void print_claims(const ctl_context *context, const todo_token_claims *claims)
{
    if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "valid", json_object_new_boolean(true));
        add_claims(object, claims);
        print_object(object);
        return;
    }
    char id[TODO_UUID_TEXT_SIZE];
    char when[TODO_TIME_TEXT_SIZE];
    todo_uuid_format(&claims->subject, id);
    printf("Valid.\n  user     %s\n", id);
    if (claims->issued_at != 0) {
        todo_time_format(claims->issued_at * 1000000, when);
        printf("  issued   %s\n", when);
    }
    todo_time_format(claims->expires_at * 1000000, when);
    printf("  expires  %s\n", when);
}

static int run_verify(ctl_context *context, int count, char **arguments)
{
    const char *file = count > 0 ? arguments[0] : "-";
    const char *key_file = files.key != NULL ? files.key : files.secret;
    if (key_file != NULL && strcmp(file, "-") == 0 && strcmp(key_file, "-") == 0)
        return fail(EXIT_USAGE, "a file for one of them", "token and secret can't both be standard input");
    ctl_secret token = {NULL, 0};
    todo_token_keys *keys = NULL;
    int code = secret_get("", file, "secret-file", false, &token);
    code = code != 0 ? code : token_verifying_keys(context, &files, &keys);
    if (code == 0) {
        todo_error error = TODO_ERROR_INIT;
        todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
        if (todo_token_keys_verify(keys, token.text, todo_time_now() / 1000000, &claims, &error) == TODO_OK)
            print_claims(context, &claims);
        else
            code = fail_error(&error, "todoctl token mint USER", "not valid");
    }
    todo_token_keys_free(keys);
    secret_wipe(&token);
    return code;
}

/* The JSON object that a part of a token says (RFC 7515, 3.1); NULL when it is none. */
static json_object *decode_part(const char *part, size_t length)
{
    char *text = need_memory(malloc(length + 1));
    size_t decoded;
    json_object *object = NULL;
    if (base64url_decode(part, length, text, &decoded)) {
        json_tokener *tokener = need_memory(json_tokener_new());
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        text[decoded] = '\0';
        object = json_tokener_parse_ex(tokener, text, (int)decoded + 1);
        json_tokener_free(tokener);
    }
    free(text);
    if (!json_object_is_type(object, json_type_object)) {
        json_object_put(object);
        object = NULL;
    }
    return object;
}

static void print_part(const char *name, json_object *object)
{
    static const char *const times[] = {"iat", "nbf", "exp"};
    printf("%s\n", name);
    json_object_object_foreach(object, key, value)
    {
        char *text =
            need_memory(strdup(json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE)));
        char *label = need_memory(strdup(key));
        make_printable(label);
        make_printable(text);
        printf("  %-5s %s", label, text);
        for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
            int64_t seconds = json_object_get_int64(value);
            if (strcmp(key, times[i]) == 0 && json_object_is_type(value, json_type_int) && seconds > 0 &&
                seconds < INT64_MAX / 1000000) {
                char when[TODO_TIME_TEXT_SIZE];
                todo_time_format(seconds * 1000000, when);
                printf(" (%.19sZ)", when);
            }
        }
        putchar('\n');
        free(label);
        free(text);
    }
}

static int inspect(const ctl_context *context, const ctl_secret *token)
{
    const char *first = memchr(token->text, '.', token->length);
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;
    json_object *header = second != NULL ? decode_part(token->text, (size_t)(first - token->text)) : NULL;
    json_object *payload = header != NULL ? decode_part(first + 1, (size_t)(second - first - 1)) : NULL;
    if (payload == NULL) {
        json_object_put(header);
        return fail(EXIT_DENIED, "todoctl token mint USER", "this is no JSON Web Token");
    }
    if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "verified", json_object_new_boolean(false));
        json_object_object_add(object, "header", header);
        json_object_object_add(object, "payload", payload);
        print_object(object);
        return 0;
    }
    print_part("Header", header);
    print_part("Payload", payload);
    puts("Not verified: anyone can have made it.");
    json_object_put(header);
    json_object_put(payload);
    return 0;
}

static int run_inspect(ctl_context *context, int count, char **arguments)
{
    ctl_secret token = {NULL, 0};
    int code = secret_get("", count > 0 ? arguments[0] : "-", "secret-file", false, &token);
    code = code != 0 ? code : inspect(context, &token);
    secret_wipe(&token);
    return code;
}

#define SECRET_FILE                                                                                      \
    {                                                                                                    \
        "secret-file", 0, "FILE", "read the secret from FILE (- is standard input)", &files.secret, NULL \
    }

static const option_spec mint_options[] = {
    {"expires", 'e', "TIME", "how long it is valid, such as 90s, 30m, 24h or 7d", &expires, NULL},
    {"key-file", 0, "FILE", "sign with the private key in FILE, a JWK or PEM", &files.key, NULL},
    SECRET_FILE,
    OPTION_END,
};
static const option_spec verify_options[] = {
    {"key-file", 0, "FILE", "verify with the keys in FILE: a JWK Set, a JWK or PEM", &files.key, NULL},
    SECRET_FILE,
    OPTION_END,
};

static const ctl_command commands[] = {
    {"mint", "USER", "Make a token for a user",
     "USER is an e-mail or an id. The key is JWT_SIGNING_KEY, else the secret JWT_SECRET, else asked for. "
     "The token is valid for JWT_EXPIRY_HOURS, or 24 hours. It opens the account of the user to everyone who "
     "has it.",
     mint_options, 1, 1, run_mint},
    {"verify", "[FILE]", "Check a token and show what it says",
     "Reads the token from FILE, or from standard input. It may be signed by any key of JWKS, by "
     "JWT_SIGNING_KEY or by JWT_SECRET; without any of them the secret is asked for.",
     verify_options, 0, 1, run_verify},
    {"inspect", "[FILE]", "Show what a token says, without verifying it",
     "Reads the token from FILE, or from standard input.", NULL, 0, 1, run_inspect},
    {"keygen", "", "Make a secret, or with --alg a key",
     "A secret is 32 random bytes, in hexadecimal, for JWT_SECRET and EDGE_SECRET. A key is a private JWK, "
     "for JWT_SIGNING_KEY.",
     token_keygen_options, 0, 0, run_token_keygen},
    {"jwks", "FILE...", "Print the public halves of keys, as a JWK Set",
     "Each FILE holds a JWK, a JWK Set or PEM. The set is for the edge's JWKS: with it, the edge can verify "
     "and not sign.",
     NULL, 1, -1, run_token_jwks},
    {.run = NULL},
};

const command_group group_token = {
    "token", "The JSON Web Tokens that the edge accepts", false, commands, false, false};

#include "token_keys.h"

#include <string.h>

#include "report.h"

#define SECRET_MIN 32 /* bytes, as todo-server demands */
#define KEY_NEXT   "todoctl token keygen --alg EdDSA --output FILE"

static const struct {
    const char *name;
    todo_token_algorithm algorithm;
} algorithms[] = {
    {"EdDSA", TODO_TOKEN_EDDSA},
    {"ES256", TODO_TOKEN_ES256},
    {"RS256", TODO_TOKEN_RS256},
    {"HS256", TODO_TOKEN_HS256},
};

#define ALGORITHMS_COUNT (sizeof(algorithms) / sizeof(algorithms[0]))

const char *token_algorithm_name(todo_token_algorithm algorithm)
{
    for (size_t i = 0; i < ALGORITHMS_COUNT; i++)
        if (algorithms[i].algorithm == algorithm)
            return algorithms[i].name;
    return "no algorithm";
}

bool token_algorithm_parse(const char *name, todo_token_algorithm *ret_algorithm)
{
    for (size_t i = 0; i < ALGORITHMS_COUNT; i++)
        if (strcmp(algorithms[i].name, name) == 0) {
            *ret_algorithm = algorithms[i].algorithm;
            return true;
        }
    return false;
}

/* Reads a file with a key; unlike a secret it may have many lines. */
static int read_key_file(const char *file, ctl_secret *ret_text)
{
    const char *reason;
    if (secret_read_file(file, ret_text, &reason))
        return 0;
    return fail(EXIT_USAGE, "a file with a JWK, a JWK Set or PEM", "cannot use %s: %s",
                strcmp(file, "-") == 0 ? "standard input" : file, reason);
}

static int both_given(const key_files *files)
{
    if (files->secret == NULL || files->key == NULL)
        return 0;
    return fail(EXIT_USAGE, "one of them", "--secret-file and --key-file name different keys");
}

static int make_secret_key(const ctl_secret *secret, todo_token_key **ret_key)
{
    todo_error error = TODO_ERROR_INIT;
    if (secret->length < SECRET_MIN)
        return fail(EXIT_USAGE, "todoctl token keygen --output FILE",
                    "the secret has %zu bytes: at least %d are needed", secret->length, SECRET_MIN);
    todo_status status = todo_token_key_new_hs256(secret->text, secret->length, ret_key, &error);
    return status == TODO_OK
               ? 0
               : fail_error(&error, "--key-file, or JWT_SIGNING_KEY, for a key", "cannot use the secret");
}

static int make_private_key(const ctl_secret *text, const char *source, todo_token_key **ret_key)
{
    todo_error error = TODO_ERROR_INIT;
    todo_token_key *key = NULL;
    if (todo_token_key_parse(text->text, text->length, NULL, &key, &error) != TODO_OK)
        return fail_error(&error, KEY_NEXT, "cannot use the key of %s", source);
    if (!todo_token_key_can_sign(key)) {
        todo_token_key_free(key);
        return fail(EXIT_USAGE, "the private key that it belongs to", "the key of %s is a public one",
                    source);
    }
    *ret_key = key;
    return 0;
}

/* From --secret-file, or asked for. */
static int secret_key(const char *file, todo_token_key **ret_key)
{
    ctl_secret secret = {NULL, 0};
    int code = secret_get("Secret (JWT_SECRET): ", file, "secret-file", false, &secret);
    code = code != 0 ? code : make_secret_key(&secret, ret_key);
    secret_wipe(&secret);
    return code;
}

/* The key of a setting; *ret_key stays as it is when that is not set. */
static int key_of_setting(const ctl_context *context, ctl_setting setting, todo_token_key **ret_key)
{
    config_value value;
    int code = config_get(&context->config, setting, &value);
    if (code == 0 && value.secret.text != NULL)
        code = setting == SETTING_JWT_SECRET ? make_secret_key(&value.secret, ret_key)
                                             : make_private_key(&value.secret, config_name(setting), ret_key);
    secret_wipe(&value.secret);
    return code;
}

int token_signing_key(const ctl_context *context, const key_files *files, todo_token_key **ret_key)
{
    todo_token_key *key = NULL;
    int code = both_given(files);
    if (code == 0 && files->key != NULL) {
        ctl_secret text = {NULL, 0};
        code = read_key_file(files->key, &text);
        code = code != 0 ? code : make_private_key(&text, files->key, &key);
        secret_wipe(&text);
    } else if (code == 0 && files->secret == NULL) {
        code = key_of_setting(context, SETTING_JWT_SIGNING_KEY, &key);
        if (code == 0 && key == NULL)
            code = key_of_setting(context, SETTING_JWT_SECRET, &key);
    }
    if (code == 0 && key == NULL)
        code = secret_key(files->secret, &key);
    if (code == 0)
        *ret_key = key;
    return code;
}

/* Adds a key, which is taken over. */
static int add(todo_token_keys *keys, todo_token_key *key)
{
    todo_error error = TODO_ERROR_INIT;
    if (todo_token_keys_add(keys, key, &error) == TODO_OK)
        return 0;
    todo_token_key_free(key);
    return fail_error(&error, NULL, "cannot use the keys");
}

static int add_setting(const ctl_context *context, ctl_setting setting, todo_token_keys *keys)
{
    todo_token_key *key = NULL;
    int code = key_of_setting(context, setting, &key);
    return code == 0 && key != NULL ? add(keys, key) : code;
}

static int parse_keys(const ctl_secret *text, const char *source, todo_token_keys **ret_keys)
{
    todo_error error = TODO_ERROR_INIT;
    if (todo_token_keys_parse(text->text, text->length, ret_keys, &error) == TODO_OK)
        return 0;
    return fail_error(&error, "a JWK Set, a JWK or PEM", "cannot use the keys of %s", source);
}

static int keys_of_settings(const ctl_context *context, todo_token_keys **ret_keys)
{
    config_value value;
    todo_error error = TODO_ERROR_INIT;
    int code = config_get(&context->config, SETTING_JWKS, &value);
    if (code == 0 && value.secret.text != NULL)
        code = parse_keys(&value.secret, config_name(SETTING_JWKS), ret_keys);
    else if (code == 0 && todo_token_keys_new(ret_keys, &error) != TODO_OK)
        code = fail_error(&error, NULL, "cannot use the keys");
    secret_wipe(&value.secret);
    code = code != 0 ? code : add_setting(context, SETTING_JWT_SIGNING_KEY, *ret_keys);
    return code != 0 ? code : add_setting(context, SETTING_JWT_SECRET, *ret_keys);
}

int token_keys_of_file(const char *file, todo_token_keys **ret_keys)
{
    ctl_secret text = {NULL, 0};
    int code = read_key_file(file, &text);
    code = code != 0 ? code : parse_keys(&text, file, ret_keys);
    secret_wipe(&text);
    return code;
}

int token_verifying_keys(const ctl_context *context, const key_files *files, todo_token_keys **ret_keys)
{
    todo_token_keys *keys = NULL;
    todo_error error = TODO_ERROR_INIT;
    int code = both_given(files);
    if (code == 0 && files->key != NULL)
        code = token_keys_of_file(files->key, &keys);
    else if (code == 0 && files->secret == NULL)
        code = keys_of_settings(context, &keys);
    else if (code == 0 && todo_token_keys_new(&keys, &error) != TODO_OK)
        code = fail_error(&error, NULL, "cannot use the keys");
    if (code == 0 && files->key == NULL && todo_token_keys_count(keys) == 0) {
        todo_token_key *key = NULL;
        code = secret_key(files->secret, &key);
        code = code != 0 ? code : add(keys, key);
    }
    if (code == 0)
        *ret_keys = keys;
    else
        todo_token_keys_free(keys);
    return code;
}

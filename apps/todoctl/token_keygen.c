/* todoctl token keygen and jwks: new keys, and what everyone may know of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "report.h"
#include "temporary.h"
#include "token_keys.h"

static const char *algorithm;
static const char *key_id;
static const char *output;

const option_spec token_keygen_options[] = {
    {"alg", 0, "ALG", "make a key, as a private JWK: EdDSA, ES256, RS256 or HS256", &algorithm, NULL},
    {"kid", 0, "ID", "the key's name; by default its thumbprint (RFC 7638)", &key_id, NULL},
    {"output", 0, "FILE", "write it into FILE, a new one (- is standard output, a terminal too)", &output,
     NULL},
    OPTION_END,
};

static int write_file(const char *text)
{
    int fd = temporary_make_new(output);
    if (fd < 0)
        return fail(EXIT_FAILED,
                    errno == EEXIST ? "another --output: a secret is never overwritten" : "another --output",
                    "cannot write %s: %s", output, strerror(errno));
    bool written = dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) != 0 || !written || temporary_keep(output) != 0) {
        temporary_remove();
        return fail(EXIT_FAILED, "another --output", "cannot write %s: %s", output, strerror(reason));
    }
    return 0;
}

#define SECRET_BYTES 32 /* as long as the hash of HS256 (RFC 7518, 3.2) */

/* A secret as it is, for JWT_SECRET and EDGE_SECRET. */
static int make_secret(const ctl_context *context)
{
    unsigned char bytes[SECRET_BYTES];
    char text[2 * SECRET_BYTES + 1];
    if (getentropy(bytes, sizeof(bytes)) != 0)
        return fail(EXIT_FAILED, NULL, "the kernel gives no random bytes: %s", strerror(errno));
    for (size_t i = 0; i < SECRET_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    int code = 0;
    if (output != NULL && strcmp(output, "-") != 0) {
        code = write_file(text);
    } else if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "algorithm", json_object_new_string("HS256"));
        json_object_object_add(object, "secret", json_object_new_string(text));
        print_object(object);
    } else {
        puts(text);
    }
    explicit_bzero(bytes, sizeof(bytes));
    explicit_bzero(text, sizeof(text));
    return code;
}

static int make_key(void)
{
    todo_error error = TODO_ERROR_INIT;
    todo_token_key *key = NULL;
    char *jwk = NULL;
    todo_token_algorithm chosen;
    if (!token_algorithm_parse(algorithm, &chosen))
        return fail(EXIT_USAGE, "EdDSA, ES256, RS256 or HS256", "there is no algorithm %s", algorithm);
    todo_status status = todo_token_key_generate(chosen, key_id, &key, &error);
    if (status == TODO_OK)
        status = todo_token_key_write(key, true, &jwk, &error);
    todo_token_key_free(key);
    if (status != TODO_OK)
        return fail_error(&error, NULL, "cannot make the key");
    int code = 0;
    if (output != NULL && strcmp(output, "-") != 0)
        code = write_file(jwk);
    else
        puts(jwk);
    explicit_bzero(jwk, strlen(jwk));
    todo_free(jwk);
    return code;
}

int run_token_keygen(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    if (key_id != NULL && algorithm == NULL)
        return fail(EXIT_USAGE, "--alg EdDSA", "--kid needs --alg: a secret as it is has no name");
    if (output == NULL && isatty(STDOUT_FILENO))
        return fail(EXIT_USAGE, "--output FILE, or --output - to show it", "a secret is not shown unasked");
    return algorithm != NULL ? make_key() : make_secret(context);
}

/* ---- jwks ---- */

/* Adds the keys of a file. Written and read again they are their public halves. */
static int add_public(const char *file, todo_token_keys *keys)
{
    todo_token_keys *found = NULL;
    int code = token_keys_of_file(file, &found);
    for (size_t i = 0; i < todo_token_keys_count(found) && code == 0; i++) {
        todo_error error = TODO_ERROR_INIT;
        todo_token_key *half = NULL; /* of the set, once it is added */
        char *jwk = NULL;
        todo_status status = todo_token_key_write(todo_token_keys_at(found, i), false, &jwk, &error);
        if (status == TODO_OK)
            status = todo_token_key_parse(jwk, strlen(jwk), NULL, &half, &error);
        todo_free(jwk);
        if (status == TODO_OK)
            status = todo_token_keys_add(keys, half, &error);
        if (status != TODO_OK) {
            todo_token_key_free(half);
            code = fail_error(&error, "the keys of ES256, EdDSA or RS256 alone", "cannot publish %s", file);
        }
    }
    todo_token_keys_free(found);
    return code;
}

int run_token_jwks(ctl_context *context, int count, char **arguments)
{
    (void)context;
    todo_error error = TODO_ERROR_INIT;
    todo_token_keys *keys = NULL;
    char *jwks = NULL;
    if (todo_token_keys_new(&keys, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot read the keys");
    int code = 0;
    for (int i = 0; i < count && code == 0; i++)
        code = add_public(arguments[i], keys);
    if (code == 0 && todo_token_keys_write(keys, &jwks, &error) != TODO_OK)
        code = fail_error(&error, NULL, "cannot write the keys");
    if (code == 0)
        puts(jwks);
    todo_free(jwks);
    todo_token_keys_free(keys);
    return code;
}

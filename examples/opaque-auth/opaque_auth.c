/*
 * Another authenticator for the edge: instead of JWTs it takes one opaque token, OPAQUE_TOKEN of the environment, as that of
 * the user OPAQUE_USER. `build` beside this file joins it with the gateway. A real one would look tokens up somewhere, or
 * introspect them (RFC 7662); the shape is the same.
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

/* The gateway answers 503 to this one, since no client can do anything about it (edge-wasm/shared/messages.h). */
#define UNCONFIGURED "Token verification is not configured"

static const auth_string_t *variable(const auth_list_tuple2_string_string_t *environment, const char *name)
{
    for (size_t i = 0; i < environment->len; i++) {
        const auth_string_t *key = &environment->ptr[i].f0, *value = &environment->ptr[i].f1;
        if (key->len == strlen(name) && memcmp(key->ptr, name, key->len) == 0 && value->len > 0)
            return value;
    }
    return NULL;
}

/* How long this takes tells nothing about where the two differ. */
static bool equal(const auth_string_t *a, const auth_string_t *b)
{
    volatile uint8_t difference = a->len != b->len;

    for (size_t i = 0; i < a->len; i++)
        difference = difference | (a->ptr[i] ^ b->ptr[i % b->len]);
    return difference == 0;
}

/* What is returned is freed by the bindings, so it is copied. */
static void set(auth_option_string_t *option, const char *text, size_t length)
{
    option->is_some = true;
    auth_string_dup_n(&option->val, text, length);
}

void exports_demo_auth_authenticator_verify_token(auth_string_t *token,
                                                  exports_demo_auth_authenticator_auth_result_t *ret)
{
    auth_list_tuple2_string_string_t environment;

    *ret = (exports_demo_auth_authenticator_auth_result_t){.authenticated = false};
    wasi_cli_environment_get_environment(&environment);
    const auth_string_t *secret = variable(&environment, "OPAQUE_TOKEN");
    const auth_string_t *user = variable(&environment, "OPAQUE_USER");
    if (secret == NULL || user == NULL) {
        set(&ret->error, UNCONFIGURED, strlen(UNCONFIGURED));
    } else if (equal(token, secret)) {
        ret->authenticated = true;
        set(&ret->user_id, (const char *)user->ptr, user->len);
    } else {
        set(&ret->error, "Unknown token", strlen("Unknown token"));
    }
    auth_list_tuple2_string_string_free(&environment);
    auth_string_free(token);
}

/* The bindings want the object that carries the world's type; `wasm-tools component embed` adds that instead. */
void __component_type_object_force_link_auth(void);
void __component_type_object_force_link_auth(void)
{
}

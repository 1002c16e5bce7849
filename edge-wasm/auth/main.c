/* The auth component: demo:auth/authenticator over the environment and the clock of the host. */
#include "../gen/auth.h"
#include "../shared/arena.h"
#include "../shared/messages.h"
#include "token.h"

/* Read once, so that an instance that serves many calls pays for it once. */
static struct {
    bool loaded, usable;
    struct keyring keyring;
    struct expectations expectations;
} config;

static void load_config(void)
{
    auth_list_tuple2_string_string_t list;

    wasi_cli_environment_get_environment(&list);
    _Static_assert(sizeof(struct env_var) == sizeof *list.ptr, "an env_var is a tuple<string, string>");
    struct env env = {(const struct env_var *)list.ptr, list.len};

    config.usable = keyring_load(&env, &config.keyring) && config.keyring.first != NULL &&
                    expectations_load(&env, &config.expectations);
    config.loaded = true;
    arena_keep();
}

static void set_option(auth_option_string_t *option, const char *text, size_t length)
{
    option->is_some = true;
    option->val = (auth_string_t){(uint8_t *)(uintptr_t)text, length};
}

void exports_demo_auth_authenticator_verify_token(auth_string_t *token,
                                                  exports_demo_auth_authenticator_auth_result_t *ret)
{
    static struct verdict verdict; /* read by the caller after the return */
    wasi_clocks_wall_clock_datetime_t now;

    *ret = (exports_demo_auth_authenticator_auth_result_t){.authenticated = false};
    if (!config.loaded) {
        load_config();
    }
    if (!config.usable) {
        set_option(&ret->error, TOKEN_VERIFIER_UNCONFIGURED, sizeof TOKEN_VERIFIER_UNCONFIGURED - 1);
        return;
    }
    wasi_clocks_wall_clock_now(&now);
    token_verify(&config.keyring, &config.expectations, (struct str){(char *)token->ptr, token->len},
                 (int64_t)now.seconds, &verdict);
    ret->authenticated = verdict.genuine;
    if (verdict.genuine) {
        set_option(&ret->user_id, verdict.user_id, sizeof verdict.user_id);
    } else {
        set_option(&ret->error, verdict.error, strlen(verdict.error));
    }
}

/* The result has been read: what the call allocated goes, the configuration stays. */
__attribute__((__export_name__("cabi_post_demo:auth/authenticator#verify-token"))) void
__wasm_export_exports_demo_auth_authenticator_verify_token_post_return(uint8_t *result)
{
    (void)result;
    arena_reset();
}

/* The bindings expect the object file that carries the world's type; here `wasm-tools component embed` adds it instead. */
void __component_type_object_force_link_auth(void);
void __component_type_object_force_link_auth(void)
{
}

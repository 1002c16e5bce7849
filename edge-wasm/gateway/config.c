#include "config.h"
#include "../gen/gateway.h"
#include "../shared/arena.h"
#include "../shared/env.h"

/* An absolute http or https URL without path, query or user: the path is the client's. */
static bool read_core_url(struct str url, struct config *config)
{
    config->https = str_starts_with(url, STR("https://"));
    if (!config->https && !str_starts_with(url, STR("http://"))) {
        return false;
    }
    config->authority = str_from(url, config->https ? 8 : 7);
    if (config->authority.len > 0 && config->authority.ptr[config->authority.len - 1] == '/') {
        config->authority.len--;
    }
    for (size_t i = 0; i < config->authority.len; i++) {
        char c = config->authority.ptr[i];
        if (c <= ' ' || c > '~' || c == '/' || c == '?' || c == '#' || c == '@') {
            return false;
        }
    }
    return config->authority.len > 0;
}

const struct config *config_get(void)
{
    static struct config config;
    static bool loaded;
    gateway_list_tuple2_string_string_t list;

    if (loaded) {
        return &config;
    }
    wasi_cli_environment_get_environment(&list);
    _Static_assert(sizeof(struct env_var) == sizeof *list.ptr, "an env_var is a tuple<string, string>");
    struct env env = {(const struct env_var *)list.ptr, list.len};
    struct str core_url = env_get(&env, STR("CORE_URL"));

    config.usable = read_core_url(core_url.ptr ? core_url : STR("http://127.0.0.1:3001"), &config);
    config.trust_proxy = env_get_number(&env, STR("EDGE_TRUST_PROXY"), 0) == 1;
    config.connect_timeout = env_get_number(&env, STR("EDGE_CONNECT_TIMEOUT"), 5);
    config.idle_timeout = env_get_number(&env, STR("EDGE_IDLE_TIMEOUT"), 60);
    config.usable = config.usable && config.connect_timeout > 0 && config.idle_timeout > 0;
    config.cors_origins = env_get(&env, STR("EDGE_CORS_ORIGINS"));
    config.edge_secret = env_get(&env, STR("EDGE_SECRET"));
    struct str assertion = env_get(&env, STR("EDGE_ASSERTION"));
    config.signs = assertion.ptr != NULL && str_equal(assertion, STR("signed"));
    config.usable =
        config.usable && (assertion.ptr == NULL || config.signs || str_equal(assertion, STR("plain")));
    config.open_paths = env_get(&env, STR("EDGE_OPEN_PATHS"));
    loaded = true;
    arena_keep();
    return &config;
}

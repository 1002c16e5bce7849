/* Where todoctl's settings come from: an option, the environment (NAME, or the file that NAME_FILE names), a default. */
#ifndef TODOCTL_CONFIG_H
#define TODOCTL_CONFIG_H

#include <stdbool.h>

#include "secrets.h"

typedef enum ctl_setting {
    SETTING_STORE,  /* DATABASE_WRITER_URL */
    SETTING_READER, /* DATABASE_READER_URL */
    SETTING_CACHE,  /* REDIS_URL */
    SETTING_JWT_SECRET,
    SETTING_JWT_EXPIRY_HOURS,
    SETTING_EDGE_SECRET,
    SETTING_CORE, /* CORE_URL */
    SETTING_COUNT
} ctl_setting;

typedef struct ctl_config {
    const char *options[SETTING_COUNT]; /* what the command line says; NULL: nothing */
} ctl_config;

/* A value and where it was found. */
typedef struct config_value {
    ctl_secret secret; /* any value may hold a secret: a URL has a password */
    char source[512];  /* such as "--store", "the environment" or "JWT_SECRET_FILE (/run/secrets/jwt)" */
} config_value;

/* The step to try when a setting is not usable. */
#define CONFIG_NEXT "NAME or NAME_FILE in the environment: one of them, and readable"

/* The name of a setting in the environment. */
const char *config_name(ctl_setting setting);

/*
 * Finds a setting; `ret_value->secret.text` is NULL when it is not set. Returns 0, or an exit code after a line on
 * stderr. The caller gives the value to secret_wipe.
 */
int config_get(const ctl_config *config, ctl_setting setting, config_value *ret_value);

/* As config_get, but writes the reason into `problem` (of `size` bytes) instead of stderr. True: found or not set. */
bool config_find(const ctl_config *config, ctl_setting setting, config_value *ret_value, char *problem,
                 size_t size);

/* Whether a URL carries a password (RFC 3986 userinfo, or libpq's password parameter). */
bool config_has_password(const char *url);

#endif

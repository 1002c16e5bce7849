/*
 * Where todoctl's settings come from: an option; else, if a profile was chosen, that profile alone; else the environment
 * (NAME, or the file that NAME_FILE names); else the profile "default". Profiles are the sections of an INI file.
 *
 * Reader and cache belong to a store: apart from their options they are taken from where the store was found, so that
 * the environment of one installation never mixes with the store of another.
 */
#ifndef TODOCTL_CONFIG_H
#define TODOCTL_CONFIG_H

#include <stdbool.h>

#include "secrets.h"

typedef enum ctl_setting {
    SETTING_STORE,  /* DATABASE_WRITER_URL */
    SETTING_READER, /* DATABASE_READER_URL */
    SETTING_CACHE,  /* REDIS_URL */
    SETTING_JWT_SECRET,
    SETTING_JWT_SIGNING_KEY,
    SETTING_JWKS,
    SETTING_JWT_EXPIRY_HOURS,
    SETTING_EDGE_SECRET,
    SETTING_CORE, /* CORE_URL */
    SETTING_USER, /* TODO_USER */
    SETTING_COUNT
} ctl_setting;

/* A section of the configuration file. */
typedef struct ctl_profile {
    char *values[SETTING_COUNT]; /* of "store = ..."; NULL: not there */
    char *files[SETTING_COUNT];  /* of "store_file = ..." */
    bool found;                  /* whether there is such a section */
} ctl_profile;

typedef struct ctl_config {
    const char *options[SETTING_COUNT]; /* what the command line says; NULL: nothing */
    const char *file;    /* of --config; after config_load the path that was read, NULL for none */
    const char *profile; /* of --profile or TODOCTL_PROFILE; NULL: none was chosen */
    char path[4096];
    ctl_profile chosen;
    ctl_profile defaults;
} ctl_config;

/* A value and where it was found. */
typedef struct config_value {
    ctl_secret secret; /* any value may hold a secret: a URL has a password */
    char source[512];  /* such as "--store", "the environment" or "JWT_SECRET_FILE (/run/secrets/jwt)" */
    char path[512];    /* the file it was read from; "" for none */
} config_value;

/* The step to try when a setting is not usable. */
#define CONFIG_NEXT "setting either the value or its file, which has to be readable"

/*
 * Reads the configuration file: the one of --config, else todoctl/config.ini in the folder for configuration of the XDG
 * Base Directory Specification, which need not be there. Returns 0, or an exit code after a line on stderr.
 */
int config_load(ctl_config *config);

/* Releases what config_load read. */
void config_clear(ctl_config *config);

/* The name of a setting in the environment, and in the configuration file. */
const char *config_name(ctl_setting setting);
const char *config_key(ctl_setting setting);

/*
 * Finds a setting; `ret_value->secret.text` is NULL when it is not set. Returns 0, or an exit code after a line on
 * stderr. The caller gives the value to secret_wipe.
 */
int config_get(const ctl_config *config, ctl_setting setting, config_value *ret_value);

/* As config_get, but writes the reason into `problem` (of `size` bytes) instead of stderr. True: found or not set. */
bool config_find(const ctl_config *config, ctl_setting setting, config_value *ret_value, char *problem,
                 size_t size);

#endif

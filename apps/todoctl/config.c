#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report.h"
#include "url_secret.h"

static const struct {
    const char *name;
    const char *key;
    const char *option;
} settings[SETTING_COUNT] = {
    [SETTING_STORE] = {"DATABASE_WRITER_URL", "store", "--store"},
    [SETTING_READER] = {"DATABASE_READER_URL", "reader", "--reader"},
    [SETTING_CACHE] = {"REDIS_URL", "cache", "--cache"},
    [SETTING_JWT_SECRET] = {"JWT_SECRET", "jwt_secret", NULL},
    [SETTING_JWT_SIGNING_KEY] = {"JWT_SIGNING_KEY", "jwt_signing_key", NULL},
    [SETTING_JWKS] = {"JWKS", "jwks", NULL},
    [SETTING_JWT_EXPIRY_HOURS] = {"JWT_EXPIRY_HOURS", "jwt_expiry_hours", NULL},
    [SETTING_EDGE_SECRET] = {"EDGE_SECRET", "edge_secret", NULL},
    [SETTING_CORE] = {"CORE_URL", "core", "--core"},
    [SETTING_USER] = {"TODO_USER", "user", "--user"},
};

const char *config_name(ctl_setting setting)
{
    return settings[setting].name;
}

const char *config_key(ctl_setting setting)
{
    return settings[setting].key;
}

/* Where a setting may stand. */
typedef enum ctl_place {
    PLACE_OPTION,
    PLACE_CHOSEN,
    PLACE_ENVIRONMENT,
    PLACE_DEFAULTS,
    PLACE_NONE
} ctl_place;

/* A setting as it stands in a place: its text, or the file that has it; NULL is neither. */
typedef struct ctl_entry {
    const char *text;
    const char *path;
    char source[64];    /* such as "the environment" */
    char text_name[64]; /* what the text is called there, for messages */
    char path_name[64];
} ctl_entry;

static const char *non_empty(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static ctl_entry look(const ctl_config *config, ctl_setting setting, ctl_place place)
{
    const ctl_profile *profile = place == PLACE_CHOSEN ? &config->chosen : &config->defaults;
    ctl_entry entry = {.text = NULL};
    if (place == PLACE_OPTION) {
        entry.text = config->options[setting];
        if (entry.text != NULL)
            snprintf(entry.source, sizeof(entry.source), "%s", settings[setting].option);
    } else if (place == PLACE_ENVIRONMENT) {
        snprintf(entry.text_name, sizeof(entry.text_name), "%s", settings[setting].name);
        snprintf(entry.path_name, sizeof(entry.path_name), "%s_FILE", settings[setting].name);
        snprintf(entry.source, sizeof(entry.source), "the environment");
        entry.text = non_empty(getenv(entry.text_name));
        entry.path = non_empty(getenv(entry.path_name));
    } else {
        snprintf(entry.text_name, sizeof(entry.text_name), "%s", settings[setting].key);
        snprintf(entry.path_name, sizeof(entry.path_name), "%s_file", settings[setting].key);
        snprintf(entry.source, sizeof(entry.source), "profile %.40s",
                 place == PLACE_CHOSEN ? config->profile : "default");
        entry.text = profile->values[setting];
        entry.path = profile->files[setting];
    }
    return entry;
}

static bool may_look(const ctl_config *config, ctl_place place)
{
    return place == PLACE_OPTION || (place == PLACE_CHOSEN) == (config->profile != NULL);
}

/* The first place that has a setting. */
static ctl_place find_place(const ctl_config *config, ctl_setting setting)
{
    for (ctl_place place = PLACE_OPTION; place < PLACE_NONE; place++) {
        ctl_entry entry = look(config, setting, place);
        if (may_look(config, place) && (entry.text != NULL || entry.path != NULL))
            return place;
    }
    return PLACE_NONE;
}

static bool read_entry(const ctl_entry *entry, config_value *value, char *problem, size_t size)
{
    const char *reason;
    if (entry->text != NULL && entry->path != NULL) {
        snprintf(problem, size, "both %s and %s are set", entry->text_name, entry->path_name);
        return false;
    }
    if (entry->text != NULL) {
        value->secret = (ctl_secret){need_memory(strdup(entry->text)), strlen(entry->text)};
        snprintf(value->source, sizeof(value->source), "%s", entry->source);
        return true;
    }
    snprintf(value->source, sizeof(value->source), "%s (%.400s)", entry->path_name, entry->path);
    snprintf(value->path, sizeof(value->path), "%s", entry->path);
    if (secret_read_file(entry->path, &value->secret, &reason))
        return true;
    snprintf(problem, size, "cannot use the file that %s names, %s: %s", entry->path_name, entry->path,
             reason);
    return false;
}

bool config_find(const ctl_config *config, ctl_setting setting, config_value *ret_value, char *problem,
                 size_t size)
{
    *ret_value = (config_value){.source = ""};
    ctl_place place = find_place(config, setting);
    if (place != PLACE_OPTION && (setting == SETTING_READER || setting == SETTING_CACHE)) {
        ctl_place store = find_place(config, SETTING_STORE);
        if (store != PLACE_NONE && store != place)
            place = PLACE_NONE;
    }
    if (place == PLACE_NONE)
        return true;
    ctl_entry entry = look(config, setting, place);
    if (place == PLACE_OPTION && url_has_secret(entry.text)) {
        snprintf(problem, size, "a password in %s can be read by every user of this machine", entry.source);
        return false;
    }
    return read_entry(&entry, ret_value, problem, size);
}

int config_get(const ctl_config *config, ctl_setting setting, config_value *ret_value)
{
    char problem[1024];
    if (config_find(config, setting, ret_value, problem, sizeof(problem)))
        return 0;
    return fail(EXIT_USAGE, CONFIG_NEXT, "%s", problem);
}

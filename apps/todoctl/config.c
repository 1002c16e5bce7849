#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report.h"

static const struct {
    const char *name;
    const char *option;
} settings[SETTING_COUNT] = {
    [SETTING_STORE] = {"DATABASE_WRITER_URL", "--store"},
    [SETTING_READER] = {"DATABASE_READER_URL", "--reader"},
    [SETTING_CACHE] = {"REDIS_URL", "--cache"},
    [SETTING_JWT_SECRET] = {"JWT_SECRET", NULL},
    [SETTING_JWT_EXPIRY_HOURS] = {"JWT_EXPIRY_HOURS", NULL},
    [SETTING_EDGE_SECRET] = {"EDGE_SECRET", NULL},
    [SETTING_CORE] = {"CORE_URL", "--core"},
};

const char *config_name(ctl_setting setting)
{
    return settings[setting].name;
}

bool config_has_password(const char *url)
{
    const char *authority = strstr(url, "://");
    if (authority == NULL)
        return false;
    authority += 3;
    size_t length = strcspn(authority, "/?#");
    const char *at = memrchr(authority, '@', length);
    return (at != NULL && memchr(authority, ':', (size_t)(at - authority)) != NULL) ||
           strstr(authority, "password=") != NULL;
}

static void take(config_value *value, const char *text, const char *source)
{
    value->secret = (ctl_secret){need_memory(strdup(text)), strlen(text)};
    snprintf(value->source, sizeof(value->source), "%s", source);
}

static bool from_environment(ctl_setting setting, config_value *value, char *problem, size_t size)
{
    const char *name = settings[setting].name;
    char file_name[64];
    snprintf(file_name, sizeof(file_name), "%s_FILE", name);
    const char *text = getenv(name);
    const char *path = getenv(file_name);
    bool has_text = text != NULL && text[0] != '\0';
    bool has_path = path != NULL && path[0] != '\0';
    if (has_text && has_path) {
        snprintf(problem, size, "both %s and %s are set", name, file_name);
        return false;
    }
    if (has_text) {
        take(value, text, "the environment");
    } else if (has_path) {
        const char *reason;
        snprintf(value->source, sizeof(value->source), "%s (%s)", file_name, path);
        if (!secret_read_file(path, &value->secret, &reason)) {
            snprintf(problem, size, "cannot use the file that %s names, %s: %s", file_name, path, reason);
            return false;
        }
    }
    return true;
}

bool config_find(const ctl_config *config, ctl_setting setting, config_value *ret_value, char *problem,
                 size_t size)
{
    *ret_value = (config_value){.source = ""};
    const char *given = config->options[setting];
    if (given == NULL)
        return from_environment(setting, ret_value, problem, size);
    if (config_has_password(given)) {
        snprintf(problem, size, "a password in %s can be read by every user of this machine",
                 settings[setting].option);
        return false;
    }
    take(ret_value, given, settings[setting].option);
    return true;
}

int config_get(const ctl_config *config, ctl_setting setting, config_value *ret_value)
{
    char problem[1024];
    if (config_find(config, setting, ret_value, problem, sizeof(problem)))
        return 0;
    return fail(EXIT_USAGE, CONFIG_NEXT, "%s", problem);
}

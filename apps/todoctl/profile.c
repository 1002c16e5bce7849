/* The configuration file: an INI file, read by inih. */
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report.h"

#define DEFAULT_PROFILE "default"

typedef struct ctl_reading {
    ctl_config *config;
    char problem[256]; /* of the first bad line; "" for none */
} ctl_reading;

static void keep(char **value, const char *text)
{
    free(*value);
    *value = text[0] != '\0' ? need_memory(strdup(text)) : NULL;
}

/* Which setting `key` names; `ret_is_file` for "KEY_file". */
static bool find_setting(const char *key, ctl_setting *ret_setting, bool *ret_is_file)
{
    for (ctl_setting i = 0; i < SETTING_COUNT; i++) {
        size_t length = strlen(config_key(i));
        if (strncmp(key, config_key(i), length) == 0 &&
            (key[length] == '\0' || strcmp(key + length, "_file") == 0)) {
            *ret_setting = i;
            *ret_is_file = key[length] != '\0';
            return true;
        }
    }
    return false;
}

/* Called by inih for each "key = value". */
static int take_line(void *arg, const char *section, const char *key, const char *text)
{
    ctl_reading *reading = arg;
    ctl_config *config = reading->config;
    ctl_setting setting;
    bool is_file;
    const char *used = config->profile != NULL ? config->profile : DEFAULT_PROFILE;
    if (!find_setting(key, &setting, &is_file)) {
        if (strcmp(section, used) != 0)
            return 1; /* before the first section */
        if (reading->problem[0] == '\0')
            snprintf(reading->problem, sizeof(reading->problem), "there is no setting %.100s", key);
        return 0;
    }
    ctl_profile *profile = config->profile != NULL && strcmp(section, config->profile) == 0 ? &config->chosen
                           : strcmp(section, DEFAULT_PROFILE) == 0 ? &config->defaults
                                                                   : NULL;
    if (profile != NULL) {
        profile->found = true;
        keep(is_file ? &profile->files[setting] : &profile->values[setting], text);
    }
    return 1;
}

/* The file's lines as inih is to see them. */
typedef struct ctl_lines {
    FILE *file;
    const char *used; /* the profile */
    bool passes;      /* the section that is being read is that one, or there was none yet */
} ctl_lines;

/* Called by inih for each line. What stands in a profile that is not used is blanked: it harms no command. */
static char *next_line(char *line, int size, void *arg)
{
    ctl_lines *lines = arg;
    if (fgets(line, size, lines->file) == NULL)
        return NULL;
    const char *at = line + strspn(line, " \t");
    size_t length = strlen(lines->used);
    if (at[0] == '[')
        lines->passes = strncmp(at + 1, lines->used, length) == 0 && at[1 + length] == ']';
    else if (!lines->passes)
        snprintf(line, (size_t)size, "\n");
    return line;
}

/* The path of the file; false when there is no place for one. */
static bool find_path(ctl_config *config)
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (config->file != NULL)
        length = snprintf(config->path, sizeof(config->path), "%s", config->file);
    else if (folder != NULL && folder[0] == '/')
        length = snprintf(config->path, sizeof(config->path), "%s/todoctl/config.ini", folder);
    else if (home != NULL && home[0] == '/')
        length = snprintf(config->path, sizeof(config->path), "%s/.config/todoctl/config.ini", home);
    return length >= 0 && (size_t)length < sizeof(config->path);
}

static int read_file(ctl_config *config, FILE *file)
{
    ctl_reading reading = {.config = config};
    ctl_lines lines = {file, config->profile != NULL ? config->profile : DEFAULT_PROFILE, true};
    int line = ini_parse_stream(next_line, &lines, take_line, &reading);
    fclose(file);
    config->file = config->path;
    if (line > 0)
        return fail(EXIT_USAGE, "KEY = VALUE, with a KEY of todoctl(1)", "%s, line %d: %s", config->path,
                    line, reading.problem[0] != '\0' ? reading.problem : "this is no setting");
    return line == 0 ? 0 : fail(EXIT_FAILED, NULL, "cannot read %s", config->path);
}

int config_load(ctl_config *config)
{
    const char *chosen = getenv("TODOCTL_PROFILE");
    if (config->profile == NULL && chosen != NULL && chosen[0] != '\0')
        config->profile = chosen;
    errno = ENOENT;
    FILE *file = find_path(config) ? fopen(config->path, "re") : NULL;
    if (file == NULL) {
        bool wanted = config->file != NULL || config->profile != NULL;
        if (wanted || (errno != ENOENT && errno != ENOTDIR))
            return fail(EXIT_USAGE, "--config FILE", "cannot read the configuration file %s: %s",
                        config->path, strerror(errno));
        return 0;
    }
    int code = read_file(config, file);
    if (code == 0 && config->profile != NULL && !config->chosen.found)
        code = fail(EXIT_USAGE, "a section of that file", "there is no profile %s in %s", config->profile,
                    config->path);
    return code;
}

static void clear(ctl_profile *profile)
{
    for (ctl_setting i = 0; i < SETTING_COUNT; i++) {
        if (profile->values[i] != NULL)
            explicit_bzero(profile->values[i], strlen(profile->values[i]));
        free(profile->values[i]);
        free(profile->files[i]);
    }
    memset(profile, 0, sizeof(*profile));
}

void config_clear(ctl_config *config)
{
    clear(&config->chosen);
    clear(&config->defaults);
}

#include "adapters/redis/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct setting {
    const char *name;
    bool (*right)(const char *value);
    const char *needed;
} setting;

/* CLIENT TRACKING came with it, by which processes hear of changes. */
static bool is_six_or_later(const char *value)
{
    return atoi(value) >= 6;
}

/*
 * A policy that picks entries at random may evict one a moment after it was written, and a cache like that is of little use. All
 * entries have a time to live, so volatile-random too.
 */
static bool is_not_random(const char *value)
{
    return strstr(value, "random") == NULL;
}

static const setting settings[] = {
    {"redis_version", is_six_or_later, "6 or later"},
    {"maxmemory_policy", is_not_random, "one that looks at use, such as allkeys-lru"},
};

/* The value of a line "name:value", cut to fit. False when there is no such line. */
static bool find(const char *info, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);

    for (const char *line = info; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            snprintf(value, size, "%.*s", (int)strcspn(line + length + 1, "\r\n"), line + length + 1);
            return true;
        }
    }
    return false;
}

const char *todo__redis_wrong_setting(const char *info, char *why, size_t size)
{
    char value[40];

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (!find(info, settings[i].name, value, sizeof(value)) || settings[i].right(value))
            continue;
        snprintf(why, size, "%s; needed is %s", value, settings[i].needed);
        return settings[i].name;
    }
    return NULL;
}

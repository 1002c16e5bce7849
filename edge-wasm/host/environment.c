#include "environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX (1u << 20) /* bytes of a file: a large key set */
#define PATH_SIZE 4096

/* As in script/edge: tests/edge/deployment.py compares the two. */
static const char *const edge_variables[] = {
    "CORE_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "JWT_LEEWAY",
    "EDGE_OPEN_PATHS",
    "EDGE_TRUST_PROXY",
    "EDGE_CORS_ORIGINS",
    "EDGE_CONNECT_TIMEOUT",
    "EDGE_IDLE_TIMEOUT",
    "EDGE_ASSERTION",
    "JWT_SECRET",
    "JWT_SECRET_PREVIOUS",
    "JWKS",
    "EDGE_SECRET",
};

/* The content of a file without line feeds at its end; NULL when it cannot be read or is too long. */
static char *read_value(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = file == NULL ? NULL : malloc(VALUE_MAX + 1);
    size_t length = 0;
    bool whole = false;

    if (text != NULL) {
        length = fread(text, 1, VALUE_MAX + 1, file);
        whole = !ferror(file) && length <= VALUE_MAX && memchr(text, '\0', length) == NULL;
    }
    if (file != NULL)
        fclose(file);
    if (!whole) {
        free(text);
        return NULL;
    }
    while (length > 0 && text[length - 1] == '\n')
        length--;
    text[length] = '\0';
    return text;
}

bool environment_add(struct environment *environment, const char *name)
{
    char variable[256];
    const char *path, *text = getenv(name);

    snprintf(variable, sizeof(variable), "%s_FILE", name);
    path = getenv(variable);
    if (path != NULL && *path != '\0' && (text = read_value(path)) == NULL) {
        fprintf(stderr, "todo-edge: %s: cannot read %s\n", variable, path);
        return false;
    }
    if (text == NULL || *text == '\0')
        return true;
    if (environment->count == ENVIRONMENT_MAX) {
        fputs("todo-edge: too many --env\n", stderr);
        return false;
    }
    environment->pairs[environment->count][0] = name;
    environment->pairs[environment->count++][1] = text;
    return true;
}

static bool has(const struct environment *environment, const char *name)
{
    for (size_t i = 0; i < environment->count; i++)
        if (strcmp(environment->pairs[i][0], name) == 0)
            return true;
    return false;
}

bool environment_add_edge(struct environment *environment)
{
    for (size_t i = 0; i < sizeof(edge_variables) / sizeof(*edge_variables); i++)
        if (!has(environment, edge_variables[i]) && !environment_add(environment, edge_variables[i]))
            return false;
    if (!has(environment, "JWT_SECRET") && !has(environment, "JWKS")) {
        fputs("todo-edge: neither JWT_SECRET nor JWKS is set: no token could be verified\n", stderr);
        return false;
    }
    if (!has(environment, "EDGE_SECRET")) {
        fputs("todo-edge: EDGE_SECRET is not set: the core would refuse what the edge forwards\n", stderr);
        return false;
    }
    return true;
}

char *environment_component(void)
{
    char program[PATH_SIZE], *path = NULL;
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

    if (length <= 0)
        return NULL;
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    return asprintf(&path, "%s/%s", program, INSTALLED_COMPONENT) < 0 ? NULL : path;
}

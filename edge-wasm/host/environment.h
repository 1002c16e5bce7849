/* The variables that the component gets to see, and where the installed edge lies. */
#ifndef EDGE_HOST_ENVIRONMENT_H
#define EDGE_HOST_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#define ENVIRONMENT_MAX 64

struct environment {
    const char *pairs[ENVIRONMENT_MAX + 1][2]; /* names and values, up to a NULL */
    size_t count;
};

/*
 * Adds the variable `name`, whose value is the content of the file that NAME_FILE names, without line feeds at its end, or else
 * that of the process's environment. Adds nothing when both are unset or empty. The value lasts as long as the process.
 * False, with a line on standard error, when the file cannot be read or there are too many variables.
 */
bool environment_add(struct environment *environment, const char *name);

/* Adds what this project's edge reads. False, with a line on standard error, also when a secret is missing. */
bool environment_add_edge(struct environment *environment);

/* The path of the component that is installed with this program; NULL when it cannot be told. To be freed. */
char *environment_component(void);

#endif

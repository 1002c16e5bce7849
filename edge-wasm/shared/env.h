/**
 * @file env.h
 * The environment a component was started with, as wasi:cli/environment hands it out.
 */
#ifndef EDGE_ENV_H
#define EDGE_ENV_H

#include "str.h"

struct env_var {
    struct str name;
    struct str value;
};

struct env {
    const struct env_var *vars;
    size_t count;
};

/** The value of a variable; one with a NULL `ptr` when it is not set. An empty value counts as not set. */
static inline struct str env_get(const struct env *env, struct str name)
{
    for (size_t i = 0; i < env->count; i++) {
        if (str_equal(env->vars[i].name, name) && env->vars[i].value.len > 0) {
            return env->vars[i].value;
        }
    }
    return (struct str){NULL, 0};
}

/** A variable that is a plain number from 0 to 999,999,999; `fallback` when it is not set, -1 when it is something else. */
static inline long env_get_number(const struct env *env, struct str name, long fallback)
{
    struct str text = env_get(env, name);
    long number = 0;

    if (text.ptr == NULL) {
        return fallback;
    }
    if (text.len > 9) {
        return -1;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return -1;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    return number;
}

#endif

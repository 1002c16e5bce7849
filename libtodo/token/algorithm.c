#include "token/algorithm.h"

#include <string.h>

/* The first name of an algorithm is the one that is written. */
static const struct {
    const char *name;
    todo_token_algorithm algorithm;
} names[] = {
    {"HS256", TODO_TOKEN_HS256},   {"ES256", TODO_TOKEN_ES256}, {"EdDSA", TODO_TOKEN_EDDSA},
    {"Ed25519", TODO_TOKEN_EDDSA}, {"RS256", TODO_TOKEN_RS256},
};

#define NAMES_COUNT (sizeof(names) / sizeof(names[0]))

const char *todo__algorithm_name(todo_token_algorithm algorithm)
{
    for (size_t i = 0; i < NAMES_COUNT; i++)
        if (names[i].algorithm == algorithm)
            return names[i].name;
    return NULL;
}

todo_token_algorithm todo__algorithm_from_name(const char *name)
{
    for (size_t i = 0; i < NAMES_COUNT; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].algorithm;
    return (todo_token_algorithm)0;
}

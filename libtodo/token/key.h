/* A key for tokens. */
#ifndef TODO_TOKEN_KEY_H
#define TODO_TOKEN_KEY_H

#include <jwt.h>

#include <todo/token.h>

struct todo_token_key {
    jwt_alg_t algorithm;
    int length; /* as libjwt wants it */
    unsigned char secret[];
};

#endif

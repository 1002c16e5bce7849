/* Keys to verify with. */
#ifndef TODO_TOKEN_KEYS_H
#define TODO_TOKEN_KEYS_H

#include <todo/token.h>

struct todo_token_keys {
    todo_token_key **keys;
    size_t count, room;
};

#endif

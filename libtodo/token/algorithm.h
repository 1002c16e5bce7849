/* The algorithms that tokens are signed by, and their names. */
#ifndef TODO_TOKEN_ALGORITHM_H
#define TODO_TOKEN_ALGORITHM_H

#include <todo/token.h>

/* The name in `alg` (RFC 7518, 3.1; RFC 8037, 3.1); NULL for what is no algorithm. */
const char *todo__algorithm_name(todo_token_algorithm algorithm);

/* The algorithm of exactly that name, RFC 9864's `Ed25519` included; 0 for any other. */
todo_token_algorithm todo__algorithm_from_name(const char *name);

#endif

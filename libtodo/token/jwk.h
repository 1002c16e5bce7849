/* Keys as JSON (RFC 7517; RFC 7518, 6; RFC 8037, 2). */
#ifndef TODO_TOKEN_JWK_H
#define TODO_TOKEN_JWK_H

#include <json-c/json_object.h>

#include "token/key.h"

/*
 * Reads a JWK. `id` may be NULL: then the JWK's own counts. TODO_OK with NULL is a key for something else than
 * verifying or signing our tokens. Other errors as todo_token_key_parse. The private members of `object` are overwritten.
 */
todo_status todo__jwk_read(json_object *object, const char *id, todo_token_key **ret_key, todo_error *error);

/* The thumbprint of a key pair or public key, in base64url (RFC 7638). NOMEM, INTERNAL. */
todo_status todo__jwk_thumbprint(const todo_token_key *key, char ret_text[TODO_TOKEN_KEY_ID_MAX + 1],
                                 todo_error *error);

#endif

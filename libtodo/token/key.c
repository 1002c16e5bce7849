#include "token/key.h"

#include <limits.h>
#include <string.h>

#include "util/alloc.h"

todo_status todo_token_key_new_hs256(const void *secret, size_t length, todo_token_key **ret_key,
                                     todo_error *error)
{
    todo_token_key *key;

    if (ret_key == NULL || (secret == NULL && length > 0))
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    if (length == 0)
        return todo_error_set(error, TODO_ERR_INVALID, "secret_empty", NULL, "the secret is empty");
    if (length > INT_MAX)
        return todo_error_set(error, TODO_ERR_INVALID, "secret_too_long", NULL, "the secret is too long");
    key = todo__malloc(sizeof(*key) + length);
    if (key == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    key->algorithm = JWT_ALG_HS256;
    key->length = (int)length;
    memcpy(key->secret, secret, length);
    *ret_key = key;
    return TODO_OK;
}

void todo_token_key_free(todo_token_key *key)
{
    if (key == NULL)
        return;
    explicit_bzero(key->secret, (size_t)key->length);
    todo__free(key);
}

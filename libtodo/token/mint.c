#include <stdlib.h>

#include "token/key.h"
#include "util/alloc.h"
#include "util/structs.h"

void todo_token_claims_init(todo_token_claims *claims, size_t size)
{
    todo__struct_init(claims, size);
}

/* NumericDate; a time of 0 is no claim. */
static int add_time(jwt_t *jwt, const char *name, int64_t time)
{
    return time != 0 ? jwt_add_grant_int(jwt, name, (long)time) : 0;
}

/* Whether libjwt took everything. */
static bool fill(jwt_t *jwt, const todo_token_key *key, const todo_token_claims *claims)
{
    char subject[TODO_UUID_TEXT_SIZE];

    todo_uuid_format(&claims->subject, subject);
    return jwt_set_alg(jwt, key->algorithm, key->secret, key->length) == 0 &&
           jwt_add_grant(jwt, "sub", subject) == 0 && add_time(jwt, "iat", claims->issued_at) == 0 &&
           add_time(jwt, "exp", claims->expires_at) == 0 && add_time(jwt, "nbf", claims->not_before) == 0;
}

/* What libjwt refuses of these claims can only be for want of memory. */
static todo_status sign(const todo_token_key *key, const todo_token_claims *claims, char **ret_token,
                        todo_error *error)
{
    jwt_t *jwt = NULL;
    char *token = NULL, *copy = NULL;

    if (jwt_new(&jwt) == 0 && fill(jwt, key, claims))
        token = jwt_encode_str(jwt);
    jwt_free(jwt);
    if (token != NULL)
        copy = todo__strdup(token);
    free(token);
    if (copy == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    *ret_token = copy;
    return TODO_OK;
}

todo_status todo_token_mint(const todo_token_key *key, const todo_token_claims *claims, char **ret_token,
                            todo_error *error)
{
    todo_token_claims known;
    todo_status status = todo__struct_take(&known, sizeof(known), claims, error);

    if (status != TODO_OK)
        return status;
    if (key == NULL || ret_token == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    if (known.expires_at <= 0 || known.issued_at < 0 || known.not_before < 0)
        return todo_error_set(error, TODO_ERR_INVALID, "claims_invalid", "exp", "a token must expire");
    return sign(key, &known, ret_token, error);
}

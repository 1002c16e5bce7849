#include "token/keys.h"

#include <string.h>

#include <todo/buffer.h>

#include "util/alloc.h"
#include "util/entry.h"

todo_status todo_token_keys_new(todo_token_keys **ret_keys, todo_error *error)
{
    todo_token_keys *keys;

    if (!todo__given(error, ret_keys))
        return TODO_ERR_INVALID;
    keys = todo__calloc(1, sizeof(*keys));
    if (keys == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    *ret_keys = keys;
    return TODO_OK;
}

void todo_token_keys_free(todo_token_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->count; i++)
        todo_token_key_free(keys->keys[i]);
    todo__free(keys->keys);
    todo__free(keys);
}

todo_status todo_token_keys_add(todo_token_keys *keys, todo_token_key *key, todo_error *error)
{
    if (!todo__given(error, keys, key))
        return TODO_ERR_INVALID;
    if (keys->count == keys->room) {
        size_t room = keys->room > 0 ? 2 * keys->room : 4;
        todo_token_key **larger = todo__realloc(keys->keys, room * sizeof(*larger));

        if (larger == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        keys->keys = larger;
        keys->room = room;
    }
    keys->keys[keys->count++] = key;
    return TODO_OK;
}

size_t todo_token_keys_count(const todo_token_keys *keys)
{
    return keys != NULL ? keys->count : 0;
}

const todo_token_key *todo_token_keys_at(const todo_token_keys *keys, size_t index)
{
    return keys != NULL && index < keys->count ? keys->keys[index] : NULL;
}

static todo_status append(todo_buffer *buffer, const char *text, todo_error *error)
{
    return todo_buffer_append(buffer, text, strlen(text), error);
}

static todo_status append_keys(todo_buffer *buffer, const todo_token_keys *keys, todo_error *error)
{
    todo_status status = append(buffer, "{\"keys\":[", error);

    for (size_t i = 0; i < keys->count && status == TODO_OK; i++) {
        char *jwk = NULL;

        status = todo_token_key_write(keys->keys[i], false, &jwk, error);
        if (status == TODO_OK && i > 0)
            status = append(buffer, ",", error);
        if (status == TODO_OK)
            status = append(buffer, jwk, error);
        todo_free(jwk);
    }
    return status == TODO_OK ? append(buffer, "]}", error) : status;
}

todo_status todo_token_keys_write(const todo_token_keys *keys, char **ret_jwks, todo_error *error)
{
    todo_buffer *buffer = NULL;
    char *copy = NULL;
    todo_status status;

    if (!todo__given(error, keys, ret_jwks))
        return TODO_ERR_INVALID;
    status = todo_buffer_new(&buffer, error);
    if (status == TODO_OK)
        status = append_keys(buffer, keys, error);
    if (status == TODO_OK) {
        copy = todo__strdup(todo_buffer_data(buffer));
        if (copy == NULL)
            status = todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    }
    todo_buffer_free(buffer);
    if (status == TODO_OK)
        *ret_jwks = copy;
    return status;
}

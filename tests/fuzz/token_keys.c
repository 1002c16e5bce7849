/*
 * Any bytes as keys: refused as INVALID, or what was read can be written, and read again as the same. A set that was read
 * never publishes the private half of a key.
 */
#include "fuzz.h"

#include <openssl/err.h>

#include <todo/token.h>

/* Writes the key and reads it again; both texts are the same. */
static void check_key(const todo_token_key *key, bool with_private)
{
    char *text = NULL, *same = NULL;
    todo_token_key *again = NULL;

    REQUIRE(todo_token_key_write(key, with_private, &text, NULL) == TODO_OK);
    REQUIRE(with_private || (strstr(text, "\"d\":") == NULL && strstr(text, "\"k\":") == NULL));
    REQUIRE(todo_token_key_parse(text, strlen(text), NULL, &again, NULL) == TODO_OK);
    REQUIRE(todo_token_key_can_sign(again) == with_private);
    REQUIRE(todo_token_key_algorithm(again) == todo_token_key_algorithm(key));
    REQUIRE(todo_token_key_write(again, with_private, &same, NULL) == TODO_OK && strcmp(text, same) == 0);
    todo_token_key_free(again);
    todo_free(same);
    todo_free(text);
}

static void check_set(const todo_token_keys *keys)
{
    bool secrets = false;
    char *text = NULL;
    todo_status status;

    for (size_t i = 0; i < todo_token_keys_count(keys); i++) {
        const todo_token_key *key = todo_token_keys_at(keys, i);
        bool secret = todo_token_key_algorithm(key) == TODO_TOKEN_HS256;

        secrets = secrets || secret;
        if (!secret)
            check_key(key, false);
        if (todo_token_key_can_sign(key))
            check_key(key, true);
    }
    status = todo_token_keys_write(keys, &text, NULL);
    REQUIRE(status == (secrets ? TODO_ERR_INVALID : TODO_OK));
    todo_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    todo_token_keys *keys = NULL;
    todo_token_key *key = NULL;
    todo_error error = TODO_ERROR_INIT;
    todo_status status = todo_token_keys_parse((const char *)data, size, &keys, &error);

    REQUIRE(status == TODO_OK || status == TODO_ERR_INVALID);
    REQUIRE(status == TODO_OK || strncmp(error.code, "key_", 4) == 0);
    if (status == TODO_OK)
        check_set(keys);
    /* What is one key is a set of one, but not always the other way round. */
    if (todo_token_key_parse((const char *)data, size, NULL, &key, NULL) == TODO_OK)
        REQUIRE(status == TODO_OK && todo_token_keys_count(keys) == 1);
    todo_token_key_free(key);
    todo_token_keys_free(keys);
    REQUIRE(ERR_peek_error() == 0);
    return 0;
}

/* Keys as text: JSON or PEM. */
#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "token/jwk.h"
#include "token/keys.h"
#include "token/openssl_errors.h"
#include "util/entry.h"
#include "json/document.h"
#include "json/strict.h"

static todo_status refuse(const char *code, const char *message, todo_error *error)
{
    return todo__openssl_fail(TODO_ERR_INVALID, code, message, error);
}

static todo_status unsupported(todo_error *error)
{
    return refuse("key_unsupported",
                  "the key is for something else than HS256, ES256, EdDSA or RS256 signatures", error);
}

/* Adds the key, or frees it. */
static todo_status add(todo_token_keys *keys, todo_token_key *key, todo_error *error)
{
    todo_status status = todo_token_keys_add(keys, key, error);

    if (status != TODO_OK)
        todo_token_key_free(key);
    return status;
}

/* ---- JSON ---- */

static todo_status read_set(json_object *members, todo_token_keys *keys, todo_error *error)
{
    todo_status status = TODO_OK;

    if (!json_object_is_type(members, json_type_array))
        return refuse("key_malformed", "the keys of a JWK Set are an array", error);
    for (size_t i = 0; i < json_object_array_length(members) && status == TODO_OK; i++) {
        todo_token_key *key;

        status = todo__jwk_read(json_object_array_get_idx(members, i), NULL, &key, error);
        if (status == TODO_OK && key != NULL)
            status = add(keys, key, error);
    }
    return status;
}

static todo_status read_json(const char *text, size_t length, const char *key_id, bool sets,
                             todo_token_keys *keys, todo_error *error)
{
    todo_json *json = NULL;
    json_object *members = NULL;
    todo_token_key *key = NULL;
    todo_status status =
        !todo__json_is_plain(text, length) ? TODO_ERR_INVALID : todo_json_parse(text, length, &json, NULL);

    if (status == TODO_ERR_NOMEM)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    if (status != TODO_OK)
        return refuse("key_malformed", "this is no valid JSON", error);
    if (sets && json_object_object_get_ex(json->root, "keys", &members)) {
        status = read_set(members, keys, error);
    } else {
        status = todo__jwk_read(json->root, key_id, &key, error);
        if (status == TODO_OK)
            status = key != NULL ? add(keys, key, error) : unsupported(error);
    }
    todo_json_free(json);
    return status;
}

/* ---- PEM ---- */

/* What PEM_read_bio took apart. */
typedef struct pem_block {
    char *name, *header;
    unsigned char *bytes;
    long length;
} pem_block;

static void block_clear(pem_block *block)
{
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->bytes, block->length > 0 ? (size_t)block->length : 0);
    *block = (pem_block){NULL, NULL, NULL, 0};
}

static todo_status read_block(const pem_block *block, const char *key_id, todo_token_keys *keys,
                              todo_error *error)
{
    const unsigned char *at = block->bytes;
    bool is_public = strcmp(block->name, PEM_STRING_PUBLIC) == 0;
    todo_token_key *key = NULL;
    EVP_PKEY *pair;
    todo_status status;

    if (strcmp(block->name, PEM_STRING_ECPARAMETERS) == 0)
        return TODO_OK; /* which `openssl ecparam -genkey` puts in front of a key */
    if (strcmp(block->name, PEM_STRING_PKCS8) == 0 || strstr(block->header, "ENCRYPTED") != NULL)
        return refuse("key_encrypted", "the key is under a passphrase", error);
    if (!is_public && strcmp(block->name, PEM_STRING_PKCS8INF) != 0 &&
        strcmp(block->name, PEM_STRING_RSA) != 0 && strcmp(block->name, PEM_STRING_ECPRIVATEKEY) != 0)
        return refuse("key_unsupported", "PEM has to hold a PUBLIC KEY or a PRIVATE KEY", error);
    pair = is_public ? d2i_PUBKEY(NULL, &at, block->length) : d2i_AutoPrivateKey(NULL, &at, block->length);
    if (pair == NULL || at != block->bytes + block->length) {
        EVP_PKEY_free(pair);
        return refuse("key_malformed", "the PEM holds no key that can be read", error);
    }
    status = todo__key_from_pair(pair, !is_public, key_id, &key, error);
    return status == TODO_OK ? add(keys, key, error) : status;
}

static todo_status read_pem(const char *text, size_t length, const char *key_id, todo_token_keys *keys,
                            todo_error *error)
{
    BIO *bio = BIO_new_mem_buf(text, (int)length);
    pem_block block = {NULL, NULL, NULL, 0};
    todo_status status = TODO_OK;

    if (bio == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    while (status == TODO_OK &&
           PEM_read_bio(bio, &block.name, &block.header, &block.bytes, &block.length) == 1) {
        status = read_block(&block, key_id, keys, error);
        block_clear(&block);
    }
    if (status == TODO_OK &&
        (keys->count == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE))
        status = refuse("key_malformed", "the PEM is broken", error);
    BIO_free(bio);
    return status;
}

/* ---- both ---- */

static todo_status read_any(const char *text, size_t length, const char *key_id, bool sets,
                            todo_token_keys *keys, todo_error *error)
{
    static const char begin[] = "-----BEGIN ";
    size_t start = 0;

    while (start < length && strchr(" \t\r\n", text[start]) != NULL && text[start] != '\0')
        start++;
    if (start < length && text[start] == '{')
        return read_json(text, length, key_id, sets, keys, error);
    if (length <= INT_MAX && length > 0 && memmem(text, length, begin, sizeof(begin) - 1) != NULL)
        return read_pem(text, length, key_id, keys, error);
    return refuse("key_malformed", "this is neither a JWK nor PEM", error);
}

static todo_status parse(const char *text, size_t length, const char *key_id, bool sets,
                         todo_token_keys **ret_keys, todo_error *error)
{
    todo_token_keys *keys = NULL;
    todo_status status = todo_token_keys_new(&keys, error);

    if (status != TODO_OK)
        return status;
    todo__openssl_begin();
    status = read_any(text, length, key_id, sets, keys, error);
    todo__openssl_end();
    if (status == TODO_OK)
        *ret_keys = keys;
    else
        todo_token_keys_free(keys);
    return status;
}

todo_status todo_token_keys_parse(const char *text, size_t length, todo_token_keys **ret_keys,
                                  todo_error *error)
{
    if (!todo__given(error, text, ret_keys))
        return TODO_ERR_INVALID;
    return parse(text, length, NULL, true, ret_keys, error);
}

todo_status todo_token_key_parse(const char *text, size_t length, const char *key_id,
                                 todo_token_key **ret_key, todo_error *error)
{
    todo_token_keys *keys = NULL;
    todo_status status;

    if (!todo__given(error, text, ret_key))
        return TODO_ERR_INVALID;
    status = parse(text, length, key_id, false, &keys, error);
    if (status != TODO_OK)
        return status;
    if (keys->count == 1) {
        *ret_key = keys->keys[0];
        keys->count = 0;
    } else {
        status =
            todo_error_set(error, TODO_ERR_INVALID, "key_malformed", NULL, "there has to be exactly one key");
    }
    todo_token_keys_free(keys);
    return status;
}

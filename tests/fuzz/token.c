/*
 * Any bytes as a token, and, when they begin with '!', as the header and payload (apart by a NUL) of a genuine one:
 * refused in the words of the HTTP contract, or everything it must say is there.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <todo/token.h>

#define SECRET "a secret of at least thirty-two bytes"
#define NOW    INT64_C(1795000000)

static char *append_encoded(char *text, const void *bytes, size_t length)
{
    int count = EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);

    while (count > 0 && text[count - 1] == '=')
        count--;
    for (int i = 0; i < count; i++)
        text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    text[count] = '\0';
    return text + count;
}

static char *genuine(const char *header, const char *payload, size_t payload_length)
{
    char *token = malloc((strlen(header) + payload_length) * 2 + 128);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_length = 0;
    char *end;

    REQUIRE(token != NULL);
    end = append_encoded(token, header, strlen(header));
    *end++ = '.';
    end = append_encoded(end, payload, payload_length);
    HMAC(EVP_sha256(), SECRET, sizeof(SECRET) - 1, (const unsigned char *)token, (size_t)(end - token), mac,
         &mac_length);
    *end++ = '.';
    append_encoded(end, mac, mac_length);
    return token;
}

static char *token_of(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *token;
    size_t header;

    REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (text[0] != '!')
        return text;
    header = strlen(text + 1);
    token = genuine(text + 1, text + (header + 2 < size ? header + 2 : size),
                    header + 2 < size ? size - header - 2 : 0);
    free(text);
    return token;
}

static void check(const todo_token_key *key, const char *token)
{
    static const todo_uuid nobody;
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_error error = TODO_ERROR_INIT;
    todo_status status = todo_token_verify(key, token, NOW, &claims, &error);

    if (status == TODO_OK) {
        REQUIRE(claims.expires_at > NOW && claims.not_before <= NOW);
        return;
    }
    REQUIRE(status == TODO_ERR_UNAUTHENTICATED && strncmp(error.code, "token_", 6) == 0);
    REQUIRE(claims.expires_at == 0 && todo_uuid_compare(&claims.subject, &nobody) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static todo_token_key *key;
    char *token = token_of(data, size);

    if (key == NULL)
        REQUIRE(todo_token_key_new_hs256(SECRET, sizeof(SECRET) - 1, &key, NULL) == TODO_OK);
    check(key, token);
    free(token);
    return 0;
}

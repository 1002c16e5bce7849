/*
 * The token verifier. The first byte chooses: the rest is a token as it came, or a header and a payload, separated by a line
 * feed, which are signed first, so that what lies behind the signature is reached, too.
 */
#include "../../../edge-wasm/auth/token.h"
#include "../../../edge-wasm/auth/claims.h"
#include "../../../edge-wasm/shared/hmac.h"

#include <sodium/utils.h>
#include <stdint.h>
#include <stdlib.h>

#define SECRET "a secret of the fuzzer, thirty-two bytes"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t encode(char *at, struct str text)
{
    size_t size = sodium_base64_encoded_len(text.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

    sodium_bin2base64(at, size, (const unsigned char *)text.ptr, text.len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return size - 1;
}

/* HEADER "." PAYLOAD "." SIGNATURE; to be freed. */
static struct str sign(struct str header, struct str payload)
{
    char *token = malloc((header.len + payload.len) * 2 + 128);
    size_t length = encode(token, header);
    unsigned char signature[HMAC_SIZE];
    br_hmac_context hmac;

    token[length++] = '.';
    length += encode(token + length, payload);
    hmac_begin(&hmac, STR(SECRET));
    hmac_add(&hmac, (struct str){token, length});
    hmac_end(&hmac, signature);
    token[length++] = '.';
    length += encode(token + length, (struct str){(char *)signature, sizeof(signature)});
    return (struct str){token, length};
}

static void check(struct str token, const struct expectations *expectations)
{
    const struct key key = {.algorithm = ALGORITHM_HS256, .material = STR(SECRET)};
    const struct keyring keyring = {&key};
    struct verdict verdict;
    char user_id[36];

    token_verify(&keyring, expectations, token, 1700000000, &verdict);
    if (verdict.genuine
            ? !uuid_read((struct str){verdict.user_id, 36}, user_id) ||
                  memcmp(user_id, verdict.user_id, sizeof(user_id)) != 0
            : memchr(verdict.error, '\0', sizeof(verdict.error)) == NULL || verdict.error[0] == '\0')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct expectations none = {{NULL, 0}, {NULL, 0}, 0};
    const struct expectations some = {STR("us"), STR("todo"), 60};

    if (size == 0)
        return 0;
    const struct expectations *expectations = data[0] & 2 ? &some : &none;
    struct str rest = {(const char *)data + 1, size - 1};
    if (data[0] & 1) {
        size_t header = str_span_until(rest, '\n');
        struct str token =
            sign((struct str){rest.ptr, header}, str_from(rest, header == rest.len ? header : header + 1));
        check(token, expectations);
        free((void *)token.ptr);
    } else {
        check(rest, expectations);
    }
    return 0;
}

#include "token.h"

#include "format.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *base64url(const void *bytes, size_t length)
{
    size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

    return sodium_bin2base64(malloc(size), size, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

char *token_sign_hs256(const char *text, const char *secret)
{
    crypto_auth_hmacsha256_state state;
    unsigned char signature[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, signature);
    char *encoded = base64url(signature, sizeof(signature));
    char *token = format("%s.%s", text, encoded);
    free(encoded);
    return token;
}

char *token_hs256(const char *header, const char *payload, const char *secret)
{
    char *first = base64url(header, strlen(header));
    char *second = base64url(payload, strlen(payload));
    char *text = format("%s.%s", first, second);
    char *token = token_sign_hs256(text, secret);

    free(first);
    free(second);
    free(text);
    return token;
}

char *payload_at(const char *before, long from_now, const char *after)
{
    return format("%s%ld%s", before, (long)time(NULL) + from_now, after);
}

char *token_good(const char *claims)
{
    char *end = format(",\"iat\":%ld%s}", (long)time(NULL), claims);
    char *payload = payload_at("{\"sub\":\"" TEST_USER "\",\"exp\":", 60, end);
    char *token = token_hs256("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload, TEST_SECRET);
    free(end);
    free(payload);
    return token;
}

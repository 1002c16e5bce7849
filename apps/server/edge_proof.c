#include "edge_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "app.h"
#include "config.h"

#define SIGNATURE_SIZE   32
#define SIGNATURE_LENGTH 43 /* in base64url */

/* Takes as long for any `given` of the same length, and tells nothing about `secret` but its length. */
static bool equals(text_slice given, const char *secret, size_t length)
{
    volatile unsigned char difference = given.length != length;

    for (size_t i = 0; i < given.length; i++)
        difference |= (unsigned char)given.start[i] ^ (unsigned char)secret[i % length];
    return difference == 0;
}

/* What is signed: method, path with query, user id, request id and time, each ended by a line feed. */
static char *signed_text(const http_request *request, const char *time, int time_length, size_t *ret_length)
{
    text_slice user = {"", 0}, id = {"", 0};
    const char *query = request->info->query_string;
    char *text;

    http_field(request, FIELD_USER_ID, &user);
    http_field(request, FIELD_REQUEST_ID, &id);
    int length = asprintf(&text, "%s\n%s%s%s\n%.*s\n%.*s\n%.*s\n", request->info->request_method,
                          request->path, query != NULL ? "?" : "", query != NULL ? query : "",
                          (int)user.length, user.start, (int)id.length, id.start, time_length, time);
    *ret_length = length > 0 ? (size_t)length : 0;
    return length > 0 ? text : NULL;
}

static bool sign(const char *secret, const char *text, size_t length,
                 char ret_signature[SIGNATURE_LENGTH + 2])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    if (HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, length, bytes, &size) ==
        NULL)
        return false;
    EVP_EncodeBlock((unsigned char *)ret_signature, bytes, SIGNATURE_SIZE);
    for (size_t i = 0; i < SIGNATURE_LENGTH; i++) {
        if (ret_signature[i] == '+')
            ret_signature[i] = '-';
        else if (ret_signature[i] == '/')
            ret_signature[i] = '_';
    }
    return true;
}

static bool is_signed_by(const char *secret, const char *text, size_t length, text_slice signature)
{
    char expected[SIGNATURE_LENGTH + 2];

    return secret != NULL && sign(secret, text, length, expected) &&
           equals(signature, expected, SIGNATURE_LENGTH);
}

/* Splits "v1.TIME.SIGNATURE"; false for anything else, and for a time that is not near. */
static bool split(text_slice given, int64_t now, text_slice *ret_time, text_slice *ret_signature)
{
    size_t length = 3;
    int64_t time = 0;

    if (given.length < 3 || memcmp(given.start, "v1.", 3) != 0)
        return false;
    for (; length < given.length && given.start[length] >= '0' && given.start[length] <= '9' && length < 15;
         length++)
        time = time * 10 + (given.start[length] - '0');
    if (length == given.length || given.start[length] != '.' || time < now - EDGE_PROOF_WINDOW ||
        time > now + EDGE_PROOF_WINDOW)
        return false;
    *ret_time = (text_slice){given.start + 3, length - 3};
    *ret_signature = (text_slice){given.start + length + 1, given.length - length - 1};
    return true;
}

static bool is_signature(const http_request *request, text_slice given, int64_t now)
{
    const server_config *config = request->app->config;
    text_slice time, signature;
    size_t length;

    if (!split(given, now, &time, &signature))
        return false;
    char *text = signed_text(request, time.start, (int)time.length, &length);
    bool valid = text != NULL && (is_signed_by(config->edge_secret, text, length, signature) ||
                                  is_signed_by(config->edge_secret_previous, text, length, signature));
    free(text);
    return valid;
}

bool edge_proof_valid(const http_request *request, text_slice given, int64_t now)
{
    const server_config *config = request->app->config;

    if (is_signature(request, given, now))
        return true;
    if (strcmp(config->edge_assertion, "signed") == 0)
        return false;
    return equals(given, config->edge_secret, strlen(config->edge_secret)) ||
           (config->edge_secret_previous != NULL &&
            equals(given, config->edge_secret_previous, strlen(config->edge_secret_previous)));
}

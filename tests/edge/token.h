/* Tokens for tests, also ones that no library would sign. */
#ifndef TODO_TESTS_TOKEN_H
#define TODO_TESTS_TOKEN_H

#include <stddef.h>

#define TEST_SECRET "a secret of the tests, thirty-two bytes or more"
#define TEST_USER   "0191a000-0000-7000-8000-00000000000a"

/* base64url without padding; to be freed. */
char *base64url(const void *bytes, size_t length);

/* A JWS of these JSON texts, signed with HMAC-SHA256; to be freed. */
char *token_hs256(const char *header, const char *payload, const char *secret);

/* The same for two parts, encoded or not as they are: "HEADER.PAYLOAD". To be freed. */
char *token_sign_hs256(const char *text, const char *secret);

/* A good token for TEST_USER; `claims` are further members, each with a comma in front, or "". To be freed. */
char *token_good(const char *claims);

/* `before`, the number of seconds from now, `after`: a JSON text with a time in it. To be freed. */
char *payload_at(const char *before, long from_now, const char *after);

#endif

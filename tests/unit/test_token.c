#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <todo/token.h>

#define SECRET  "a secret of at least thirty-two bytes"
#define SUBJECT "0190d2a4-7f3b-7cde-8f01-23456789abcd"
#define NOW     INT64_C(1795000000)

static todo_token_key *new_key(const char *secret)
{
    todo_token_key *key = NULL;

    assert_int_equal(todo_token_key_new_hs256(secret, strlen(secret), &key, NULL), TODO_OK);
    return key;
}

/* base64url of the test's own making, so that the library is not judged by itself. */
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

/* Signs `token`, which holds "header.payload", in place. */
static void append_signature(char *token, const char *secret)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_length = 0;
    size_t length = strlen(token);

    assert_non_null(HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)token, length, mac,
                         &mac_length));
    token[length] = '.';
    append_encoded(token + length + 1, mac, mac_length);
}

static const char *signed_token(const char *header, const char *payload)
{
    static char token[20000];
    char *end = append_encoded(token, header, strlen(header));

    *end++ = '.';
    append_encoded(end, payload, strlen(payload));
    append_signature(token, SECRET);
    return token;
}

#define HEADER  "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define PAYLOAD "{\"sub\":\"" SUBJECT "\",\"iat\":1794999000,\"exp\":1795000001}"

/* Verifies at NOW and wants this message. */
static void assert_refused(const char *token, const char *message)
{
    todo_token_key *key = new_key(SECRET);
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_error error = TODO_ERROR_INIT;
    todo_status status = todo_token_verify(key, token, NOW, &claims, &error);

    if (status != TODO_ERR_UNAUTHENTICATED || strcmp(error.message, message) != 0)
        fail_msg("%.200s: status %d, %s; expected %s", token, status, error.message, message);
    assert_int_equal(claims.expires_at, 0);
    todo_token_key_free(key);
}

static void assert_accepted(const char *token)
{
    todo_token_key *key = new_key(SECRET);
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_error error = TODO_ERROR_INIT;
    char subject[TODO_UUID_TEXT_SIZE];

    if (todo_token_verify(key, token, NOW, &claims, &error) != TODO_OK)
        fail_msg("%s: %s", token, error.message);
    todo_uuid_format(&claims.subject, subject);
    assert_string_equal(subject, SUBJECT);
    todo_token_key_free(key);
}

static void a_minted_token_verifies(void **state)
{
    todo_token_key *key = new_key(SECRET);
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT, read = TODO_TOKEN_CLAIMS_INIT;
    char *token = NULL;

    (void)state;
    assert_int_equal(todo_uuid_parse(SUBJECT, &claims.subject, NULL), TODO_OK);
    claims.issued_at = NOW;
    claims.expires_at = NOW + 60;
    claims.not_before = NOW - 1;
    assert_int_equal(todo_token_mint(key, &claims, &token, NULL), TODO_OK);
    assert_int_equal(todo_token_verify(key, token, NOW, &read, NULL), TODO_OK);
    assert_memory_equal(&read, &claims, sizeof(claims));
    todo_free(token);
    todo_token_key_free(key);
}

/* Decodes the part of a token between two dots, or before the first. */
static void decode_part(const char *text, char *json)
{
    char padded[1024];
    size_t length = strcspn(text, ".");
    int decoded;

    assert_true(length < sizeof(padded) - 4);
    for (size_t i = 0; i < length; i++)
        padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    strcpy(padded + length, length % 4 == 2 ? "==" : length % 4 == 3 ? "=" : "");
    decoded = EVP_DecodeBlock((unsigned char *)json, (const unsigned char *)padded, (int)strlen(padded));
    assert_true(decoded > 0);
    json[decoded - (int)(strlen(padded) - length)] = '\0';
}

static void a_minted_token_says_what_it_should_and_no_more(void **state)
{
    todo_token_key *key = new_key(SECRET);
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    char *token = NULL, header[1024], payload[1024];
    char *unsigned_copy;

    (void)state;
    assert_int_equal(todo_uuid_parse(SUBJECT, &claims.subject, NULL), TODO_OK);
    claims.issued_at = NOW;
    claims.expires_at = NOW + 60;
    assert_int_equal(todo_token_mint(key, &claims, &token, NULL), TODO_OK);
    decode_part(token, header);
    decode_part(strchr(token, '.') + 1, payload);
    assert_true(strcmp(header, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}") == 0 ||
                strcmp(header, "{\"typ\":\"JWT\",\"alg\":\"HS256\"}") == 0);
    assert_non_null(strstr(payload, "\"sub\":\"" SUBJECT "\""));
    assert_non_null(strstr(payload, "\"iat\":1795000000"));
    assert_non_null(strstr(payload, "\"exp\":1795000060"));
    assert_null(strstr(payload, "nbf"));
    /* Signed as anyone else would. */
    unsigned_copy = malloc(strlen(token) + 100);
    strcpy(unsigned_copy, token);
    *strrchr(unsigned_copy, '.') = '\0';
    append_signature(unsigned_copy, SECRET);
    assert_string_equal(unsigned_copy, token);
    free(unsigned_copy);
    todo_free(token);
    todo_token_key_free(key);
}

static void tokens_made_elsewhere_verify(void **state)
{
    (void)state;
    assert_accepted(signed_token(HEADER, PAYLOAD));
    assert_accepted(signed_token("{\"alg\":\"HS256\"}", PAYLOAD));
    assert_accepted(signed_token("{\"typ\":\"jwt\",\r\n \"alg\":\"HS256\",\"kid\":\"1\"}", PAYLOAD));
    assert_accepted(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":1795000001}"));
    assert_accepted(
        signed_token(HEADER, "{\"sub\":\"0190D2A4-7F3B-7CDE-8F01-23456789ABCD\",\"exp\":1795000001.5}"));
    assert_accepted(signed_token(HEADER, "{\"sub\":\"" SUBJECT
                                         "\",\"exp\":1.8e9,\"nbf\":1795000000,\"iss\":\"x\",\"roles\":[1]}"));
}

/* RFC 7515, A.1, with a line break in its header. */
static void the_example_of_the_rfc_has_a_genuine_signature(void **state)
{
    static const unsigned char secret[] = {
        0x03, 0x23, 0x35, 0x4B, 0x2B, 0x0F, 0xA5, 0xBC, 0x83, 0x7E, 0x06, 0x65, 0x77, 0x7B, 0xA6, 0x8F,
        0x5A, 0xB3, 0x28, 0xE6, 0xF0, 0x54, 0xC9, 0x28, 0xA9, 0x0F, 0x84, 0xB2, 0xD2, 0x50, 0x2E, 0xBF,
        0xD3, 0xFB, 0x5A, 0x92, 0xD2, 0x06, 0x47, 0xEF, 0x96, 0x8A, 0xB4, 0xC3, 0x77, 0x62, 0x3D, 0x22,
        0x3D, 0x2E, 0x21, 0x72, 0x05, 0x2E, 0x4F, 0x08, 0xC0, 0xCD, 0x9A, 0xF5, 0x67, 0xD0, 0x80, 0xA3};
    static const char token[] =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    todo_token_key *key = NULL;
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_token_key_new_hs256(secret, sizeof(secret), &key, NULL), TODO_OK);
    assert_int_equal(todo_token_verify(key, token, 1300819379, &claims, &error), TODO_ERR_UNAUTHENTICATED);
    assert_string_equal(error.message, "Missing subject claim");
    assert_int_equal(todo_token_verify(key, token, 1300819380, &claims, &error), TODO_ERR_UNAUTHENTICATED);
    assert_string_equal(error.message, "Token expired");
    todo_token_key_free(key);
}

static void what_is_no_token_has_an_invalid_format(void **state)
{
    static char dots[TODO_TOKEN_LENGTH_MAX + 2];
    static const char *const bad[] = {
        "",     ".",        "x",
        "a.b",  "a.b.c.d",  "a.b.c.d.e",
        "....", "Bearer x", "{\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"AA\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(bad[i], "Invalid token format");
    memset(dots, 'A', sizeof(dots) - 1);
    dots[100] = dots[200] = '.';
    assert_refused(dots, "Invalid token format");
    dots[TODO_TOKEN_LENGTH_MAX] = '\0';
    assert_refused(dots, "Invalid header JSON");
}

static void the_header_is_read_strictly(void **state)
{
    static const char *const encodings[] = {"e30=", "e3 0", "e30\n",  "e+/0",
                                            "e31",  "e",    "%7B%7D", "\xC3\xA9"};
    static const char *const headers[] = {"",
                                          "x",
                                          "[]",
                                          "\"HS256\"",
                                          "null",
                                          "{}",
                                          "{\"alg\":256}",
                                          "{\"alg\":null}",
                                          "{\"alg\":\"HS256\"",
                                          "{\"alg\":\"HS256\"}}",
                                          "{\"alg\":\"none\",\"alg\":\"HS256\"}",
                                          "{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}",
                                          "{'alg':'HS256'}",
                                          "{\"typ\":\"JWT\"}",
                                          "{\"alg\":\"HS256\",\"typ\":\"JWE\"}",
                                          "{\"alg\":\"HS256\",\"typ\":1}",
                                          "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
                                          "{\"alg\":\"HS256\",\"x\":\"\\u0000\"}",
                                          "{\"alg\":\"HS256\xFF\"}"};
    char token[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        snprintf(token, sizeof(token), "%s.e30.e30", encodings[i]);
        assert_refused(token, "Invalid header encoding");
    }
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        assert_refused(signed_token(headers[i], PAYLOAD), "Invalid header JSON");
}

static void no_other_algorithm_is_accepted_whoever_signed(void **state)
{
    static const struct {
        const char *header, *message;
    } cases[] = {
        {"{\"alg\":\"none\"}", "Unsupported algorithm: none"},
        {"{\"alg\":\"NONE\"}", "Unsupported algorithm: NONE"},
        {"{\"alg\":\"hs256\"}", "Unsupported algorithm: hs256"},
        {"{\"alg\":\"HS384\"}", "Unsupported algorithm: HS384"},
        {"{\"alg\":\"HS512\"}", "Unsupported algorithm: HS512"},
        {"{\"alg\":\"RS256\"}", "Unsupported algorithm: RS256"},
        {"{\"alg\":\"ES256\"}", "Unsupported algorithm: ES256"},
        {"{\"alg\":\"EdDSA\"}", "Unsupported algorithm: EdDSA"},
        {"{\"alg\":\"\"}", "Unsupported algorithm: "},
        {"{\"alg\":\"HS256 \"}", "Unsupported algorithm: HS256?"},
        {"{\"alg\":\"<script>alert(1)</script>\"}", "Unsupported algorithm: ?script?alert?1?"},
        {"{\"alg\":\"HS256\\nSet-Cookie: a=b\"}", "Unsupported algorithm: HS256?Set-Cookie"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_refused(signed_token(cases[i].header, PAYLOAD), cases[i].message);
    /* Without a signature too. */
    assert_refused("eyJhbGciOiJub25lIn0.e30.", "Unsupported algorithm: none");
}

static void every_changed_bit_of_a_token_is_noticed(void **state)
{
    char token[512];
    todo_token_key *key = new_key(SECRET);

    (void)state;
    strcpy(token, signed_token(HEADER, PAYLOAD));
    for (size_t i = 0; token[i] != '\0'; i++)
        for (int bit = 0; bit < 7; bit++) {
            todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;

            token[i] = (char)(token[i] ^ 1 << bit);
            assert_int_equal(todo_token_verify(key, token, NOW, &claims, NULL), TODO_ERR_UNAUTHENTICATED);
            token[i] = (char)(token[i] ^ 1 << bit);
        }
    assert_accepted(token);
    todo_token_key_free(key);
}

static void a_wrong_signature_is_told_from_a_badly_encoded_one(void **state)
{
    char token[512];
    size_t length;

    (void)state;
    strcpy(token, signed_token(HEADER, PAYLOAD));
    length = strlen(token);
    token[length - 1] = '='; /* padding */
    assert_refused(token, "Invalid signature encoding");
    strcpy(token, signed_token(HEADER, PAYLOAD));
    /* 32 bytes leave two unused bits in the last character: set, they are another spelling of the same bytes. */
    token[length - 1]++;
    assert_refused(token, "Invalid signature encoding");
    token[length - 3] = '\0';
    assert_refused(token, "Invalid signature");
    strrchr(token, '.')[1] = '\0';
    assert_refused(token, "Invalid signature");
    strcpy(token, signed_token(HEADER, PAYLOAD));
    *strrchr(token, '.') = '\0';
    append_signature(token, "another secret of thirty-two bytes");
    assert_refused(token, "Invalid signature");
}

static void a_genuine_token_with_a_bad_payload_says_so(void **state)
{
    static const char *const payloads[] = {"",
                                           "x",
                                           "[]",
                                           "1",
                                           "null",
                                           "{\"exp\":1795000001,\"exp\":1795000001}",
                                           "{\"exp\":1795000001}x",
                                           "{\"sub\":\"" SUBJECT "\"}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":null}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":\"1795000001\"}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":true}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":1e300}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":99999999999999999999}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":1795000001,\"nbf\":\"0\"}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":1795000001,\"iat\":{}}",
                                           "{\"sub\":7,\"exp\":1795000001}",
                                           "{\"sub\":[\"" SUBJECT "\"],\"exp\":1795000001}",
                                           "{\"sub\":\"" SUBJECT "\",\"exp\":1795000001,\"aud\":7}"};
    char token[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(payloads); i++)
        assert_refused(signed_token(HEADER, payloads[i]), "Invalid payload JSON");
    strcpy(token, signed_token(HEADER, PAYLOAD));
    strcpy(strchr(token, '.') + 1, "e31");
    append_signature(token, SECRET);
    assert_refused(token, "Invalid payload encoding");
}

static void a_token_has_its_time(void **state)
{
    (void)state;
    assert_refused(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":1795000000}"), "Token expired");
    assert_refused(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":1795000000.9}"), "Token expired");
    assert_refused(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":0}"), "Token expired");
    assert_refused(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":-1}"), "Token expired");
    assert_refused(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":1795000002,\"nbf\":1795000001}"),
                   "Token not yet valid");
    assert_refused(signed_token(HEADER, "{\"sub\":\"" SUBJECT "\",\"exp\":1795009999,\"iat\":1795000061}"),
                   "Token issued in the future");
    /* Expired comes before nameless. */
    assert_refused(signed_token(HEADER, "{\"exp\":1}"), "Token expired");
}

static void a_token_has_a_subject(void **state)
{
    (void)state;
    assert_refused(signed_token(HEADER, "{\"exp\":1795000001}"), "Missing subject claim");
    assert_refused(signed_token(HEADER, "{\"exp\":1795000001,\"sub\":\"\"}"), "Missing subject claim");
    assert_refused(signed_token(HEADER, "{\"exp\":1795000001,\"sub\":\"ada\"}"), "Missing subject claim");
    assert_refused(signed_token(HEADER, "{\"exp\":1795000001,\"sub\":\"" SUBJECT " \"}"),
                   "Missing subject claim");
}

static void keys_and_claims_that_make_no_sense_are_refused(void **state)
{
    todo_token_key *key = NULL;
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    char *token = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_token_key_new_hs256("", 0, &key, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "secret_empty");
    assert_int_equal(todo_token_key_new_hs256(NULL, 5, &key, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_key_new_hs256("x", 1, NULL, NULL), TODO_ERR_INVALID);
    assert_null(key);
    key = new_key(SECRET);
    assert_int_equal(todo_token_mint(key, &claims, &token, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "claims_invalid");
    claims.expires_at = NOW;
    assert_int_equal(todo_token_mint(NULL, &claims, &token, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_mint(key, NULL, &token, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_mint(key, &claims, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_verify(NULL, "a.b.c", NOW, &claims, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_verify(key, NULL, NOW, &claims, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_verify(key, "a.b.c", NOW, NULL, NULL), TODO_ERR_INVALID);
    claims.size = 3;
    assert_int_equal(todo_token_verify(key, "a.b.c", NOW, &claims, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_token_mint(key, &claims, &token, NULL), TODO_ERR_INVALID);
    assert_null(token);
    todo_token_key_free(key);
    todo_token_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minted_token_verifies),
        cmocka_unit_test(a_minted_token_says_what_it_should_and_no_more),
        cmocka_unit_test(tokens_made_elsewhere_verify),
        cmocka_unit_test(the_example_of_the_rfc_has_a_genuine_signature),
        cmocka_unit_test(what_is_no_token_has_an_invalid_format),
        cmocka_unit_test(the_header_is_read_strictly),
        cmocka_unit_test(no_other_algorithm_is_accepted_whoever_signed),
        cmocka_unit_test(every_changed_bit_of_a_token_is_noticed),
        cmocka_unit_test(a_wrong_signature_is_told_from_a_badly_encoded_one),
        cmocka_unit_test(a_genuine_token_with_a_bad_payload_says_so),
        cmocka_unit_test(a_token_has_its_time),
        cmocka_unit_test(a_token_has_a_subject),
        cmocka_unit_test(keys_and_claims_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

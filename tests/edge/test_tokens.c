/* What the edge says to every kind of token: the words of the HTTP contract, in the order of the checks. */
#include "stage.h"

#include <jwt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define GOOD_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

/* Signs texts properly, so that what is refused is what they say. */
static void assert_texts_refused(const char *header, const char *payload, const char *message)
{
    char *token = token_hs256(header, payload, TEST_SECRET);

    assert_refused(token, message);
    free(token);
}

static void test_good_token(void **state)
{
    (void)state;
    char *token = token_good("");

    assert_accepted(token);
    free(token);
    token = token_good(",\"nbf\":0,\"more\":{\"nested\":[1,2.5e3,\"\\u00e9\",null]}");
    assert_accepted(token);
    free(token);
}

static void test_token_of_another_signer(void **state)
{
    (void)state;
    jwt_t *jwt;

    assert_int_equal(jwt_new(&jwt), 0);
    jwt_add_grant(jwt, "sub", TEST_USER);
    jwt_add_grant_int(jwt, "exp", time(NULL) + 60);
    jwt_add_grant_int(jwt, "iat", time(NULL));
    assert_int_equal(jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)TEST_SECRET, strlen(TEST_SECRET)),
                     0);
    char *token = jwt_encode_str(jwt);
    assert_accepted(token);
    free(token);
    jwt_free(jwt);
}

static void assert_missing(const char *fields)
{
    char challenge[64];
    http_response response = edge_request(&gate, "GET", "/api/todos", NULL, fields);

    assert_error(&response, 401, "token_missing", "Missing token");
    assert_non_null(http_field(&response, "www-authenticate", challenge, sizeof(challenge)));
    assert_string_equal(challenge, "Bearer");
    http_response_clear(&response);
}

static void test_missing(void **state)
{
    (void)state;
    assert_missing(NULL);
    assert_missing("Authorization: Basic dTpw\r\n");
    assert_missing("Authorization: Bearer\r\n");
    assert_missing("Authorization: Bearer \r\n");
    assert_missing("Authorization: \r\n");
}

static void test_scheme_is_case_insensitive(void **state)
{
    (void)state;
    char *token = token_good(""), *fields;

    fields = format("Authorization: bEaReR  %s\r\n", token);
    http_response response = edge_request(&gate, "GET", "/api/todos", NULL, fields);
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    free(fields);

    /* Which of two would the core have believed? */
    fields = format("Authorization: Bearer %s\r\nAuthorization: Bearer %s\r\n", token, token);
    response = edge_request(&gate, "GET", "/api/todos", NULL, fields);
    assert_error(&response, 401, "token_invalid", "Invalid token format");
    http_response_clear(&response);
    free(fields);
    free(token);
}

static void test_format(void **state)
{
    (void)state;
    static const char *const tokens[] = {"a", "a.b", "a.b.c.d", "..." /* four parts */, "a b.c.d"};

    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        assert_refused(tokens[i], "Invalid token format");
    char *long_token = malloc(8194);
    memset(long_token, 'A', 8193);
    memcpy(long_token + 100, ".", 1);
    memcpy(long_token + 200, ".", 1);
    long_token[8193] = '\0';
    assert_refused(long_token, "Invalid token format");
    free(long_token);
}

static void test_header(void **state)
{
    (void)state;
    static const char *const encodings[] = {"!!!.e30.AA", "e30=.e30.AA", "e31.e30.AA" /* bits left over */,
                                            "e.e30.AA"};
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "1",
        "{\"alg\":\"HS256\"} x",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"typ\":\"JWT\"}",
        "{\"alg\":1}",
        "{\"alg\":null}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"kid\":1}",
        "{\"alg\":\"HS256\",\"x\":\"\xff\"}",
        "{\"alg\":\"HS256\",\"x\":\"\xc0\x80\"}",
        "{\"alg\":\"HS256\",\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
        "{\"alg\":\"HS256\",\"x\":01}",
        "{\"alg\":\"HS256\",}",
        "{\"alg\":\"HS256\",\"x\":{\"a\":1,\"\\u0061\":2}}",
        "{\"alg\":\"HS256\",\"x\":\"\t\"}",
        "\xef\xbb\xbf{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\" /* no */}",
    };

    for (size_t i = 0; i < COUNT_OF(encodings); i++)
        assert_refused(encodings[i], "Invalid header encoding");
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_texts_refused(texts[i], "{}", "Invalid header JSON");
}

static void test_algorithm(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"none", "Unsupported algorithm: none"},    {"None", "Unsupported algorithm: None"},
        {"hs256", "Unsupported algorithm: hs256"},  {"HS512", "Unsupported algorithm: HS512"},
        {"RS256", "Unsupported algorithm: RS256"},  {"", "Unsupported algorithm: "},
        {"<b>\\\"", "Unsupported algorithm: ?b??"},
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        char header[128];
        snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", pairs[i][0]);
        assert_texts_refused(header, "{}", pairs[i][1]);
    }
    /* Without a signature at all, as `none` would have it. */
    char *header = base64url("{\"alg\":\"none\"}", 14), *token;
    token = format("%s.e30.", header);
    assert_refused(token, "Unsupported algorithm: none");
    free(token);
    free(header);
}

static void test_signature(void **state)
{
    (void)state;
    char *good = token_good(""), *token;
    char *dot = strrchr(good, '.');

    token = format("%.*s!", (int)(dot + 1 - good), good);
    assert_refused(token, "Invalid signature encoding");
    free(token);
    static const char *const signatures[] = {"", "AA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < COUNT_OF(signatures); i++) {
        token = format("%.*s%s", (int)(dot + 1 - good), good, signatures[i]);
        assert_refused(token, "Invalid signature");
        free(token);
    }
    dot[-1] = dot[-1] == 'A' ? 'B' : 'A'; /* the payload's last character */
    assert_refused(good, "Invalid signature");
    free(good);

    token = token_hs256(GOOD_HEADER, "{\"sub\":\"" TEST_USER "\",\"exp\":9000000000}", "another secret");
    assert_refused(token, "Invalid signature");
    free(token);
}

static void test_payload(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "null",
        "{}",
        "{\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":\"9000000000\",\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":9000000000,\"exp\":9000000000,\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":null,\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":1e400,\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":99999999999999999999999,\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":9000000000,\"nbf\":\"0\",\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":9000000000,\"iat\":true,\"sub\":\"" TEST_USER "\"}",
        "{\"exp\":9000000000,\"sub\":1}",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_texts_refused(GOOD_HEADER, texts[i], "Invalid payload JSON");
    /* What is no base64url can be signed all the same. */
    static const char *const encodings[] = {"!", "e30=", "e31", "A"};
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        char *header = base64url(GOOD_HEADER, strlen(GOOD_HEADER)), *text;
        text = format("%s.%s", header, encodings[i]);
        char *token = token_sign_hs256(text, TEST_SECRET);
        assert_refused(token, "Invalid payload encoding");
        free(token);
        free(text);
        free(header);
    }
}

static void assert_time(const char *before, long from_now, const char *after, const char *refusal)
{
    char *payload = payload_at(before, from_now, after);
    char *token = token_hs256(GOOD_HEADER, payload, TEST_SECRET);

    if (refusal == NULL)
        assert_accepted(token);
    else
        assert_refused(token, refusal);
    free(token);
    free(payload);
}

static void test_times(void **state)
{
    (void)state;
#define SUBJECT ",\"sub\":\"" TEST_USER "\"}"
    assert_time("{\"exp\":", -1, SUBJECT, "Token expired");
    assert_time("{\"exp\":", 0, SUBJECT, "Token expired"); /* RFC 7519, 4.1.4: not on that moment either */
    assert_time("{\"exp\":", 30, SUBJECT, NULL);
    assert_time("{\"exp\":", 30, ".5" SUBJECT, NULL);
    assert_time("{\"exp\":-", 0, SUBJECT, "Token expired");
    assert_time("{\"exp\":9000000000,\"nbf\":", 30, SUBJECT, "Token not yet valid");
    assert_time("{\"exp\":9000000000,\"nbf\":", 0, SUBJECT, NULL);
    assert_time("{\"exp\":9000000000,\"iat\":", 600, SUBJECT, "Token issued in the future");
    assert_time("{\"exp\":9000000000,\"iat\":", 30, SUBJECT, NULL);
}

static void test_subject(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"exp\":9000000000}",
        "{\"exp\":9000000000,\"sub\":null}",
        "{\"exp\":9000000000,\"sub\":\"\"}",
        "{\"exp\":9000000000,\"sub\":\"alice\"}",
        "{\"exp\":9000000000,\"sub\":\"0191a000-0000-7000-8000-00000000000g\"}",
        "{\"exp\":9000000000,\"sub\":\"0191a0000000-7000-8000-00000000000a0\"}",
        "{\"exp\":9000000000,\"x\":{\"sub\":\"" TEST_USER "\"}}",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_texts_refused(GOOD_HEADER, texts[i], "Missing subject claim");

    char *token = token_hs256(
        GOOD_HEADER, "{\"exp\":9000000000,\"sub\":\"0191A000-0000-7000-8000-00000000000A\"}", TEST_SECRET);
    assert_accepted(token);
    free(token);
}

static void test_issuer_audience_and_leeway(void **state)
{
    (void)state;
    stage_replace((const char *const[]){"JWT_ISSUER=us", "JWT_AUDIENCE=todo", "JWT_LEEWAY=60", NULL});

    char *payload =
        payload_at("{\"sub\":\"" TEST_USER "\",\"exp\":", -30, ",\"iss\":\"us\",\"aud\":\"todo\"}");
    char *token = token_hs256(GOOD_HEADER, payload, TEST_SECRET);
    assert_accepted(token);
    free(token);
    free(payload);
    stage_restore();
}

/* RFC 7519, 3.1 and 6.1, verbatim. The first is genuine, which is how the edge comes to see that it is old. */
static void test_examples_of_rfc_7519(void **state)
{
    (void)state;
#define JOE "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    static const char signed_token[] =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    static const char unsecured_token[] = "eyJhbGciOiJub25lIn0." JOE ".";

    assert_refused(signed_token, "Invalid signature"); /* by the secret of the tests */
    assert_refused(unsecured_token, "Unsupported algorithm: none");
    stage_replace((const char *const[]){"JWT_SECRET=",
                                        "JWKS={\"keys\":[{\"kty\":\"oct\",\"k\":"
                                        "\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj"
                                        "0iPS4hcgUuTwjAzZr1Z9CAow\"}]}",
                                        NULL});
    assert_refused(signed_token, "Token expired");
    assert_refused(unsecured_token, "Unsupported algorithm: none");
    stage_restore();
}

/* Signed by the right key, but in another form than the compact serialization of a JWS. */
static void test_other_serializations(void **state)
{
    (void)state;
    char *good = token_good(""), *dot = strchr(good, '.'), *token;
    int first = (int)(dot - good), second = (int)strcspn(dot + 1, ".");
    const char *payload = dot + 1, *signature = dot + 2 + second;

    /* RFC 7515, 7.2.2 and 7.2.1: braces and quotation marks are no part of a token. */
    token = format("{\"payload\":\"%.*s\",\"protected\":\"%.*s\",\"signature\":\"%s\"}", second, payload,
                   first, good, signature);
    assert_refused(token, "Invalid token format");
    free(token);
    token = format(
        "{\"payload\":\"%.*s\",\"signatures\":[{\"protected\":\"%.*s\",\"signature\":\"%s\"}],\"x\":\"%s\"}",
        second, payload, first, good, signature, good);
    assert_refused(token, "Invalid header encoding"); /* cut at the dots of what it has inside */
    free(token);
    /* RFC 7516, 7.1: an encrypted token has five parts. */
    token = format("%.*s.AA.AA.%.*s.%s", first, good, second, payload, signature);
    assert_refused(token, "Invalid token format");
    free(token);
    /* RFC 7797: the payload as it is. */
    token = token_hs256("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", "{}", TEST_SECRET);
    assert_refused(token, "Invalid header JSON");
    free(token);
    free(good);
}

static void test_secret_being_replaced(void **state)
{
    (void)state;
    char *old = token_good("");

    stage_replace((const char *const[]){"JWT_SECRET=the next secret, also long enough to be one",
                                        "JWT_SECRET_PREVIOUS=" TEST_SECRET, NULL});
    assert_accepted(old);
    char *token = token_hs256(GOOD_HEADER, "{\"exp\":9000000000,\"sub\":\"" TEST_USER "\"}",
                              "the next secret, also long enough to be one");
    assert_accepted(token);
    stage_restore();
    free(token);
    free(old);
}

/* One instance for many requests: nothing of a request may be left for the next. */
static void test_instances_that_are_reused(void **state)
{
    (void)state;
    char *good = token_good("");

    stage_replace((const char *const[]){"EDGE_REUSE=1000", NULL});
    for (int i = 0; i < 200; i++) {
        assert_accepted(good);
        assert_refused("a.b", "Invalid token format");
        assert_missing(NULL);
    }
    stage_restore();
    free(good);
}

static void test_secrets_are_required(void **state)
{
    (void)state;
    struct edge none = {.port = 0};

    assert_false(edge_start(&none, NULL, (const char *const[]){"JWT_SECRET=", NULL}));
    assert_int_equal(process_wait(&none.process, 5000), 1);
    char *output = process_output(&none.process);
    assert_non_null(strstr(output, "neither JWT_SECRET nor JWKS is set"));
    free(output);
    edge_stop(&none);
    assert_false(edge_start(&none, NULL, (const char *const[]){"EDGE_SECRET=", NULL}));
    assert_int_equal(process_wait(&none.process, 5000), 1);
    edge_stop(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_token),
        cmocka_unit_test(test_token_of_another_signer),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_scheme_is_case_insensitive),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_algorithm),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_payload),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_subject),
        cmocka_unit_test(test_issuer_audience_and_leeway),
        cmocka_unit_test(test_examples_of_rfc_7519),
        cmocka_unit_test(test_other_serializations),
        cmocka_unit_test(test_secret_being_replaced),
        cmocka_unit_test(test_instances_that_are_reused),
        cmocka_unit_test(test_secrets_are_required),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

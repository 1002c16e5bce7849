/* Public keys, key sets, and the attacks on signatures that RFC 8725 and its successor warn of. */
#include "stage.h"

#include "signer.h"

#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CLAIMS "{\"exp\":9000000000,\"sub\":\"" TEST_USER "\"}"

static struct signer ed, ed_old, ec, rsa, stranger_ed, stranger_ec, stranger_rsa;

/* Signs, checks, frees. */
static void assert_signed(const struct signer *signer, const char *header, const char *refusal)
{
    char *token = signer_token(signer, header, CLAIMS);

    if (refusal == NULL)
        assert_accepted(token);
    else
        assert_refused(token, refusal);
    free(token);
}

static void assert_signed_hs256(const char *header, const char *secret, const char *refusal)
{
    char *token = token_hs256(header, CLAIMS, secret);

    assert_refused(token, refusal);
    free(token);
}

/* By stage_open or stage_replace: an edge with these settings. `jwks` is freed. */
static void start(void (*stage)(const char *const[]), char *jwks, const char *more)
{
    char *setting = format("JWKS=%s", jwks);

    stage((const char *const[]){setting, more, NULL});
    free(setting);
    free(jwks);
}

static char *usual_jwks(void)
{
    char *keys[] = {signer_jwk(&ed, ",\"kid\":\"ed-new\",\"alg\":\"EdDSA\",\"use\":\"sig\""),
                    signer_jwk(&ed_old, ",\"kid\":\"ed-old\""),
                    signer_jwk(&ec, ",\"kid\":\"ec\",\"alg\":\"ES256\",\"key_ops\":[\"verify\"]"),
                    signer_jwk(&rsa, "")};
    char *jwks =
        format("{\"keys\":[%s,%s,%s,%s],\"more\":{\"keys\":[1]}}", keys[0], keys[1], keys[2], keys[3]);

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        free(keys[i]);
    return jwks;
}

static void test_every_algorithm(void **state)
{
    (void)state;
    assert_signed(&ed, "{\"alg\":\"EdDSA\",\"kid\":\"ed-new\"}", NULL);
    assert_signed(&ed, "{\"alg\":\"Ed25519\",\"kid\":\"ed-new\"}", NULL);
    assert_signed(&ec, "{\"alg\":\"ES256\",\"kid\":\"ec\",\"typ\":\"JWT\"}", NULL);
    assert_signed(&rsa, "{\"alg\":\"RS256\"}", NULL);
    char *token = token_good("");
    assert_accepted(token); /* HS256 beside them */
    free(token);
    for (int i = 0; i < 20; i++) /* r and s of every length */
        assert_signed(&ec, "{\"alg\":\"ES256\"}", NULL);
}

static void test_choice_of_the_key(void **state)
{
    (void)state;
    /* Old and new side by side, by name or without one. */
    assert_signed(&ed_old, "{\"alg\":\"EdDSA\",\"kid\":\"ed-old\"}", NULL);
    assert_signed(&ed_old, "{\"alg\":\"EdDSA\"}", NULL);
    assert_signed(&ed, "{\"alg\":\"EdDSA\"}", NULL);
    /* A name is binding. */
    assert_signed(&ed_old, "{\"alg\":\"EdDSA\",\"kid\":\"ed-new\"}", "Invalid signature");
    assert_signed(&ed, "{\"alg\":\"EdDSA\",\"kid\":\"ec\"}", "Invalid signature");
    assert_signed(&ec, "{\"alg\":\"ES256\",\"kid\":\"EC\"}", "Invalid signature");
    assert_signed(&ed, "{\"alg\":\"EdDSA\",\"kid\":\"\"}", "Invalid signature");
    /* The RSA key has no name, so it is there for every name that is not somebody else's. */
    assert_signed(&rsa, "{\"alg\":\"RS256\",\"kid\":\"anything\"}", NULL);
    /* Strangers. */
    assert_signed(&stranger_ed, "{\"alg\":\"EdDSA\"}", "Invalid signature");
    assert_signed(&stranger_ec, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", "Invalid signature");
    assert_signed(&stranger_rsa, "{\"alg\":\"RS256\"}", "Invalid signature");
}

static void test_injected_key_ids(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "../../../../dev/null", "ed-new' OR 1=1 --", "$(id)", "\\u00e9",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};

    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char *header = format("{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", ids[i]);
        assert_signed(&stranger_ed, header, "Invalid signature");
        assert_signed(&ed, header, "Invalid signature");
        free(header);
    }
}

/* A token brings its own key, by value or by reference: ignored. */
static void test_keys_in_the_token(void **state)
{
    (void)state;
    char *jwk = signer_jwk(&stranger_ed, ",\"kid\":\"ed-new\"");
    static const char *const patterns[] = {
        "{\"alg\":\"EdDSA\",\"jwk\":%s}",
        "{\"alg\":\"EdDSA\",\"kid\":\"ed-new\",\"jwk\":%s}",
        "{\"alg\":\"EdDSA\",\"jku\":\"http://127.0.0.1/jwks\",\"ignored\":%s}",
        "{\"alg\":\"EdDSA\",\"x5u\":\"http://127.0.0.1/x5u\",\"ignored\":%s}",
        "{\"alg\":\"EdDSA\",\"x5c\":[\"MII\"],\"jwk\":%s}",
    };

    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        char *header = format(patterns[i], jwk);
        unsigned before = upstream_requests(&core);
        assert_signed(&stranger_ed, header, "Invalid signature");
        assert_int_equal(upstream_requests(&core), before);
        assert_signed(&ed, header, NULL);
        free(header);
    }
    free(jwk);
}

/* RFC 8725, 2.1: what is public taken for a secret. */
static void test_algorithm_confusion(void **state)
{
    (void)state;
    const struct signer *signers[] = {&rsa, &ec, &ed};

    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        char *texts[] = {signer_public_pem(signers[i]), signer_jwk(signers[i], ""), NULL};
        texts[2] = strndup(texts[0], strlen(texts[0]) - 1); /* without the line's end */
        for (size_t k = 0; k < COUNT_OF(texts); k++) {
            assert_signed_hs256("{\"alg\":\"HS256\"}", texts[k], "Invalid signature");
            assert_signed_hs256("{\"alg\":\"HS256\",\"kid\":\"ec\"}", texts[k], "Invalid signature");
            assert_signed_hs256("{\"alg\":\"RS256\"}", texts[k], "Invalid signature");
            free(texts[k]);
        }
    }
    /* A good signature under another algorithm's name. */
    assert_signed(&ec, "{\"alg\":\"EdDSA\"}", "Invalid signature");
    assert_signed(&ed, "{\"alg\":\"ES256\"}", "Invalid signature");
    assert_signed(&ec, "{\"alg\":\"HS256\"}", "Invalid signature");
    assert_signed(&rsa, "{\"alg\":\"PS256\"}", "Unsupported algorithm: PS256");
    assert_signed(&rsa, "{\"alg\":\"RS512\"}", "Unsupported algorithm: RS512");
    assert_signed(&ec, "{\"alg\":\"ES256K\"}", "Unsupported algorithm: ES256K");
    assert_signed(&rsa, "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\"}", "Unsupported algorithm: RSA-OAEP");
}

static void assert_signature_refused(const char *header, const void *signature, size_t length)
{
    char *first = base64url(header, strlen(header)), *second = base64url(CLAIMS, strlen(CLAIMS));
    char *third = base64url(signature, length), *token = format("%s.%s.%s", first, second, third);

    assert_refused(token, "Invalid signature");
    free(token);
    free(third);
    free(second);
    free(first);
}

static void test_degenerate_signatures(void **state)
{
    (void)state;
    unsigned char signature[512] = {0};
    static const char *const headers[] = {"{\"alg\":\"ES256\"}", "{\"alg\":\"EdDSA\"}", "{\"alg\":\"RS256\"}",
                                          "{\"alg\":\"HS256\"}"};
    static const size_t lengths[] = {0, 1, 31, 32, 33, 63, 64, 65, 128, 255, 256, 257, 512};

    for (int fill = 0; fill < 2; fill++) {
        for (size_t i = 0; i < COUNT_OF(headers); i++) {
            for (size_t k = 0; k < COUNT_OF(lengths); k++)
                assert_signature_refused(headers[i], signature, lengths[k]);
        }
        memset(signature, 0xff, sizeof(signature));
    }
    /* r = s = the order of P-256, which is 0 to whoever reduces before looking. */
    static const unsigned char order[] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                          0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    memcpy(signature, order, 32);
    memcpy(signature + 32, order, 32);
    assert_signature_refused(headers[0], signature, 64);
    /* Ed25519: R is the neutral element, S is 0. */
    memset(signature, 0, 64);
    signature[0] = 1;
    assert_signature_refused(headers[1], signature, 64);
}

/* The examples of RFC 7515 (A.1 to A.3) and RFC 8037 (A.4). They are old, or no JWT, which is found after the signature. */
static void test_examples_of_the_rfcs(void **state)
{
    (void)state;
#define JOE "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    static const struct {
        const char *signed_text, *signature, *message;
    } examples[] = {
        {"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
         "Token expired"},
        {"eyJhbGciOiJSUzI1NiJ9." JOE,
         "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
         "O8W2Fp5jujGbds9uJdbF9CUAr7t"
         "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
         "eSN9383LcOLn6_dO--xi12j"
         "zDwusC-"
         "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
         "IoypGlUPQ"
         "Ge77Rw",
         "Token expired"},
        {"eyJhbGciOiJFUzI1NiJ9." JOE,
         "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
         "Token expired"},
        {"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
         "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
         "Invalid payload JSON"},
    };

    start(stage_replace,
          strdup("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
                 "1qS0gZH75aKtMN3Yj0iPS4hcg"
                 "UuTwjAzZr1Z9CAow\"},{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"
                 "wWJcyQoTbji9k0l8W26mPddxHmf"
                 "HQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"
                 "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf"
                 "63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
                 "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGh"
                 "yxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"},{"
                 "\"kty\":\"EC\","
                 "\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_"
                 "FEzRu9m36HLN_tue659LNpXW"
                 "6pCyStikYjKIWI5a0\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
                 "7TyWQHOg7hcvPapiMlrwIaaPcHU"
                 "Ro\"}]}"),
          "JWT_SECRET=");
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        char *token = format("%s.%s", examples[i].signed_text, examples[i].signature);
        assert_refused(token, examples[i].message);
        /* The same with one bit of the signature turned. */
        token[strlen(examples[i].signed_text) + 5] ^= 1;
        assert_refused(token, "Invalid signature");
        free(token);
    }
    stage_restore();
}

static char *run_pyjwt(const char *algorithm, const char *key)
{
    char path[] = "/tmp/edge-key-XXXXXX", token[2048];
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, key, strlen(key)), strlen(key));
    close(file);
    char *command = format("/usr/bin/python3 %s %s %s %ld <%s", SIGN_WITH_PYJWT, algorithm, TEST_USER,
                           (long)time(NULL) + 60, path);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    assert_non_null(fgets(token, sizeof(token), output));
    assert_int_equal(pclose(output), 0);
    unlink(path);
    free(command);
    token[strcspn(token, "\n")] = '\0';
    return strdup(token);
}

/* Implementations that share nothing with ours agree on what a good token is. */
static void test_other_signers(void **state)
{
    (void)state;
    const struct signer *signers[] = {&ed, &ec, &rsa};
    static const jwt_alg_t libjwt_algorithms[] = {JWT_ALG_NONE, JWT_ALG_ES256, JWT_ALG_RS256};

    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        char *pem = signer_private_pem(signers[i]), *token = run_pyjwt(signers[i]->algorithm, pem);
        assert_accepted(token);
        free(token);
        if (libjwt_algorithms[i] != JWT_ALG_NONE) {
            jwt_t *jwt;
            assert_int_equal(jwt_new(&jwt), 0);
            jwt_add_grant(jwt, "sub", TEST_USER);
            jwt_add_grant_int(jwt, "exp", time(NULL) + 60);
            assert_int_equal(jwt_set_alg(jwt, libjwt_algorithms[i], (unsigned char *)pem, (int)strlen(pem)),
                             0);
            token = jwt_encode_str(jwt);
            assert_accepted(token);
            free(token);
            jwt_free(jwt);
        }
        free(pem);
    }
    char *token = run_pyjwt("HS256", TEST_SECRET);
    assert_accepted(token);
    free(token);
}

/* With public keys alone the edge has no power to sign, and HS256 does not exist. */
static void test_public_keys_alone(void **state)
{
    (void)state;
    struct signer large = signer_new("RS256", 4096);

    start(stage_replace, format("{\"keys\":[%s]}", signer_jwk(&large, "")), "JWT_SECRET=");
    char *pem = signer_public_pem(&large), *good = token_good("");
    assert_signed(&large, "{\"alg\":\"RS256\"}", NULL);
    assert_refused(good, "Unsupported algorithm: HS256");
    assert_signed_hs256("{\"alg\":\"HS256\"}", pem, "Unsupported algorithm: HS256");
    assert_signed_hs256("{\"alg\":\"HS256\"}", "", "Unsupported algorithm: HS256");
    assert_signed(&ed, "{\"alg\":\"EdDSA\"}", "Unsupported algorithm: EdDSA");
    stage_restore();
    free(good);
    free(pem);
    signer_free(&large);
}

/* `jwks` is freed. */
static void assert_unconfigured(char *jwks)
{
    char *good = token_good("");
    char *told = strdup(jwks);

    start(stage_replace, jwks, NULL);
    http_response response = edge_request(&gate, "GET", "/api/todos", good, NULL);
    if (response.status != 503)
        fail_msg("%s: %d", told, response.status);
    assert_error(&response, 503, "auth_unconfigured", "Token verification is not configured");
    http_response_clear(&response);
    stage_restore();
    free(good);
    free(told);
}

/* A set that is not wholly understood verifies nothing, not even by the secret beside it. */
static void test_broken_sets(void **state)
{
    (void)state;
    struct signer small = signer_new("RS256", 1024);
    static const char *const sets[] = {
        "x",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[1]}",
        "{\"keys\":[{}]}",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        "\"}]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHU\"}"
        "]"
        "}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
        "7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"d\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]"
        "}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":[]}]}",
    };

    for (size_t i = 0; i < COUNT_OF(sets); i++)
        assert_unconfigured(strdup(sets[i]));
    assert_unconfigured(format("{\"keys\":[%s]}", signer_jwk(&small, "")));
    signer_free(&small);
}

/* Keys for something else are passed over (RFC 7517, 4.2, 4.3, 5). */
static void test_keys_for_something_else(void **state)
{
    (void)state;
    char *keys[] = {
        signer_jwk(&ed, ",\"use\":\"enc\""),
        signer_jwk(&ec, ",\"alg\":\"ECDH-ES\""),
        signer_jwk(&rsa, ",\"alg\":\"PS256\""),
        signer_jwk(&ed_old, ",\"key_ops\":[\"sign\"]"),
    };

    start(stage_replace,
          format("{\"keys\":[%s,%s,%s,%s,{\"kty\":\"new\"},{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\"}]}",
                 keys[0], keys[1], keys[2], keys[3]),
          NULL);
    assert_signed(&ed, "{\"alg\":\"EdDSA\"}", "Unsupported algorithm: EdDSA");
    assert_signed(&ed_old, "{\"alg\":\"EdDSA\"}", "Unsupported algorithm: EdDSA");
    assert_signed(&ec, "{\"alg\":\"ES256\"}", "Unsupported algorithm: ES256");
    assert_signed(&rsa, "{\"alg\":\"RS256\"}", "Unsupported algorithm: RS256");
    stage_restore();
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        free(keys[i]);
}

static int set_up(void **state)
{
    (void)state;
    ed = signer_new("EdDSA", 0);
    ed_old = signer_new("EdDSA", 0);
    ec = signer_new("ES256", 0);
    rsa = signer_new("RS256", 2048);
    stranger_ed = signer_new("EdDSA", 0);
    stranger_ec = signer_new("ES256", 0);
    stranger_rsa = signer_new("RS256", 2048);
    start(stage_open, usual_jwks(), NULL);
    return 0;
}

static int tear_down(void **state)
{
    struct signer *signers[] = {&ed, &ed_old, &ec, &rsa, &stranger_ed, &stranger_ec, &stranger_rsa};

    (void)state;
    stage_close();
    for (size_t i = 0; i < COUNT_OF(signers); i++)
        signer_free(signers[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_algorithm),         cmocka_unit_test(test_choice_of_the_key),
        cmocka_unit_test(test_injected_key_ids),        cmocka_unit_test(test_keys_in_the_token),
        cmocka_unit_test(test_algorithm_confusion),     cmocka_unit_test(test_degenerate_signatures),
        cmocka_unit_test(test_examples_of_the_rfcs),    cmocka_unit_test(test_other_signers),
        cmocka_unit_test(test_public_keys_alone),       cmocka_unit_test(test_broken_sets),
        cmocka_unit_test(test_keys_for_something_else),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

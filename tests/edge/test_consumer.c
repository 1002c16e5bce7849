/*
 * A consumer of the auth component that is no gateway: a native program, by wasmtime's C API.
 *
 * usage: edge-consumer [--bench], the component's path in AUTH_WASM
 */
#include "testing.h"

#include "auth_component.h"
#include "format.h"
#include "signer.h"
#include "token.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ISSUER "https://issuer.example"

static const char *component_path;

static const char *const with_a_secret[][2] = {{"JWT_SECRET", TEST_SECRET}, {NULL, NULL}};

static void assert_refused(const struct auth_instance *instance, const char *token, const char *reason)
{
    struct auth_result result = auth_verify(instance, token);

    assert_false(result.authenticated);
    assert_null(result.user_id);
    assert_string_equal(result.error, reason);
    auth_result_clear(&result);
}

static void assert_accepted(const struct auth_instance *instance, const char *token)
{
    struct auth_result result = auth_verify(instance, token);

    if (!result.authenticated)
        fail_msg("%s: %s", token, result.error);
    assert_string_equal(result.user_id, TEST_USER);
    assert_null(result.error);
    auth_result_clear(&result);
}

/* Changes the signature. Not its last character, some of whose bits mean nothing. */
static void flip(char *token)
{
    char *at = &token[strlen(token) - 10];

    *at = *at == 'A' ? 'B' : 'A';
}

static void test_tokens(void **state)
{
    (void)state;
    struct auth_component auth;
    struct auth_instance instance;
    char *good = token_good(""), *tampered = strdup(good);
    char *late = payload_at("{\"sub\":\"" TEST_USER "\",\"exp\":", -1, "}");
    char *expired = token_hs256("{\"alg\":\"HS256\"}", late, TEST_SECRET);
    char *forged = token_hs256("{\"alg\":\"HS256\"}", late, "another secret, thirty-two bytes or more");

    auth_component_open(&auth, component_path, with_a_secret);
    auth_instance_new(&instance, &auth);
    flip(tampered);
    for (int i = 0; i < 100; i++) {
        assert_accepted(&instance, good);
        assert_refused(&instance, tampered, "Invalid signature");
        assert_refused(&instance, expired, "Token expired");
        assert_refused(&instance, forged, "Invalid signature");
        assert_refused(&instance, "a.b", "Invalid token format");
        assert_refused(&instance, "", "Invalid token format");
    }
    auth_instance_free(&instance);
    auth_component_close(&auth);
    free(good);
    free(tampered);
    free(late);
    free(expired);
    free(forged);
}

/* Many one after the other, and as many at a time as the pool was made for. */
static void test_fresh_instances(void **state)
{
    (void)state;
    struct auth_component auth;
    struct auth_instance instances[16];
    char *good = token_good("");

    auth_component_open(&auth, component_path, with_a_secret);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT_OF(instances); i++) {
            auth_instance_new(&instances[i], &auth);
            assert_accepted(&instances[i], good);
        }
        for (size_t i = 0; i < COUNT_OF(instances); i++)
            auth_instance_free(&instances[i]);
    }
    auth_component_close(&auth);
    free(good);
}

/* Without a key nothing is accepted, and the reason is not the token's. */
static void test_no_keys(void **state)
{
    (void)state;
    static const char *const nothing[][2] = {{NULL, NULL}};
    struct auth_component auth;
    struct auth_instance instance;
    char *good = token_good("");
    struct auth_result result;

    auth_component_open(&auth, component_path, nothing);
    auth_instance_new(&instance, &auth);
    result = auth_verify(&instance, good);
    assert_false(result.authenticated);
    assert_null(result.user_id);
    assert_non_null(result.error);
    auth_result_clear(&result);
    auth_instance_free(&instance);
    auth_component_close(&auth);
    free(good);
}

static const struct {
    const char *algorithm;
    int calls; /* of the benchmark, for about a second */
} algorithms[] = {{"HS256", 100000}, {"ES256", 1000}, {"EdDSA", 1000}, {"RS256", 5000}};

/* About 300 bytes, as tokens of real issuers are (RS256: its signature alone is more). */
static char *sign(const struct signer *signer)
{
    char header[64];
    char *payload =
        payload_at("{\"iss\":\"" ISSUER "\",\"sub\":\"" TEST_USER "\",\"scope\":\"todos:read todos:write\","
                   "\"jti\":\"5f0c8a52-7e3d-4f6e-9a4b-0123456789ab\",\"exp\":",
                   600, "}");
    char *token;

    snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"typ\":\"JWT\"}",
             signer->key == NULL ? "HS256" : signer->algorithm);
    token = signer->key == NULL ? token_hs256(header, payload, TEST_SECRET)
                                : signer_token(signer, header, payload);
    free(payload);
    return token;
}

/* Opens the component with the key for one algorithm; returns a good token and the key set, to be freed. */
static char *open_for(struct auth_component *auth, const char *algorithm, const char *environment[2][2])
{
    struct signer signer = {NULL, NULL};
    char *jwk, *token, *set = NULL;

    if (strcmp(algorithm, "HS256") != 0) {
        signer = signer_new(algorithm, 2048);
        jwk = signer_jwk(&signer, "");
        set = format("{\"keys\":[%s]}", jwk);
        free(jwk);
    }
    token = sign(&signer);
    environment[0][0] = set == NULL ? "JWT_SECRET" : "JWKS";
    environment[0][1] = set == NULL ? strdup(TEST_SECRET) : set;
    environment[1][0] = NULL;
    auth_component_open(auth, component_path, (const char *const(*)[2])environment);
    if (signer.key != NULL)
        signer_free(&signer);
    return token;
}

static void test_algorithms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        struct auth_component auth;
        struct auth_instance instance;
        const char *environment[2][2];
        char *token = open_for(&auth, algorithms[i].algorithm, environment);

        auth_instance_new(&instance, &auth);
        assert_accepted(&instance, token);
        flip(token);
        assert_refused(&instance, token, "Invalid signature");
        auth_instance_free(&instance);
        auth_component_close(&auth);
        free(token);
        free((char *)environment[0][1]);
    }
}

static double seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void verify_or_die(const struct auth_instance *instance, const char *token)
{
    struct auth_result result = auth_verify(instance, token);

    if (!result.authenticated) {
        fprintf(stderr, "refused: %s\n", result.error);
        exit(1);
    }
    auth_result_clear(&result);
}

static void report(const char *what, const char *token, int calls, double taken)
{
    printf("%-28s %5zu bytes %10.0f/s %9.2f us\n", what, strlen(token), calls / taken, taken * 1e6 / calls);
}

static void bench_one(const char *algorithm, int calls)
{
    struct auth_component auth;
    struct auth_instance instance;
    const char *environment[2][2];
    char *token = open_for(&auth, algorithm, environment), name[64];
    double begin;

    auth_instance_new(&instance, &auth);
    verify_or_die(&instance, token);
    begin = seconds();
    for (int i = 0; i < calls; i++)
        verify_or_die(&instance, token);
    report(algorithm, token, calls, seconds() - begin);
    auth_instance_free(&instance);

    calls /= 5;
    begin = seconds();
    for (int i = 0; i < calls; i++) {
        auth_instance_new(&instance, &auth);
        verify_or_die(&instance, token);
        auth_instance_free(&instance);
    }
    snprintf(name, sizeof(name), "%s, fresh instance", algorithm);
    report(name, token, calls, seconds() - begin);
    auth_component_close(&auth);
    free(token);
    free((char *)environment[0][1]);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_fresh_instances),
        cmocka_unit_test(test_no_keys),
        cmocka_unit_test(test_algorithms),
    };

    component_path = getenv("AUTH_WASM");
    if (component_path == NULL) {
        fputs("AUTH_WASM is not set\n", stderr);
        return 2;
    }
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
        for (size_t i = 0; i < COUNT_OF(algorithms); i++)
            bench_one(algorithms[i].algorithm, algorithms[i].calls);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

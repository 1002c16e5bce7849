/* The cases of tokens that libtodo has to judge in the same way (tests/unit/test_token_cases.c), on every host. */
#include "stage.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Judges the tokens with these expectations; how many are judged wrongly. */
static size_t judge_tokens(json_object *cases, bool parties)
{
    size_t failures = 0;

    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        json_object *each = json_object_array_get_idx(cases, i);

        if ((json_object_object_get(each, "parties") != NULL) != parties)
            continue;
        char *payload = case_at(case_text(each, "payload"), time(NULL));
        char *token = token_hs256(case_text(each, "header"), payload, TEST_SECRET);
        char *said = stage_answer(token);
        if (strcmp(said, case_text(each, "says")) != 0) {
            print_message("# %s: %s\n", case_text(each, "name"), said[0] != '\0' ? said : "taken");
            failures++;
        }
        free(said);
        free(token);
        free(payload);
    }
    return failures;
}

static void test_tokens(void **state)
{
    json_object *cases = cases_load("tokens.json");

    (void)state;
    size_t failures = judge_tokens(cases, false);
    stage_replace((const char *const[]){"JWT_ISSUER=us", "JWT_AUDIENCE=todo", NULL});
    failures += judge_tokens(cases, true);
    stage_restore();
    json_object_put(cases);
    assert_int_equal(failures, 0);
}

static void test_unknown_paths(void **state)
{
    static const char *const paths[] = {"/todos", "/", "/api", "/healthz", "/openapi.yaml"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        unsigned before = upstream_requests(&core);
        http_response response = edge_request(&gate, "GET", paths[i], good_token, NULL);
        assert_error(&response, 404, "not_found", "not found");
        http_response_clear(&response);
        response = edge_request(&gate, "GET", paths[i], NULL, NULL);
        assert_error(&response, 401, "token_missing", "Missing token");
        http_response_clear(&response);
        response = edge_request(&gate, "GET", paths[i], "a.b", NULL);
        assert_error(&response, 401, "token_invalid", "Invalid token format");
        http_response_clear(&response);
        assert_int_equal(upstream_requests(&core), before);
    }
}

/* RFC 8725, 2.1: a public key taken for a secret would let everyone sign. */
static void test_keys_as_secrets(void **state)
{
    static const char *const secrets[] = {
        "JWT_SECRET=-----BEGIN PUBLIC "
        "KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
        "-----END PUBLIC KEY-----\n",
        "JWT_SECRET={\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
        "7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        stage_replace((const char *const[]){secrets[i], NULL});
        char *said = stage_answer(good_token);
        stage_restore();
        assert_string_equal(said, "Token verification is not configured");
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_paths),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_keys_as_secrets),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

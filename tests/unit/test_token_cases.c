/* The cases of keys and tokens that the edge has to judge in the same way (tests/edge/test_cases.c, test_key_cases.c). */
#include "testing.h"

#include "cases.h"
#include "format.h"

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <todo/token.h>

#include "token/base64url.h"

#define SECRET "a secret of the tests, thirty-two bytes or more"
#define NOW    INT64_C(1795000000)

/* Of a key: "taken", "passed_over", or the code of the refusal. */
static const char *verdict_on_key(const char *jwk, bool in_set)
{
    static todo_error error;
    char *text = in_set ? format("{\"keys\":[%s]}", jwk) : strdup(jwk);
    todo_token_key *key = NULL;
    todo_token_keys *keys = NULL;
    const char *verdict = "taken";

    error = (todo_error)TODO_ERROR_INIT;
    if ((in_set ? todo_token_keys_parse(text, strlen(text), &keys, &error)
                : todo_token_key_parse(text, strlen(text), NULL, &key, &error)) != TODO_OK)
        verdict = strcmp(error.code, "key_unsupported") == 0 ? "passed_over" : error.code;
    else if (in_set && todo_token_keys_count(keys) == 0)
        verdict = "passed_over";
    todo_token_key_free(key);
    todo_token_keys_free(keys);
    free(text);
    return verdict;
}

static void keys_are_judged_as_the_edge_judges_them(void **state)
{
    json_object *cases = cases_load("keys.json");
    size_t failures = 0;

    (void)state;
    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        json_object *each = json_object_array_get_idx(cases, i);
        const char *jwk = json_object_to_json_string(json_object_object_get(each, "jwk"));

        for (int in_set = 0; in_set < 2; in_set++) {
            const char *verdict = verdict_on_key(jwk, in_set == 1);

            if (strcmp(verdict, case_text(each, "verdict")) != 0) {
                print_message("# %s: %s\n", case_text(each, "name"), verdict);
                failures++;
            }
        }
    }
    assert_int_equal(failures, 0);
    json_object_put(cases);
}

static char *encode(const void *bytes, size_t length)
{
    char *text = malloc(length * 4 / 3 + 5);

    todo__base64url_encode(bytes, length, text);
    return text;
}

static char *sign(const char *header, const char *payload)
{
    char *first = encode(header, strlen(header)), *second = encode(payload, strlen(payload));
    char *text = format("%s.%s", first, second);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    assert_non_null(
        HMAC(EVP_sha256(), SECRET, strlen(SECRET), (unsigned char *)text, strlen(text), mac, &length));
    char *third = encode(mac, length), *token = format("%s.%s", text, third);
    free(first);
    free(second);
    free(third);
    free(text);
    return token;
}

static void tokens_are_judged_as_the_edge_judges_them(void **state)
{
    json_object *cases = cases_load("tokens.json");
    todo_token_key *key = NULL;
    size_t failures = 0;

    (void)state;
    assert_int_equal(todo_token_key_new_hs256(SECRET, strlen(SECRET), &key, NULL), TODO_OK);
    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        json_object *each = json_object_array_get_idx(cases, i);
        todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
        todo_error error = TODO_ERROR_INIT;

        /* libtodo has no issuer and no audience to expect. */
        if (json_object_object_get(each, "parties") != NULL)
            continue;
        char *payload = case_at(case_text(each, "payload"), NOW);
        char *token = sign(case_text(each, "header"), payload);
        bool good = todo_token_verify(key, token, NOW, &claims, &error) == TODO_OK;

        if (strcmp(good ? "" : error.message, case_text(each, "says")) != 0) {
            print_message("# %s: %s\n", case_text(each, "name"), good ? "taken" : error.message);
            failures++;
        }
        free(payload);
        free(token);
    }
    assert_int_equal(failures, 0);
    todo_token_key_free(key);
    json_object_put(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_judged_as_the_edge_judges_them),
        cmocka_unit_test(tokens_are_judged_as_the_edge_judges_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

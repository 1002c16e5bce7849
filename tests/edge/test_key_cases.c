/* The cases of keys that libtodo has to judge in the same way (tests/unit/test_token_cases.c): an edge is started for each. */
#include "stage.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>

/* The algorithm that a key would be for. */
static const char *algorithm_of(const char *kty)
{
    static const char *const types[][2] = {
        {"RSA", "RS256"}, {"EC", "ES256"}, {"OKP", "EdDSA"}, {"oct", "HS256"}};

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (kty != NULL && strcmp(kty, types[i][0]) == 0)
            return types[i][1];
    }
    return "none";
}

/* "taken", "passed_over" or "refused", by what the edge says to a token that no key has signed. */
static const char *verdict_on_key(json_object *jwk)
{
    const char *kty = case_text(jwk, "kty");
    char *setting = format("JWKS={\"keys\":[%s]}", json_object_to_json_string(jwk));
    char *header = format("{\"alg\":\"%s\"}", algorithm_of(kty));
    char *token = token_hs256(header, "{}", "a secret that no key here has anything to do with");

    /* Another secret would hide whether one of the set is there. */
    const char *other = kty != NULL && strcmp(kty, "oct") == 0
                            ? "JWT_SECRET="
                            : "JWT_SECRET=a secret beside the key, thirty-two bytes or more";
    stage_replace((const char *const[]){setting, other, NULL});
    char *said = stage_answer(token);
    stage_restore();
    const char *verdict = strcmp(said, "Invalid signature") == 0                      ? "taken"
                          : strncmp(said, "Unsupported", strlen("Unsupported")) == 0  ? "passed_over"
                          : strcmp(said, "Token verification is not configured") == 0 ? "refused"
                                                                                      : "judged otherwise";
    free(said);
    free(token);
    free(header);
    free(setting);
    return verdict;
}

static void test_keys(void **state)
{
    json_object *cases = cases_load("keys.json");
    size_t failures = 0;

    (void)state;
    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        json_object *each = json_object_array_get_idx(cases, i);
        json_object *jwk = json_object_object_get(each, "jwk");
        const char *expected = case_text(each, "verdict"), *verdict;

        if (strncmp(expected, "key_", strlen("key_")) == 0)
            expected = "refused";
        verdict = verdict_on_key(jwk);
        if (strcmp(verdict, expected) != 0) {
            print_message("# %s: %s\n", case_text(each, "name"), verdict);
            failures++;
        }
    }
    json_object_put(cases);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys)};

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

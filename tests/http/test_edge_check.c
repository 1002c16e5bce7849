/* Who may ask: the edge proves itself (else 403), then says for whom (else 401). */
#include "api.h"

#include <stdio.h>

#define UUID "01890a5d-ac96-774b-bcce-b302099a8057"

static const char *const paths[][2] = {
    {"GET", "/api/todos"},
    {"POST", "/api/todos"},
    {"GET", "/api/todos/" UUID},
    {"PATCH", "/api/todos/" UUID},
    {"DELETE", "/api/todos/" UUID},
    {"POST", "/api/todos/batch"},
    {"POST", "/api/todos/" UUID "/restore"},
    {"GET", "/api/todos/nothing"},
    {"PUT", "/api/todos"},
    {"GET", "/api/files/" UUID "/download"},
    {"POST", "/api/files/upload"},
    {"POST", "/api/todos/with-files"},
    {"OPTIONS", "/api/todos"},
};

static void expect_everywhere(api *self, const char *fields, int status, const char *code)
{
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        json_object_put(api_send(self, NULL, paths[i][0], paths[i][1], fields, NULL, status));
        api_check_error(self, code, NULL);
    }
}

static void without_the_edges_word_everything_is_403(void **state)
{
    expect_everywhere(*state, NULL, 403, "edge_required");
}

static void a_wrong_word_is_403(void **state)
{
    static const char *const words[] = {"",
                                        "wrong",
                                        CORE_EDGE_SECRET "x",
                                        "x" CORE_EDGE_SECRET,
                                        "test-edge-secret-0123456789abcdeF",
                                        "test-edge-secret-0123456789abcde",
                                        CORE_EDGE_SECRET CORE_EDGE_SECRET};
    char fields[256];

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        snprintf(fields, sizeof(fields), "X-Edge-Verified: %s\r\n", words[i]);
        expect_everywhere(*state, fields, 403, "edge_required");
    }
}

static void the_edge_comes_before_the_user(void **state)
{
    expect_everywhere(*state, "X-User-Id: " UUID "\r\n", 403, "edge_required");
    expect_everywhere(*state, "X-User-Id: nobody\r\nX-Edge-Verified: wrong\r\n", 403, "edge_required");
}

static void without_a_user_everything_is_401(void **state)
{
    expect_everywhere(*state, EDGE_FIELD, 401, "user_required");
}

static void a_user_that_is_no_uuid_is_401(void **state)
{
    static const char *const users[] = {"", "nobody", "1", UUID "0", "{" UUID "}", UUID "," UUID};
    char fields[256];

    for (size_t i = 0; i < COUNT_OF(users); i++) {
        snprintf(fields, sizeof(fields), EDGE_FIELD "X-User-Id: %s\r\n", users[i]);
        expect_everywhere(*state, fields, 401, "user_required");
    }
}

static void other_spellings_are_no_identity(void **state)
{
    api *self = *state;
    char fields[256];

    snprintf(fields, sizeof(fields), EDGE_FIELD "X_User_Id: %s\r\n", self->alice);
    expect_everywhere(self, fields, 401, "user_required");
    snprintf(fields, sizeof(fields), "X_Edge_Verified: " CORE_EDGE_SECRET "\r\nX-User-Id: %s\r\n",
             self->alice);
    expect_everywhere(self, fields, 403, "edge_required");
}

static void names_of_fields_have_no_case(void **state)
{
    api *self = *state;
    char fields[256];

    snprintf(fields, sizeof(fields), "x-edge-verified:" CORE_EDGE_SECRET "\r\nX-USER-ID:  %s  \r\n",
             self->alice);
    json_object_put(api_send(self, NULL, "GET", "/api/todos", fields, NULL, 200));
}

static void identity_said_twice_is_400_and_the_end(void **state)
{
    static const char *const fields[] = {
        EDGE_FIELD "X-User-Id: " UUID "\r\nX-User-Id: " UUID "\r\n",
        EDGE_FIELD "X-User-Id: " UUID "\r\nx-user-id: " UUID "\r\n",
        EDGE_FIELD "X_User_Id: " UUID "\r\nX-User-Id: " UUID "\r\n",
        EDGE_FIELD "X-User-Id: " UUID "\r\nX_USER_ID: " UUID "\r\n",
        EDGE_FIELD EDGE_FIELD "X-User-Id: " UUID "\r\n",
        EDGE_FIELD "X-Edge_Verified: x\r\nX-User-Id: " UUID "\r\n",
        EDGE_FIELD "X-User-Id: " UUID "\r\nX-Request-Id: a\r\nX-Request-Id: b\r\n",
    };
    api *self = *state;
    char text[1024];

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        snprintf(text, sizeof(text), "GET /api/todos HTTP/1.1\r\nHost: x\r\n%s\r\n", fields[i]);
        api_raw_text(self, text, 400, true);
        api_check_error(self, "field_duplicate", NULL);
    }
}

static void files_are_not_there_yet(void **state)
{
    api *self = *state;

    api_fails(self, self->alice, "POST", "/api/files/upload", NULL, 404, "not_found", "not found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_edges_word_everything_is_403),
        cmocka_unit_test(a_wrong_word_is_403),
        cmocka_unit_test(the_edge_comes_before_the_user),
        cmocka_unit_test(without_a_user_everything_is_401),
        cmocka_unit_test(a_user_that_is_no_uuid_is_401),
        cmocka_unit_test(other_spellings_are_no_identity),
        cmocka_unit_test(names_of_fields_have_no_case),
        cmocka_unit_test(identity_said_twice_is_400_and_the_end),
        cmocka_unit_test(files_are_not_there_yet),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}

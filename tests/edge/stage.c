#include "stage.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

struct upstream core;
struct edge gate;
char *good_token;

static struct edge usual;

static bool start(const char *const settings[])
{
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", core.port);
    return edge_start(&gate, url, settings);
}

void stage_open(const char *const settings[])
{
    good_token = token_good("");
    upstream_start(&core);
    assert_true(start(settings));
}

void stage_close(void)
{
    edge_stop(&gate);
    upstream_stop(&core);
    free(good_token);
}

int stage_set_up(void **state)
{
    (void)state;
    stage_open(NULL);
    return 0;
}

int stage_tear_down(void **state)
{
    (void)state;
    stage_close();
    return 0;
}

void stage_replace(const char *const settings[])
{
    usual = gate;
    if (!start(settings)) {
        gate = usual;
        fail_msg("no edge with these settings");
    }
}

void stage_restore(void)
{
    edge_stop(&gate);
    gate = usual;
}

void assert_arrived(const char *name, const char *value)
{
    char found[512];

    assert_int_equal(upstream_field(&core, name, found, sizeof(found)), 1);
    assert_string_equal(found, value);
}

void assert_not_arrived(const char *name)
{
    char found[512];

    assert_int_equal(upstream_field(&core, name, found, sizeof(found)), 0);
}

/* What the answer says: "" when the request was forwarded. To be freed. */
char *stage_answer(const char *token)
{
    http_response response = edge_request(&gate, "GET", "/api/todos", token, NULL);
    json_object *body = json_tokener_parse(response.body);
    char *said = strdup(response.status == 200 ? ""
                        : body != NULL         ? json_object_get_string(json_object_object_get(body, "error"))
                                               : "no JSON");

    json_object_put(body);
    http_response_clear(&response);
    return said;
}

void assert_accepted(const char *token)
{
    http_response response = edge_request(&gate, "GET", "/api/todos", token, NULL);

    if (response.status != 200)
        fail_msg("%s: %s", token, response.body);
    assert_arrived("x-user-id", TEST_USER);
    http_response_clear(&response);
}

static const char *code_of(const char *message)
{
    static const char *const codes[][2] = {
        {"Token expired", "token_expired"},
        {"Token not yet valid", "token_not_yet_valid"},
        {"Token issued in the future", "token_not_yet_valid"},
    };

    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (strcmp(message, codes[i][0]) == 0)
            return codes[i][1];
    }
    return "token_invalid";
}

void assert_refused(const char *token, const char *message)
{
    char challenge[256], expected[256];
    unsigned before = upstream_requests(&core);
    http_response response = edge_request(&gate, "GET", "/api/todos", token, NULL);

    if (response.status != 401 || strstr(response.body, message) == NULL)
        fail_msg("%s: %d %s instead of %s", token, response.status, response.body, message);
    assert_error(&response, 401, code_of(message), message);
    assert_non_null(http_field(&response, "www-authenticate", challenge, sizeof(challenge)));
    snprintf(expected, sizeof(expected), "Bearer error=\"invalid_token\", error_description=\"%s\"", message);
    assert_string_equal(challenge, expected);
    assert_int_equal(upstream_requests(&core), before);
    http_response_clear(&response);
}

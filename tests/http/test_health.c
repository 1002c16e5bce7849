/* The pages that say how the server is, and what every answer has. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>

static void health_says_ok(void **state)
{
    json_object *health = api_call(*state, NULL, "GET", "/health", NULL, 200);

    assert_string_equal(json_object_to_json_string_ext(health, JSON_C_TO_STRING_PLAIN),
                        "{\"status\":\"ok\"}");
    json_object_put(health);
}

static void livez_and_readyz_say_ok(void **state)
{
    json_object_put(api_call(*state, NULL, "GET", "/livez", NULL, 200));
    json_object_put(api_call(*state, NULL, "GET", "/readyz", NULL, 200));
}

static void head_is_get_without_the_body(void **state)
{
    api *self = *state;

    api_silent(self, NULL, "HEAD", "/health", NULL, 200);
    assert_string_equal(api_field(self, "Content-Length"), "15");
    assert_string_equal(api_field(self, "Content-Type"), "application/json");
}

static void options_tells_what_is_allowed(void **state)
{
    api *self = *state;

    api_silent(self, NULL, "OPTIONS", "/health", NULL, 204);
    assert_string_equal(api_field(self, "Allow"), "GET, HEAD, OPTIONS");
    api_silent(self, self->alice, "OPTIONS", "/api/todos", NULL, 204);
    assert_string_equal(api_field(self, "Allow"), "GET, HEAD, POST, OPTIONS");
    api_silent(self, NULL, "OPTIONS", "/api/auth/login", NULL, 204);
    assert_string_equal(api_field(self, "Allow"), "POST, OPTIONS");
}

static void a_sane_request_id_comes_back(void **state)
{
    api *self = *state;

    json_object_put(api_send(self, NULL, "GET", "/health", "X-Request-Id: trace-42.a_B\r\n", NULL, 200));
    assert_string_equal(api_field(self, "X-Request-Id"), "trace-42.a_B");
}

static void any_other_request_id_is_replaced(void **state)
{
    static const char *const bad[] = {
        "",           "with space", "quote\"d",
        "semi;colon", "\xC3\xA9",   "0123456789012345678901234567890123456789012345678901234567890123456789"};
    api *self = *state;
    char fields[128];

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(fields, sizeof(fields), "X-Request-Id: %s\r\n", bad[i]);
        json_object_put(api_send(self, NULL, "GET", "/health", fields, NULL, 200));
        assert_int_equal(strlen(api_field(self, "X-Request-Id")), 36);
    }
}

static void two_requests_get_two_ids(void **state)
{
    api *self = *state;
    char first[64];

    json_object_put(api_call(self, NULL, "GET", "/health", NULL, 200));
    snprintf(first, sizeof(first), "%s", api_field(self, "X-Request-Id"));
    json_object_put(api_call(self, NULL, "GET", "/health", NULL, 200));
    assert_string_not_equal(api_field(self, "X-Request-Id"), first);
}

static void an_answer_is_dated(void **state)
{
    api *self = *state;

    json_object_put(api_call(self, NULL, "GET", "/health", NULL, 200));
    assert_int_equal(strlen(api_field(self, "Date")), strlen("Sun, 06 Nov 1994 08:49:37 GMT"));
}

static void an_unknown_path_is_404(void **state)
{
    static const char *const paths[] = {"/",          "/nothing",         "/health/",  "/Health",
                                        "/api",       "/api/todosx",      "/api/auth", "//health",
                                        "/health%20", "/api/auth/login/x"};

    for (size_t i = 0; i < COUNT_OF(paths); i++)
        api_fails(*state, NULL, "GET", paths[i], NULL, 404, "not_found", "not found");
}

static void a_path_is_taken_as_it_is(void **state)
{
    api_fails(*state, NULL, "GET", "/api/../health", NULL, 404, "not_found", "not found");
    api_fails(*state, NULL, "GET", "/%68ealth", NULL, 404, "not_found", "not found");
    api_fails(*state, NULL, "GET", "/api/%74odos", NULL, 404, "not_found", "not found");
}

static void a_query_does_not_change_the_path(void **state)
{
    json_object_put(api_call(*state, NULL, "GET", "/health?x=/api/todos", NULL, 200));
    json_object_put(api_call(*state, NULL, "GET", "/health?", NULL, 200));
}

static void an_absolute_target_is_understood(void **state)
{
    api *self = *state;
    char text[128];

    snprintf(text, sizeof(text), "GET http://localhost:%u/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
             (unsigned)self->server.port);
    api_raw_text(self, text, 200, false);
}

static void a_wrong_method_is_405_with_allow(void **state)
{
    static const struct {
        const char *method, *path, *allow;
    } cases[] = {
        {"POST", "/health", "GET, HEAD, OPTIONS"},
        {"PUT", "/livez", "GET, HEAD, OPTIONS"},
        {"GET", "/api/auth/register", "POST, OPTIONS"},
        {"DELETE", "/api/auth/login", "POST, OPTIONS"},
        {"PUT", "/api/todos", "GET, HEAD, POST, OPTIONS"},
        {"DELETE", "/api/todos", "GET, HEAD, POST, OPTIONS"},
        {"GET", "/api/todos/batch", "POST, OPTIONS"},
        {"POST", "/api/todos/01890a5d-ac96-774b-bcce-b302099a8057", "GET, HEAD, PATCH, DELETE, OPTIONS"},
        {"GET", "/api/todos/01890a5d-ac96-774b-bcce-b302099a8057/restore", "POST, OPTIONS"},
        {"PUT", "/api/todos/01890a5d-ac96-774b-bcce-b302099a8057", "GET, HEAD, PATCH, DELETE, OPTIONS"},
    };
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *user = strncmp(cases[i].path, "/api/todos", 10) == 0 ? self->alice : NULL;

        api_fails(self, user, cases[i].method, cases[i].path, NULL, 405, "method_not_allowed",
                  "method not allowed");
        assert_string_equal(api_field(self, "Allow"), cases[i].allow);
    }
}

/* civetweb refuses these before the server sees them. */
static void an_unknown_method_is_405_as_any_other(void **state)
{
    static const char *const methods[] = {"QUERY", "TRACE", "COPY", "get", "X-Y.Z"};
    api *self = *state;
    char text[512];

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        snprintf(text, sizeof(text),
                 "%s /api/todos?limit=1 HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD
                 "X-User-Id: %s\r\nX-Request-Id: mine\r\nContent-Length: 2\r\n\r\n{}",
                 methods[i], self->alice);
        api_raw_text(self, text, 405, true);
        api_check_error(self, "method_not_allowed", "method not allowed");
        assert_string_equal(api_field(self, "Allow"), "GET, HEAD, POST, OPTIONS");
        assert_string_equal(api_field(self, "X-Request-Id"), "mine");
    }
    api_raw_text(self, "QUERY /api/todos HTTP/1.1\r\nHost: x\r\n\r\n", 403, true);
    api_raw_text(self, "QUERY /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, true);
    api_raw_text(self, "QUERY /health HTTP/1.1\r\n\r\n", 400, true);
    api_raw_text(self, "QUERY /health HTTP/1.1\r\nHost : x\r\n\r\n", 400, true);
    api_raw_text(self, "QU(RY /health HTTP/1.1\r\nHost: x\r\n\r\n", 400, true);
    api_check_error(self, "request_malformed", NULL);
}

static void every_answer_has_the_fields_of_all(void **state)
{
    static const struct {
        const char *request, *cache;
        int status;
    } cases[] = {
        {"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 200},
        {"HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 200},
        {"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 200},
        {"OPTIONS /health HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 204},
        {"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 404},
        {"GET /api/todos HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 403},
        {"QUERY /health HTTP/1.1\r\nHost: x\r\n\r\n", "no-store", 405},
        {"GET /health HTTP/1.1\r\n\r\n", "no-store", 400},
        {"nonsense\r\n\r\n", "no-store", 400},
        {"GET /health HTTP/7.1\r\nHost: x\r\n\r\n", "no-store", 505},
    };
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        http_client *client = http_connect(self->server.port);

        assert_true(http_send(client, cases[i].request, strlen(cases[i].request)));
        http_response_clear(&self->response);
        assert_true(http_receive(client, cases[i].request[0] == 'H', &self->response));
        http_close(client);
        assert_int_equal(self->response.status, cases[i].status);
        assert_string_equal(api_field(self, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(api_field(self, "Cache-Control"), cases[i].cache);
        assert_int_not_equal(strlen(api_field(self, "X-Request-Id")), 0);
        assert_int_not_equal(strlen(api_field(self, "Date")), 0);
    }
}

static void todos_are_private_and_asked_for_again(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "kept", id);
    assert_string_equal(api_field(self, "Cache-Control"), "private, no-cache");
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
    assert_string_equal(api_field(self, "Cache-Control"), "private, no-cache");
    api_silent(self, self->alice, "GET", api_path(id), "If-None-Match: \"1\"\r\n", 304);
    assert_string_equal(api_field(self, "Cache-Control"), "private, no-cache");
    json_object_put(api_call(self, self->alice, "GET", "/api/todos", NULL, 200));
    assert_string_equal(api_field(self, "Cache-Control"), "private, no-cache");
    assert_string_equal(api_field(self, "X-Content-Type-Options"), "nosniff");
    api_fails(self, self->bob, "GET", api_path(id), NULL, 404, "not_found", NULL);
    assert_string_equal(api_field(self, "Cache-Control"), "no-store");
}

/* The value of a metric that the last answer tells. */
static double metric(api *self, const char *name)
{
    char line[128];
    const char *found;

    snprintf(line, sizeof(line), "\n%s ", name);
    found = strstr(self->response.body, line);
    assert_non_null(found);
    return strtod(found + strlen(line), NULL);
}

static void read_metrics(api *self)
{
    http_response_clear(&self->response);
    assert_true(http_exchange(self->client, "GET", "/metrics", NULL, NULL, &self->response));
    assert_int_equal(self->response.status, 200);
    assert_string_equal(api_field(self, "Content-Type"), "text/plain; version=0.0.4");
}

static void metrics_count_requests(void **state)
{
    static const char not_found[] = "todo_http_requests_total{status=\"4xx\"}";
    api *self = *state;
    double before, all_before;

    read_metrics(self);
    before = metric(self, not_found);
    all_before = metric(self, "todo_http_request_duration_seconds_count");
    for (int i = 0; i < 3; i++)
        api_fails(self, NULL, "GET", "/nothing", NULL, 404, "not_found", NULL);
    read_metrics(self);
    assert_true(metric(self, not_found) == before + 3);
    assert_true(metric(self, "todo_http_request_duration_seconds_count") == all_before + 4);
    assert_true(metric(self, "todo_http_request_duration_seconds_bucket{le=\"+Inf\"}") == all_before + 4);
    assert_true(metric(self, "todo_http_workers_busy") >= 1);
    assert_true(metric(self, "todo_http_connections") >= 1);
    assert_true(metric(self, "todo_cache_hits_total") >= 0);
    assert_true(metric(self, "process_resident_memory_bytes") > 0);
    assert_true(metric(self, "process_start_time_seconds") > 1.7e9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_says_ok),
        cmocka_unit_test(livez_and_readyz_say_ok),
        cmocka_unit_test(head_is_get_without_the_body),
        cmocka_unit_test(options_tells_what_is_allowed),
        cmocka_unit_test(a_sane_request_id_comes_back),
        cmocka_unit_test(any_other_request_id_is_replaced),
        cmocka_unit_test(two_requests_get_two_ids),
        cmocka_unit_test(an_answer_is_dated),
        cmocka_unit_test(an_unknown_path_is_404),
        cmocka_unit_test(a_path_is_taken_as_it_is),
        cmocka_unit_test(a_query_does_not_change_the_path),
        cmocka_unit_test(an_absolute_target_is_understood),
        cmocka_unit_test(a_wrong_method_is_405_with_allow),
        cmocka_unit_test(an_unknown_method_is_405_as_any_other),
        cmocka_unit_test(every_answer_has_the_fields_of_all),
        cmocka_unit_test(todos_are_private_and_asked_for_again),
        cmocka_unit_test(metrics_count_requests),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}

/* What passes between client and core of lines and fields, and what the edge answers by itself. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

static void test_what_the_core_gets(void **state)
{
    (void)state;
    char id[64];
    http_response response =
        edge_request(&gate, "GET", "/api/todos?completed=true&q=%C3%A9", good_token,
                     "Accept: application/json\r\nX-Custom: a\r\nX-Custom: b\r\nCookie: c=1\r\n");

    assert_int_equal(response.status, 200);
    assert_string_equal(response.body, "ok");
    assert_int_equal(strncmp(core.head, "GET /api/todos?completed=true&q=%C3%A9 HTTP/1.1\r\n", 49), 0);
    assert_arrived("x-user-id", TEST_USER);
    assert_arrived("x-edge-verified", TEST_EDGE_SECRET);
    assert_arrived("accept", "application/json");
    assert_arrived("cookie", "c=1");
    assert_int_equal(upstream_field(&core, "x-custom", id, sizeof(id)), 2);
    assert_not_arrived("authorization");
    assert_null(strstr(core.head, good_token));
    assert_not_arrived("transfer-encoding");
    assert_not_arrived("content-length");

    assert_non_null(http_field(&response, "x-request-id", id, sizeof(id)));
    assert_int_equal(strlen(id), 36);
    assert_int_equal(id[14], '4'); /* a random UUID */
    assert_arrived("x-request-id", id);
    http_response_clear(&response);
}

static void test_request_ids_are_fresh(void **state)
{
    (void)state;
    char first[64], second[64];
    http_response response = edge_request(&gate, "GET", "/health", NULL, "X-Request-Id: mine\r\n");

    assert_non_null(http_field(&response, "x-request-id", first, sizeof(first)));
    assert_string_not_equal(first, "mine");
    assert_arrived("x-request-id", first);
    http_response_clear(&response);
    response = edge_request(&gate, "GET", "/health", NULL, "X-Request-Id: mine\r\n");
    assert_non_null(http_field(&response, "x-request-id", second, sizeof(second)));
    assert_string_not_equal(first, second);
    http_response_clear(&response);
}

/* An id that a client brings is kept when it is one that can stand in any log. */
static void test_request_ids_of_the_client(void **state)
{
    (void)state;
    static const char *const ids[][2] = {
        {"X-Request-Id: 5f0c8a52-7e3d-4f6e-9a4b-0123456789ab\r\n", "5f0c8a52-7e3d-4f6e-9a4b-0123456789ab"},
        {"X-Request-Id: 5F0C8A52-7E3D-4F6E-9A4B-0123456789AB\r\n", "5f0c8a52-7e3d-4f6e-9a4b-0123456789ab"},
        {"X-Request-Id: 5f0c8a52-7e3d-4f6e-9a4b-0123456789a\r\n", NULL},
        {"X-Request-Id: 5f0c8a52-7e3d-4f6e-9a4b-0123456789ag\r\n", NULL},
        {"X-Request-Id: 5f0c8a52-7e3d-4f6e-9a4b-0123456789ab\r\nX-Request-Id: "
         "5f0c8a52-7e3d-4f6e-9a4b-0123456789ab\r\n",
         NULL},
        {"X_Request_Id: 5f0c8a52-7e3d-4f6e-9a4b-0123456789ab\r\n", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char id[64];
        http_response response = edge_request(&gate, "GET", "/health", NULL, ids[i][0]);
        assert_non_null(http_field(&response, "x-request-id", id, sizeof(id)));
        assert_arrived("x-request-id", id);
        assert_int_equal(strlen(id), 36);
        if (ids[i][1] != NULL)
            assert_string_equal(id, ids[i][1]);
        else
            assert_string_not_equal(id, "5f0c8a52-7e3d-4f6e-9a4b-0123456789ab");
        http_response_clear(&response);
    }
}

#define PROXY_FIELDS                                                                           \
    "Forwarded: for=10.9.8.7;host=public.example;proto=https\r\nX-Forwarded-For: 10.9.8.7\r\n" \
    "X-Forwarded-Proto: https\r\nX-Forwarded-Host: public.example\r\nX-Real-IP: "              \
    "10.9.8.7\r\nX_Forwarded_For: 10.9.8.7\r\n"

/* Where the request came from is for the edge to say, or for a proxy that it trusts. */
static void test_forwarded(void **state)
{
    (void)state;
    char host[64], forwarded[128];

    http_response response =
        edge_raw(&gate, "GET /health HTTP/1.1\r\nHost: todo.example:3000\r\n" PROXY_FIELDS "\r\n");
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    assert_null(strstr(core.head, "10.9.8.7"));
    assert_arrived("x-forwarded-proto", "http");
    assert_arrived("x-forwarded-host", "todo.example:3000");
    assert_arrived("forwarded", "host=\"todo.example:3000\";proto=http");
    snprintf(host, sizeof(host), "127.0.0.1:%u", core.port);
    assert_arrived("host", host);

    stage_replace((const char *const[]){"EDGE_TRUST_PROXY=1", NULL});
    response = edge_raw(&gate, "GET /health HTTP/1.1\r\nHost: todo.example\r\n" PROXY_FIELDS "\r\n");
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    assert_arrived("forwarded", "for=10.9.8.7;host=public.example;proto=https");
    assert_arrived("x-forwarded-for", "10.9.8.7");
    assert_arrived("x-forwarded-proto", "https");
    assert_int_equal(upstream_field(&core, "x-forwarded-host", forwarded, sizeof(forwarded)), 1);
    stage_restore();
}

static void test_traces(void **state)
{
    (void)state;
    static const char good_trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    static const char *const bad[] = {
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "",
    };
    char field[256], id[64], trace[64];

    snprintf(field, sizeof(field), "traceparent: %s\r\ntracestate: a=b\r\n", good_trace);
    http_response response = edge_request(&gate, "GET", "/health", NULL, field);
    http_response_clear(&response);
    assert_arrived("traceparent", good_trace);
    assert_arrived("tracestate", "a=b");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(field, sizeof(field), "traceparent: %s\r\ntracestate: a=b\r\n", bad[i]);
        response = edge_request(&gate, "GET", "/health", NULL, i == 4 ? NULL : field);
        assert_int_equal(upstream_field(&core, "traceparent", trace, sizeof(trace)), 1);
        assert_not_arrived("tracestate");
        assert_int_equal(strlen(trace), 55);
        /* One id finds both: the trace id is the request id. */
        http_field(&response, "x-request-id", id, sizeof(id));
        assert_int_equal(strncmp(trace, "00-", 3), 0);
        assert_int_equal(strncmp(trace + 3, id, 8), 0);
        assert_int_equal(strncmp(trace + 11, id + 9, 4), 0);
        assert_int_equal(strncmp(trace + 23, id + 24, 12), 0);
        http_response_clear(&response);
    }
}

static void test_cross_origin(void **state)
{
    (void)state;
    char value[128];
    static const char preflight[] = "Access-Control-Request-Method: PATCH\r\nOrigin: https://app.example\r\n";

    /* Off: a preflight is a request like any other, and no answer invites anybody. */
    http_response response = edge_request(&gate, "OPTIONS", "/api/todos", NULL, preflight);
    assert_int_equal(response.status, 401);
    assert_null(http_field(&response, "access-control-allow-origin", value, sizeof(value)));
    http_response_clear(&response);

    stage_replace(
        (const char *const[]){"EDGE_CORS_ORIGINS=https://other.example, https://app.example", NULL});
    unsigned before = upstream_requests(&core);
    response = edge_request(&gate, "OPTIONS", "/api/todos", NULL, preflight);
    assert_int_equal(response.status, 204);
    assert_string_equal(http_field(&response, "access-control-allow-origin", value, sizeof(value)),
                        "https://app.example");
    assert_non_null(
        strstr(http_field(&response, "access-control-allow-methods", value, sizeof(value)), "PATCH"));
    assert_non_null(strstr(response.head, "Authorization"));
    /* Only what the API has is offered. */
    assert_null(strstr(response.head, "Idempotency-Key"));
    assert_null(strstr(response.head, "Last-Event-ID"));
    assert_null(strstr(response.head, "PUT"));
    http_response_clear(&response);
    assert_int_equal(upstream_requests(&core), before);

    static const char *const origins[] = {"Origin: https://app.example\r\n",
                                          "Origin: https://app.example.evil\r\n", "Origin: null\r\n", NULL};
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        for (int k = 0; k < 2; k++) {
            response = edge_request(&gate, "GET", "/api/todos", k == 0 ? good_token : NULL, origins[i]);
            assert_int_equal(response.status, k == 0 ? 200 : 401);
            assert_string_equal(http_field(&response, "vary", value, sizeof(value)), "Origin");
            const char *allowed = http_field(&response, "access-control-allow-origin", value, sizeof(value));
            if (i == 0)
                assert_string_equal(allowed, "https://app.example");
            else
                assert_null(allowed);
            http_response_clear(&response);
        }
    }
    stage_restore();
}

/* Every spelling in which some server might read one of the edge's own fields. */
static void test_spoofed_fields(void **state)
{
    (void)state;
    static const char fields[] =
        "X-User-Id: spoofed\r\nx-user-id: spoofed\r\nX-USER-ID: spoofed\r\nX_User_Id: spoofed\r\n"
        "X-User_Id: spoofed\r\nx.user.id: spoofed\r\nX-Edge-Verified: spoofed\r\n"
        "x_edge_verified: spoofed\r\nX-Edge-Anything: spoofed\r\nX_EDGE-: spoofed\r\n"
        "X-Request_Id: spoofed\r\nConnection: X-User-Id, X-Edge-Verified, x-request-id\r\n";
    static const char *const paths[] = {"/api/todos", "/health", "/api/auth/login"};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        http_response response = edge_request(&gate, "GET", paths[i], good_token, fields);
        assert_int_equal(response.status, 200);
        assert_null(strstr(core.head, "spoofed"));
        assert_arrived("x-edge-verified", TEST_EDGE_SECRET);
        if (i == 0)
            assert_arrived("x-user-id", TEST_USER);
        else
            assert_not_arrived("x-user-id");
        http_response_clear(&response);
    }
}

static void test_hop_by_hop_fields(void **state)
{
    (void)state;
    http_response response =
        edge_request(&gate, "GET", "/api/todos", good_token,
                     "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\n"
                     "Upgrade: websocket\r\nProxy-Connection: close\r\nTrailer: x\r\n"
                     "Proxy-Authorization: Basic dTpw\r\nExpect: 100-continue\r\n");

    assert_int_equal(response.status, 200);
    static const char *const names[] = {
        "keep-alive", "te", "upgrade", "proxy-connection", "trailer", "proxy-authorization", "expect"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_not_arrived(names[i]);
    http_response_clear(&response);
}

static void test_what_the_client_gets(void **state)
{
    (void)state;
    char value[128];

    core.answer =
        "HTTP/1.1 206 Partial Content\r\nContent-Type: image/png\r\n"
        "Content-Disposition: attachment; filename=\"a b.png\"\r\nETag: \"7\"\r\nSet-Cookie: a=1\r\n"
        "Set-Cookie: b=2\r\nX-Request-Id: the core's\r\nX-Edge-Verified: leaked\r\nKeep-Alive: timeout=5\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    http_response response = edge_request(&gate, "GET", "/api/files/1/download", good_token, NULL);

    assert_int_equal(response.status, 206);
    assert_string_equal(response.body, "abcde");
    assert_string_equal(http_field(&response, "content-type", value, sizeof(value)), "image/png");
    assert_string_equal(http_field(&response, "content-disposition", value, sizeof(value)),
                        "attachment; filename=\"a b.png\"");
    assert_string_equal(http_field(&response, "etag", value, sizeof(value)), "\"7\"");
    assert_non_null(strstr(response.head, "a=1"));
    assert_non_null(strstr(response.head, "b=2"));
    assert_int_equal(strlen(http_field(&response, "x-request-id", value, sizeof(value))), 36);
    assert_null(strstr(response.head, "the core's"));
    assert_null(strstr(response.head, "leaked"));
    assert_null(http_field(&response, "keep-alive", value, sizeof(value)));
    http_response_clear(&response);
    upstream_reset(&core);
}

static void test_answers_without_body(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 204 No Content\r\nX-Seen: 1\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\nX-Seen: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Seen: 1\r\n\r\n",
    };
    char value[64];

    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        core.answer = answers[i];
        http_response response =
            edge_request(&gate, i == 0 ? "DELETE" : "GET", "/api/todos/1", good_token, NULL);
        assert_int_equal(response.status, atoi(answers[i] + 9));
        assert_int_equal(response.body_length, 0);
        assert_non_null(http_field(&response, "x-seen", value, sizeof(value)));
        http_response_clear(&response);
    }
    /* HEAD has the length of what GET would bring. */
    core.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n";
    http_response response = {0};
    http_client *client = http_connect(gate.port);
    http_send_text(client, "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(http_receive(client, true, &response));
    assert_string_equal(http_field(&response, "content-length", value, sizeof(value)), "1234");
    http_response_clear(&response);
    http_close(client);
    upstream_reset(&core);
}

static void test_methods(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"};

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        http_response response = edge_request(&gate, methods[i], "/api/todos", good_token, NULL);
        assert_int_equal(response.status, 200);
        assert_int_equal(strncmp(core.head, methods[i], strlen(methods[i])), 0);
        /* No body came, so none goes on, not even an empty chunked one. */
        assert_not_arrived("transfer-encoding");
        http_response_clear(&response);
    }
    /* It would send the edge's secret back. */
    unsigned before = upstream_requests(&core);
    http_response response = edge_request(&gate, "TRACE", "/health", NULL, NULL);
    assert_error(&response, 405, "method_not_allowed", "method not allowed");
    http_response_clear(&response);
    response = edge_raw(&gate, "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n");
    assert_int_equal(response.status, 405);
    http_response_clear(&response);
    assert_int_equal(upstream_requests(&core), before);
}

static void assert_path(const char *path, int with_token, int without)
{
    for (int i = 0; i < 2; i++) {
        http_response response = edge_request(&gate, "GET", path, i == 0 ? good_token : NULL, NULL);
        if (response.status != (i == 0 ? with_token : without))
            fail_msg("%s %s a token: %d", path, i == 0 ? "with" : "without", response.status);
        http_response_clear(&response);
    }
}

static void test_paths(void **state)
{
    (void)state;
    static const char *const open_paths[] = {"/health", "/health?x=/../", "/api/auth/login",
                                             "/api/auth/register", "/openapi.json"};
    static const char *const protected_paths[] = {
        "/api/todos",        "/api/auth/me",     "/api/auth/login/",  "/api/auth/Login",
        "/api/auth/l%6Fgin", "/api/todos/a%20b", "/api/todos/%C3%A9", "/api/"};
    static const char *const unknown_paths[] = {"/",        "/api",    "/metrics",    "/healthy",
                                                "/health/", "/Health", "/api;x/todos"};
    static const char *const bad_paths[] = {
        "//health",           "/health/../api/todos", "/./health",          "/api/auth/login/../../todos",
        "/health%2F..%2Fapi", "/health%2f",           "/api/%2e%2e/health", "/api/.%2E/x",
        "/api/todos/%00",     "/api/todos/%0d%0aX:y", "/api/todos/%7F",     "/api/todos/%",
        "/api/todos/%4",      "/api/todos/%zz",       "/api\\todos",        "/api/%5ctodos",
        "/api//todos",        "/api/todos/..",        "/api/todos/.",       "/api/todos/\xc3\xa9",
    };

    for (size_t i = 0; i < COUNT_OF(open_paths); i++)
        assert_path(open_paths[i], 200, 200);
    for (size_t i = 0; i < COUNT_OF(protected_paths); i++)
        assert_path(protected_paths[i], 200, 401);
    for (size_t i = 0; i < COUNT_OF(unknown_paths); i++)
        assert_path(unknown_paths[i], 404, 401);
    for (size_t i = 0; i < COUNT_OF(bad_paths); i++)
        assert_path(bad_paths[i], 400, 400);
}

static void test_published_pages(void **state)
{
    (void)state;
    char *url = format("CORE_URL=http://127.0.0.1:%u/", core.port);

    stage_replace((const char *const[]){url, "EDGE_OPEN_PATHS=/docs, /app/*", NULL});
    free(url);
    assert_path("/docs", 200, 200);
    assert_path("/docs/x", 404, 401);
    assert_path("/app/index.html", 200, 200);
    assert_path("/app/../api/todos", 400, 400);
    assert_path("/application", 404, 401);
    stage_restore();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_core_gets),
        cmocka_unit_test(test_request_ids_are_fresh),
        cmocka_unit_test(test_request_ids_of_the_client),
        cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_traces),
        cmocka_unit_test(test_cross_origin),
        cmocka_unit_test(test_spoofed_fields),
        cmocka_unit_test(test_hop_by_hop_fields),
        cmocka_unit_test(test_what_the_client_gets),
        cmocka_unit_test(test_answers_without_body),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_published_pages),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

/*
 * Requests that two servers might cut up or read in different ways (RFC 9112, 11.2), byte for byte through a socket: what
 * reaches the core is one request with one framing, or nothing.
 */
#include "stage.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>

#define POST "POST /api/auth/login HTTP/1.1\r\nHost: x\r\n"
#define GET  "GET /health HTTP/1.1\r\nHost: x\r\n"

static void test_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {
        /* Two lengths, or none that is a number. */
        POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        POST "Content-Length: 2, 2\r\n\r\nab",
        POST "Content-Length: 2, 3\r\n\r\nabc",
        POST "Content-Length: +2\r\n\r\nab",
        POST "Content-Length: -2\r\n\r\nab",
        POST "Content-Length: 0x2\r\n\r\nab",
        POST "Content-Length: 2 2\r\n\r\nab",
        POST "Content-Length: \r\n\r\nab",
        POST "Content-Length: 99999999999999999999\r\n\r\nab",
        /* Codings that are not there, or not last. */
        POST "Transfer-Encoding: xchunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab",
        POST "Transfer-Encoding: chunked, identity\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: \"chunked\"\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "POST /api/auth/login HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        /* A length beside the chunks, and not theirs. */
        POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        /* Broken chunks. */
        POST "Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff2\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n",
        POST "Transfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n2\rXab\r\n0\r\n\r\n",
        /* Names and values that end where they should not. */
        POST "Transfer-Encoding : chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        POST "X-A: 1\r\n folded\r\nContent-Length: 0\r\n\r\n",
        GET "X-User-Id : a\r\n\r\n",
        GET "X-User-Id\r\n\r\n",
        GET ": a\r\n\r\n",
        GET "X-A: a\rX-User-Id: b\r\n\r\n",
        "GET\t/health\tHTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /health\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://other/../api/todos HTTP/1.1\r\nHost: x\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        http_response response = edge_raw(&gate, requests[i]);
        if (response.status != 400)
            fail_msg("%s: %d", requests[i], response.status);
        http_response_clear(&response);
    }
    /* The core takes one after the other: once this is answered, all before it have been seen. */
    http_response response = edge_raw(&gate, GET "\r\n");
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    /* The one whose length turns out wrong on the way may have reached the core, but never as a whole request. */
    assert_int_equal(core.whole_requests, 1);
}

/* Bytes in the chunked coding by which another server could end a line: what follows would be a request to it, or here. */
static void test_lines_of_chunks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } codings[] = {
#define CODING(text) {text, sizeof(text) - 1}
        CODING("2;\nxx\r\nab\r\n0\r\n\r\n"),
        CODING("2;\0xx\r\nab\r\n0\r\n\r\n"),
        CODING("2\n\r\nab\r\n0\r\n\r\n"),
        CODING("2\0\r\nab\r\n0\r\n\r\n"),
        CODING("2;a\rb\r\nab\r\n0\r\n\r\n"),
        CODING("2;a\n\r\nab\r\n0\r\n\r\n"),
        CODING("2;a\0\r\nab\r\n0\r\n\r\n"),
        CODING("2\r\nab\r\n0;\n\r\n\r\n"),
        CODING("2\r\nab\r\n0\r\nX-A: 1\nX-B: 2\r\n\r\n"),
        CODING("2\r\nab\r\n0\r\nX-A: 1\0\r\n\r\n"),
        CODING("2\r\nab\r\n0\r\n\n"),
        CODING("2\r\nab\n0\r\n\r\n"),
    };

    for (size_t i = 0; edge_is_todo_edge() && i < COUNT_OF(codings); i++) {
        unsigned before = upstream_requests(&core);
        http_response response = {0};
        http_client *client = http_connect(gate.port);
        http_send_text(client, POST "Transfer-Encoding: chunked\r\n\r\n");
        http_send(client, codings[i].text, codings[i].length);
        assert_true(http_receive(client, false, &response));
        if (response.status != 400)
            fail_msg("coding %zu: %d", i, response.status);
        assert_error(&response, 400, "body_invalid", "invalid body");
        http_response_clear(&response);
        http_close(client);
        assert_int_equal(upstream_requests(&core), before);
    }
}

/* What is accepted reaches the core with one framing, and the same body. */
static void test_reframed(void **state)
{
    (void)state;
    static const char *const requests[] = {
        POST "Content-Length: 2\r\n\r\n\x00\x1f",
        POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n\x00\x1f",
        POST "Transfer-Encoding: chunked\r\n\r\n2\r\n\x00\x1f\r\n0\r\n\r\n",
        POST "Transfer-Encoding:\tCHUNKED \r\n\r\n2\r\n\x00\x1f\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\x00\x1f\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n2\r\n\x00\x1f\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1;name=\"value\"\r\n\x00\r\n1\r\n\x1f\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n2\r\n\x00\x1f\r\n0\r\nX-User-Id: spoofed\r\n\r\n",
    };
    static const size_t bodies[] = {2, 2, 12, 12, 12, 12, 30, 32}; /* after the header, which has no NUL */
    /* What is said twice, even if it can be understood, todo-edge does not take. */
    static const bool doubled[] = {false, true, false, false, true, true, false, false};

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        char value[64];
        http_response response = {0};
        http_client *client = http_connect(gate.port);
        size_t head = (size_t)(strstr(requests[i], "\r\n\r\n") - requests[i]) + 4;
        unsigned before = upstream_requests(&core);
        http_send(client, requests[i], head + bodies[i]);
        assert_true(http_receive(client, false, &response));
        http_close(client);
        bool refused = doubled[i] && edge_is_todo_edge();
        if (response.status != (refused ? 400 : 200))
            fail_msg("%s: %d", requests[i], response.status);
        assert_int_equal(upstream_requests(&core), before + !refused);
        if (refused) {
            http_response_clear(&response);
            continue;
        }
        assert_int_equal(upstream_field(&core, "content-length", value, sizeof(value)) +
                             upstream_field(&core, "transfer-encoding", value, sizeof(value)),
                         1);
        assert_true(core.body_whole);
        assert_true(core.body_as_expected);
        assert_int_equal(core.body_length, 2);
        assert_null(strstr(core.head, "spoofed"));
        http_response_clear(&response);
    }
}

/* A body where none belongs does not become a second request. */
static void test_bodies_of_get(void **state)
{
    (void)state;
    static const char *const requests[] = {
        GET "Content-Length: 29\r\n\r\nGET /api/x HTTP/1.1\r\nA: b\r\n\r\n",
        GET "Transfer-Encoding: chunked\r\n\r\n1d\r\nGET /api/x HTTP/1.1\r\nA: b\r\n\r\n\r\n0\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        unsigned before = upstream_requests(&core);
        http_response response = edge_raw(&gate, requests[i]);
        char value[64];
        assert_int_equal(response.status, 200);
        assert_int_equal(upstream_requests(&core), before + 1);
        assert_int_equal(upstream_field(&core, "content-length", value, sizeof(value)), 0);
        assert_int_equal(upstream_field(&core, "transfer-encoding", value, sizeof(value)), 0);
        http_response_clear(&response);
    }
}

/* One after the other on one connection, each judged by itself. */
static void test_pipelined(void **state)
{
    (void)state;
    http_client *client = http_connect(gate.port);
    http_response response = {0};
    static const int statuses[] = {200, 401, 400, 200};

    http_send_text(client, GET "X-User-Id: a\r\n\r\n"
                               "GET /api/todos HTTP/1.1\r\nHost: x\r\n\r\n"
                               "GET /health/../x HTTP/1.1\r\nHost: x\r\n\r\n" GET "\r\n");
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        assert_true(http_receive(client, false, &response));
        assert_int_equal(response.status, statuses[i]);
        http_response_clear(&response);
    }
    http_close(client);
}

static void test_header_limits(void **state)
{
    (void)state;
    char *request = malloc(100000);
    unsigned before = upstream_requests(&core);

    memcpy(request, GET "X-A: ", strlen(GET "X-A: "));
    /* What the component refuses, and what the core would: it takes 16 KiB. */
    static const size_t lengths[] = {40000, 16100};
    for (size_t i = 0; i < (edge_is_todo_edge() ? COUNT_OF(lengths) : 1); i++) {
        memset(request + strlen(GET "X-A: "), 'a', lengths[i]);
        strcpy(request + strlen(GET "X-A: ") + lengths[i], "\r\n\r\n");
        http_response response = edge_raw(&gate, request);
        assert_error(&response, 431, "fields_too_large", "request header fields too large");
        http_response_clear(&response);
    }

    assert_int_equal(upstream_requests(&core), before);
    /* A hundred fields, Host among them, and one more. */
    for (int count = 100; count <= 101; count++) {
        strcpy(request, GET);
        for (int i = 1; i < count; i++)
            sprintf(request + strlen(request), "X-%d: a\r\n", i);
        strcat(request, "\r\n");
        http_response response = edge_raw(&gate, request);
        if (edge_is_todo_edge() && count == 100)
            assert_int_equal(response.status, 200);
        else if (edge_is_todo_edge())
            assert_error(&response, 431, "fields_too_large", "request header fields too large");
        http_response_clear(&response);
    }
    free(request);
}

/* The list that the core is judged by, too. */
static void test_cases_of_the_wire(void **state)
{
    (void)state;
    assert_int_equal(cases_judge_wire(gate.port, edge_is_todo_edge() ? "todo-edge" : "wasmtime"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),           cmocka_unit_test(test_lines_of_chunks),
        cmocka_unit_test(test_reframed),          cmocka_unit_test(test_bodies_of_get),
        cmocka_unit_test(test_pipelined),         cmocka_unit_test(test_header_limits),
        cmocka_unit_test(test_cases_of_the_wire),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

/* The finer points of an exchange: expectations, interim answers, answers without a body, connections that do not come about. */
#include "stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sends the head of an upload of two bytes that waits for its 100 (RFC 9110, 10.1.1). */
static http_client *expect_continue(const char *path, const char *token)
{
    char *head = format("POST %s HTTP/1.1\r\nHost: x\r\n%s%s%sExpect: 100-continue\r\nContent-Length: "
                        "2\r\n\r\n",
                        path, token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
    http_client *client = http_connect(gate.port);

    assert_non_null(client);
    assert_true(http_send_text(client, head));
    free(head);
    return client;
}

static void test_a_client_that_waits_for_its_100(void **state)
{
    (void)state;
    static const char body[] = {(char)0x00, (char)0x1f}; /* upstream_byte of 0 and 1 */
    http_response response = {0};
    http_client *client = expect_continue("/api/todos", good_token);

    assert_true(http_receive(client, false, &response));
    assert_int_equal(response.status, 100);
    http_response_clear(&response);
    assert_true(http_send(client, body, sizeof(body)));
    assert_true(http_receive(client, false, &response));
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    http_close(client);
    assert_not_arrived("expect");
    assert_true(core.body_whole);
    assert_true(core.body_as_expected);
    assert_int_equal(core.body_length, 2);
}

/* What the edge itself refuses is not asked for first. */
static void test_refused_before_the_upload(void **state)
{
    (void)state;
    static const struct {
        const char *path, *token;
        int status;
    } cases[] = {{"/api/todos", NULL, 401}, {"/api/todos", "a.b", 401}, {"/api//todos", NULL, 400}};
    unsigned before = upstream_requests(&core);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        http_response response = {0};
        http_client *client = expect_continue(cases[i].path, cases[i].token);
        assert_true(http_receive(client, false, &response));
        assert_int_equal(response.status, cases[i].status);
        http_response_clear(&response);
        http_close(client);
    }
    assert_int_equal(upstream_requests(&core), before);
}

/*
 * The core sees the head and refuses. todo-edge asks the core when it has the first part of the body, `wasmtime serve` before that:
 * there the client hears of it without having sent a byte.
 */
static void test_refused_by_the_core_before_the_upload(void **state)
{
    (void)state;
    http_response response = {0};

    core.answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
    core.answer_early = true;
    http_client *client = expect_continue("/api/files/upload", good_token);
    do {
        http_response_clear(&response);
        assert_true(http_receive(client, false, &response));
        if (response.status == 100 && edge_is_todo_edge())
            assert_true(http_send(client, "ab", 2));
    } while (response.status == 100);
    assert_int_equal(response.status, 413);
    assert_string_equal(response.body, "big");
    http_response_clear(&response);
    http_close(client);
    upstream_reset(&core);
}

/* Interim answers are between the core and the edge; the client gets the final one. */
static void test_interim_answers(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 100 Continue\r\n\r\n" UPSTREAM_OK,
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" UPSTREAM_OK,
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" UPSTREAM_OK,
    };

    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        core.answer = answers[i];
        http_response response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
        assert_int_equal(response.status, 200);
        assert_string_equal(response.body, "ok");
        http_response_clear(&response);
    }
    /* Nobody asked for another protocol, so this is no answer. */
    core.answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n";
    http_response response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
    assert_error(&response, 502, "core_invalid", "the core's answer cannot be forwarded");
    http_response_clear(&response);
    upstream_reset(&core);
}

static http_response head_of(http_client *client, const char *token)
{
    http_response response = {0};
    char *head = format("HEAD /api/todos HTTP/1.1\r\nHost: x\r\n%s%s\r\n\r\n",
                        token ? "Authorization: Bearer " : "X-None: ", token ? token : "");

    assert_true(http_send_text(client, head));
    free(head);
    assert_true(http_receive(client, true, &response));
    return response;
}

/* After each answer the connection is at the start of the next one: no byte of a body was sent. */
static void test_head(void **state)
{
    (void)state;
    char value[64];
    http_client *client = http_connect(gate.port);

    core.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"7\"\r\n\r\n";
    http_response response = head_of(client, good_token);
    assert_int_equal(response.status, 200);
    assert_string_equal(http_field(&response, "content-length", value, sizeof(value)), "1234");
    assert_string_equal(http_field(&response, "etag", value, sizeof(value)), "\"7\"");
    assert_int_equal(strncmp(core.head, "HEAD /api/todos ", 16), 0);
    assert_arrived("x-user-id", TEST_USER);
    http_response_clear(&response);
    for (int i = 0; i < 2; i++) {
        response = head_of(client, i == 0 ? NULL : "a.b");
        assert_int_equal(response.status, 401);
        assert_non_null(http_field(&response, "www-authenticate", value, sizeof(value)));
        http_response_clear(&response);
    }
    response = head_of(client, good_token);
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    http_close(client);
    upstream_reset(&core);
}

/* 304 may tell the length of what is not sent (RFC 9110, 8.6); the connection goes on right behind it. */
static void test_lengths_of_what_is_not_sent(void **state)
{
    (void)state;
    http_client *client = http_connect(gate.port);
    char *get = format("GET /api/todos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", good_token);
    static const char *const answers[] = {
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: \"7\"\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n",
        UPSTREAM_OK,
    };
    static const int statuses[] = {304, 204, 304, 200};

    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        http_response response = {0};
        core.answer = answers[i];
        assert_true(http_send_text(client, get));
        assert_true(http_receive(client, false, &response));
        assert_int_equal(response.status, statuses[i]);
        assert_int_equal(response.body_length, statuses[i] == 200 ? 2 : 0);
        http_response_clear(&response);
    }
    http_close(client);
    free(get);
    upstream_reset(&core);
}

/* OPTIONS that is no preflight is a request like any other, with and without CORS. */
static void test_options(void **state)
{
    (void)state;
    static const char *const fields[] = {NULL, "Origin: https://app.example\r\n",
                                         "Access-Control-Request-Method: GET\r\n",
                                         "Origin: https://evil.example\r\nAccess-Control-Request-Method: "
                                         "GET\r\n"};
    char value[64];

    stage_replace((const char *const[]){"EDGE_CORS_ORIGINS=https://app.example", NULL});
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        http_response response = edge_request(&gate, "OPTIONS", "/api/todos", NULL, fields[i]);
        assert_error(&response, 401, "token_missing", "Missing token");
        assert_int_equal(http_field(&response, "access-control-allow-origin", value, sizeof(value)) != NULL,
                         i == 1);
        http_response_clear(&response);
    }
    http_response response = edge_request(&gate, "OPTIONS", "/api/todos", good_token, NULL);
    assert_int_equal(response.status, 200);
    assert_int_equal(strncmp(core.head, "OPTIONS /api/todos ", 19), 0);
    http_response_clear(&response);
    stage_restore();
}

/* A name that the client calls the edge by becomes a quoted string, and must not end it. */
static void test_hosts(void **state)
{
    (void)state;
    static const char *const hosts[][2] = {
        {"[2001:db8::1]:3000", "host=\"[2001:db8::1]:3000\";proto=http"},
        {"todo.example", "host=\"todo.example\";proto=http"},
        {"x\";proto=https;for=\"10.9.8.7", NULL},
        {"x\\", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        char *request = format("GET /health HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i][0]);
        unsigned before = upstream_requests(&core);
        http_response response = edge_raw(&gate, request);
        if (hosts[i][1] != NULL)
            assert_arrived("forwarded", hosts[i][1]);
        else if (upstream_requests(&core) != before)
            assert_null(strstr(core.head, hosts[i][0]));
        else
            assert_int_equal(response.status, 400);
        http_response_clear(&response);
        free(request);
    }
}

/* Behind a proxy that says nothing the edge says what it sees; the little that is said it does not contradict. */
static void test_a_trusted_proxy_that_is_silent(void **state)
{
    (void)state;

    stage_replace((const char *const[]){"EDGE_TRUST_PROXY=1", NULL});
    http_response response = edge_raw(&gate, "GET /health HTTP/1.1\r\nHost: todo.example\r\n\r\n");
    http_response_clear(&response);
    assert_arrived("forwarded", "host=\"todo.example\";proto=http");
    assert_arrived("x-forwarded-proto", "http");
    assert_arrived("x-forwarded-host", "todo.example");
    response = edge_raw(&gate, "GET /health HTTP/1.1\r\nHost: todo.example\r\nX-Forwarded-Proto: https\r\n"
                               "X-Forwarded-For: 10.9.8.7\r\n\r\n");
    http_response_clear(&response);
    assert_arrived("x-forwarded-proto", "https");
    assert_arrived("x-forwarded-for", "10.9.8.7");
    assert_not_arrived("forwarded");
    stage_restore();
}

/* A listener whose queue is full: the kernel lets further connections wait. The clients that fill it are in `fillers`. */
static int full_listener(uint16_t *ret_port, int fillers[8])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    for (int i = 0; i < 8; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(connect(fillers[i], (struct sockaddr *)&address, length) == 0 || errno == EINPROGRESS);
    }
    *ret_port = ntohs(address.sin_port);
    return listener;
}

static void close_listener(int listener, const int fillers[8])
{
    for (int i = 0; i < 8; i++)
        close(fillers[i]);
    close(listener);
}

static void test_a_core_that_does_not_accept(void **state)
{
    (void)state;
    uint16_t port;
    int fillers[8], listener = full_listener(&port, fillers);
    char *url = format("CORE_URL=http://127.0.0.1:%u", port);

    stage_replace((const char *const[]){url, "EDGE_CONNECT_TIMEOUT=1", NULL});
    http_response response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
    assert_error(&response, 504, "core_timeout", "the core did not answer in time");
    http_response_clear(&response);
    response = edge_request(&gate, "POST", "/api/auth/login", NULL, "Content-Length: 0\r\n");
    assert_error(&response, 504, "core_timeout", "the core did not answer in time");
    http_response_clear(&response);
    response = edge_request(&gate, "GET", "/health", NULL, NULL);
    assert_error(&response, 503, "core_timeout", "the core did not answer in time");
    http_response_clear(&response);
    stage_restore();
    free(url);
    close_listener(listener, fillers);
}

/* Each of them holds an instance while it waits. */
static void test_many_requests_at_a_time(void **state)
{
    (void)state;
    enum { MANY = 400 };
    static http_client *clients[MANY];
    uint16_t port;
    int fillers[8], listener = full_listener(&port, fillers);
    char *url = format("CORE_URL=http://127.0.0.1:%u", port);

    stage_replace((const char *const[]){url, "EDGE_CONNECT_TIMEOUT=4", NULL});
    for (int i = 0; i < MANY; i++) {
        clients[i] = http_connect(gate.port);
        assert_non_null(clients[i]);
        assert_true(http_send_text(clients[i], "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                               "0\r\n\r\n"));
    }
    for (int i = 0; i < MANY; i++) {
        http_response response = {0};
        assert_true(http_receive(clients[i], false, &response));
        if (response.status != 504)
            fail_msg("%d of %d: %d %s", i, MANY, response.status, response.body);
        http_response_clear(&response);
        http_close(clients[i]);
    }
    stage_restore();
    free(url);
    close_listener(listener, fillers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_that_waits_for_its_100),
        cmocka_unit_test(test_refused_before_the_upload),
        cmocka_unit_test(test_refused_by_the_core_before_the_upload),
        cmocka_unit_test(test_interim_answers),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_lengths_of_what_is_not_sent),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_a_trusted_proxy_that_is_silent),
        cmocka_unit_test(test_a_core_that_does_not_accept),
        cmocka_unit_test(test_many_requests_at_a_time),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

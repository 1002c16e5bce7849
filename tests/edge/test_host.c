/* What todo-edge owes whoever runs it, whatever the component does: it lives on, and it ends when it is told to. */
#include "testing.h"

#include "stage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void assert_lives_with(const char *guest, unsigned requests)
{
    char *setting = format("EDGE_WASM=%s/%s.wasm", GUESTS, guest);

    stage_replace((const char *const[]){setting, NULL});
    free(setting);
    for (unsigned i = 0; i < requests; i++) {
        http_response response = edge_raw(&gate, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_error(&response, 500, "edge_failed", "the edge failed");
        http_response_clear(&response);
    }
    stage_restore();
}

static void test_a_component_that_fails(void **state)
{
    (void)state;
    assert_lives_with("traps", 50);
}

static void test_a_component_that_does_not_answer(void **state)
{
    (void)state;
    assert_lives_with("silent", 50);
}

static void test_a_component_that_spins(void **state)
{
    (void)state;
    assert_lives_with("spins", 1);
}

/* One connection, and so often one instance, after the other. */
static void test_many_requests(void **state)
{
    (void)state;
    http_client *client = http_connect(gate.port);
    char *token = token_good(""), *fields = format("Authorization: Bearer %s\r\n", token);

    for (int i = 0; i < 500; i++) {
        http_response response = {0};
        assert_true(http_exchange(client, i % 3 == 0 ? "POST" : "GET", "/api/todos",
                                  i % 5 == 0 ? NULL : fields, i % 3 == 0 ? "{}" : NULL, &response));
        assert_int_equal(response.status, i % 5 == 0 ? 401 : 200);
        http_response_clear(&response);
    }
    http_close(client);
    free(token);
    free(fields);
}

/* The request in flight is answered, who only waits is sent away, and nobody new is let in. */
static void test_it_ends_gracefully(void **state)
{
    (void)state;
    http_client *idle = http_connect(gate.port), *busy = http_connect(gate.port);
    http_response response = {0};

    assert_true(http_exchange(idle, "GET", "/health", NULL, NULL, &response));
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    core.delay = 1000;
    unsigned before = upstream_requests(&core);
    http_send_text(busy, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    while (upstream_requests(&core) == before)
        usleep(1000);
    process_signal(&gate.process, SIGTERM);
    assert_true(http_is_closed(idle));
    assert_true(http_receive(busy, false, &response));
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body, "ok");
    http_response_clear(&response);
    assert_true(http_is_closed(busy));
    assert_int_equal(process_wait(&gate.process, 5000), 0);
    assert_null(http_connect(gate.port));
    http_close(idle);
    http_close(busy);
    upstream_reset(&core);
    edge_stop(&gate);
    char *url = format("http://127.0.0.1:%u", core.port);
    assert_true(edge_start(&gate, url, NULL));
    free(url);
}

/* Of all that is in the environment the host inherits what the component may see, and a little that it needs itself. */
static void test_its_environment(void **state)
{
    (void)state;
    char path[64], text[65536];
    size_t length;

    stage_replace(
        (const char *const[]){"AWS_SECRET_ACCESS_KEY=of another program", "JWT_AUDIENCE=todo", NULL});
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)gate.process.pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    length = fread(text, 1, sizeof(text), file);
    fclose(file);
    assert_null(memmem(text, length, "AWS_", 4));
    assert_non_null(memmem(text, length, "JWT_AUDIENCE=todo", 17));
    stage_restore();
}

/* The one that has waited longest gives way to a new client; one that is being served does not. */
static void test_it_is_full(void **state)
{
    (void)state;
    http_client *clients[3];
    http_response response = {0};
    char value[16];

    stage_replace((const char *const[]){"EDGE_OPTIONS=--max-connections 2 --threads 1", NULL});
    for (size_t i = 0; i < 3; i++) {
        clients[i] = http_connect(gate.port);
        assert_true(http_exchange(clients[i], "GET", "/health", NULL, NULL, &response));
        assert_int_equal(response.status, 200);
        http_response_clear(&response);
    }
    assert_true(http_is_closed(clients[0]));
    core.delay = 1000;
    for (size_t i = 1; i < 3; i++)
        http_send_text(clients[i], "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(200000);
    http_client *late = http_connect(gate.port);
    assert_true(http_receive(late, false, &response));
    assert_error(&response, 503, "overloaded", "too many connections");
    assert_non_null(http_field(&response, "retry-after", value, sizeof(value)));
    http_response_clear(&response);
    http_close(late);
    for (size_t i = 0; i < 3; i++)
        http_close(clients[i]);
    upstream_reset(&core);
    stage_restore();
}

/* One address, or one that a trusted proxy tells, gets a part of what there is. */
static void test_one_clients_share(void **state)
{
    (void)state;
    http_client *clients[3];
    http_response response = {0};

    stage_replace((const char *const[]){"EDGE_OPTIONS=--max-per-client 2", NULL});
    for (size_t i = 0; i < 3; i++) {
        clients[i] = http_connect(gate.port);
        if (i == 2)
            break;
        assert_true(http_exchange(clients[i], "GET", "/health", NULL, NULL, &response));
        http_response_clear(&response);
    }
    assert_true(http_receive(clients[2], false, &response));
    assert_error(&response, 503, "overloaded", "too many connections");
    http_response_clear(&response);
    for (size_t i = 0; i < 3; i++)
        http_close(clients[i]);
    stage_restore();

    stage_replace((const char *const[]){"EDGE_OPTIONS=--max-per-client 1", "EDGE_TRUST_PROXY=1", NULL});
    core.delay = 500;
    clients[0] = http_connect(gate.port);
    http_send_text(clients[0],
                   "GET /health HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4, 10.9.8.7\r\n\r\n");
    usleep(200000);
    response = edge_raw(&gate, "GET /health HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.9.8.7\r\n\r\n");
    assert_error(&response, 503, "overloaded", "too many requests");
    http_response_clear(&response);
    core.delay = 0;
    response = edge_raw(&gate, "GET /health HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    assert_true(http_receive(clients[0], false, &response));
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    http_close(clients[0]);
    upstream_reset(&core);
    stage_restore();
}

/* Each part of a request has a time of its own, and a client is told when that is over. */
static void test_deadlines(void **state)
{
    (void)state;
    static const char *const beginnings[] = {
        "GET /health HTTP/1.1\r\nX-A: ",
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    };
    unsigned before = upstream_requests(&core);

    stage_replace((const char *const[]){"EDGE_OPTIONS=--head 1 --body 1", NULL});
    for (size_t i = 0; i < COUNT_OF(beginnings); i++) {
        http_response response = edge_raw(&gate, beginnings[i]);
        assert_error(&response, 408, "request_timeout", "the request did not arrive in time");
        http_response_clear(&response);
    }
    assert_int_equal(upstream_requests(&core), before);
    stage_restore();
}

/* A longer body streams, but not at any pace; nor does a client take its answer at any pace. */
static void test_rates(void **state)
{
    (void)state;
    http_response response = {0};
    char *body = calloc(1, 70001);

    stage_replace((const char *const[]){"EDGE_OPTIONS=--idle 1 --min-rate 1000", NULL});
    http_client *client = http_connect(gate.port);
    http_send_text(client, "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
    memset(body, 'a', 70000);
    http_send(client, body, 70000);
    free(body);
    assert_true(http_receive(client, false, &response));
    assert_error(&response, 408, "request_timeout", "the request did not arrive in time");
    http_response_clear(&response);
    http_close(client);

    core.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";
    core.download = 100000000;
    client = http_connect(gate.port);
    http_send_text(client, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n");
    sleep(4);
    assert_false(http_receive(client, false, &response));
    http_close(client);
    upstream_reset(&core);
    stage_restore();
}

/* Every address, in both families if there are two. */
static void test_addresses(void **state)
{
    (void)state;
    struct edge other;

    assert_true(edge_start_at(&other, ":0"));
    http_response response = edge_raw(&other, "GET /api/todos HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(response.status, 401);
    http_response_clear(&response);
    edge_stop(&other);
    assert_false(edge_start_at(&other, "3000"));
    assert_false(edge_start_at(&other, "[::1:3000"));
    assert_false(edge_start_at(&other, "127.0.0.1:"));
}

static void test_what_it_does_not_start_with(void **state)
{
    (void)state;
    struct edge other;

    assert_false(edge_start(&other, NULL, (const char *const[]){"EDGE_WASM=" AUTH_WASM, NULL}));
    edge_stop(&other);
    assert_false(edge_start(&other, NULL, (const char *const[]){"EDGE_WASM=/nowhere/edge.wasm", NULL}));
    edge_stop(&other);
    assert_false(edge_start(&other, NULL, (const char *const[]){"EDGE_REUSE=0", NULL}));
    edge_stop(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_component_that_fails),
        cmocka_unit_test(test_a_component_that_does_not_answer),
        cmocka_unit_test(test_a_component_that_spins),
        cmocka_unit_test(test_many_requests),
        cmocka_unit_test(test_it_ends_gracefully),
        cmocka_unit_test(test_its_environment),
        cmocka_unit_test(test_it_is_full),
        cmocka_unit_test(test_one_clients_share),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_what_it_does_not_start_with),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

/* What todo-edge owes whoever runs it, whatever the component does: it lives on, and it ends when it is told to. */
#include "testing.h"

#include "stage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_lives_with(const char *guest, unsigned requests)
{
    char *setting = format("EDGE_WASM=%s/%s.wasm", GUESTS, guest);

    stage_replace((const char *const[]){setting, NULL});
    free(setting);
    for (unsigned i = 0; i < requests; i++) {
        http_response response = edge_raw(&gate, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_int_equal(response.status, 500);
        assert_string_equal(response.body, "{\"error\":\"the edge failed\",\"code\":\"edge_failed\"}");
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
        cmocka_unit_test(test_what_it_does_not_start_with),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

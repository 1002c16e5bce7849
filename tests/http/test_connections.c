/* Connections: kept, closed, shared out among many, and requests that come in pieces or all at once. */
#include "api.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HEALTH "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

static http_client *open_connection(const api *self)
{
    http_client *client = http_connect(self->server.port);

    assert_non_null(client);
    return client;
}

/* Receives an answer of this status; whether it says that the connection ends. */
static bool receive(api *self, http_client *client, int expected)
{
    char value[32];

    http_response_clear(&self->response);
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, expected);
    return http_field(&self->response, "Connection", value, sizeof(value)) != NULL &&
           strcmp(value, "close") == 0;
}

static void a_connection_serves_many_requests(void **state)
{
    http_client *client = open_connection(*state);

    for (int i = 0; i < 50; i++) {
        assert_true(http_send_text(client, HEALTH));
        assert_false(receive(*state, client, 200));
    }
    http_close(client);
}

static void it_ends_when_the_client_wishes(void **state)
{
    static const char *const requests[] = {
        "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nConnection: Close, TE\r\n\r\n",
        "GET /health HTTP/1.0\r\nHost: x\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(requests); i++)
        api_raw_text(*state, requests[i], 200, true);
}

static void http_1_0_may_keep_it(void **state)
{
    static const char request[] = "GET /health HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
    api *self = *state;
    http_client *client = open_connection(self);

    for (int i = 0; i < 3; i++) {
        assert_true(http_send_text(client, request));
        assert_false(receive(self, client, 200));
        assert_string_equal(api_field(self, "Connection"), "keep-alive");
    }
    http_close(client);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    api *self = *state;
    http_client *client = open_connection(self);
    char text[2048], id[40];

    api_create(self, self->alice, "pipelined", id);
    snprintf(text, sizeof(text),
             HEALTH "GET /api/todos/%s HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n\r\n"
                    "PATCH /api/todos/%s HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n"
                    "Content-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"completed\":true}"
                    "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" HEALTH,
             id, self->alice, id, self->alice);
    assert_true(http_send_text(client, text));
    receive(self, client, 200);
    assert_string_equal(self->response.body, "{\"status\":\"ok\"}");
    receive(self, client, 200);
    assert_non_null(strstr(self->response.body, "\"completed\":false"));
    receive(self, client, 200);
    assert_non_null(strstr(self->response.body, "\"completed\":true"));
    receive(self, client, 404);
    receive(self, client, 200);
    http_close(client);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    static const char request[] =
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}" HEALTH;
    http_client *client = open_connection(*state);

    for (size_t i = 0; i < sizeof(request) - 1; i++)
        assert_true(http_send(client, request + i, 1));
    receive(*state, client, 422);
    receive(*state, client, 200);
    http_close(client);
}

static void half_a_request_harms_nobody(void **state)
{
    static const char *const halves[] = {"", "G", "GET /health HTTP/1.1\r\nHost",
                                         "GET /health HTTP/1.1\r\nHost: x\r\n",
                                         ("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                          "application/json\r\nContent-Length: 50\r\n\r\n{\"em")};

    for (size_t i = 0; i < COUNT_OF(halves); i++) {
        http_client *client = open_connection(*state);

        assert_true(http_send_text(client, halves[i]));
        http_close(client);
    }
    json_object_put(api_call(*state, NULL, "GET", "/health", NULL, 200));
}

static void a_client_that_leaves_before_the_answer_harms_nobody(void **state)
{
    api *self = *state;
    char text[512];

    snprintf(text, sizeof(text),
             "GET /api/todos?limit=1000 HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n\r\n",
             self->alice);
    for (int i = 0; i < 20; i++) {
        http_client *client = open_connection(self);

        assert_true(http_send_text(client, text));
        http_close(client);
    }
    json_object_put(api_call(self, NULL, "GET", "/health", NULL, 200));
}

static void a_client_may_ask_before_it_sends_the_body(void **state)
{
    api *self = *state;
    http_client *client = open_connection(self);
    char text[512];

    snprintf(text, sizeof(text),
             "POST /api/todos HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\nExpect: 100-continue\r\n"
             "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n",
             self->alice);
    assert_true(http_send_text(client, text));
    receive(self, client, 100);
    assert_true(http_send_text(client, "{\"title\":\"x\"}"));
    assert_false(receive(self, client, 201));
    assert_true(http_send_text(client, HEALTH));
    receive(self, client, 200);
    http_close(client);
}

static void who_asks_in_vain_sends_no_body(void **state)
{
    api *self = *state;
    http_client *client = open_connection(self);

    assert_true(http_send_text(client, "POST /api/todos HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                       "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n"));
    assert_true(receive(self, client, 403));
    assert_true(http_is_closed(client));
    http_close(client);
}

static void a_small_body_that_nobody_wants_is_skipped(void **state)
{
    api *self = *state;
    http_client *client = open_connection(self);
    char text[256];

    snprintf(text, sizeof(text), "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
             sizeof(HEALTH) - 1, HEALTH);
    assert_true(http_send_text(client, text));
    assert_false(receive(self, client, 404));
    assert_true(http_send_text(client, HEALTH));
    assert_false(receive(self, client, 200));
    http_close(client);
}

static void a_large_body_that_nobody_wants_ends_the_connection(void **state)
{
    api *self = *state;
    http_client *client = open_connection(self);
    char *body = calloc(1, 1000001);

    memset(body, 'x', 1000000);
    assert_true(
        http_send_text(client, "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"));
    assert_true(http_send_text(client, body));
    assert_true(receive(self, client, 404));
    assert_true(http_is_closed(client));
    http_close(client);
    free(body);
}

/* A server with settings of its own, for one test. */
static void start_with(api *self, const char *const settings[])
{
    memset(self, 0, sizeof(*self));
    assert_true(core_prepare(&self->server));
    assert_true(core_start(&self->server, settings));
}

static void stop(api *self)
{
    http_response_clear(&self->response);
    http_close(self->client);
    assert_int_equal(core_stop(&self->server), 0);
    core_remove(&self->server);
}

static void an_idle_connection_is_closed_in_time(void **state)
{
    static const char *const settings[] = {"APP_KEEP_ALIVE_MS=100", NULL};
    http_client *client;
    api own;

    (void)state;
    start_with(&own, settings);
    client = open_connection(&own);
    assert_true(http_send_text(client, HEALTH));
    assert_false(receive(&own, client, 200));
    assert_true(http_is_closed(client));
    http_close(client);
    stop(&own);
}

/* An hour is what starvation would take here: the client gives up before, and the test fails. */
static void silent_connections_take_no_worker(void **state)
{
    static const char *const settings[] = {"APP_THREADS=2", "APP_REQUEST_TIMEOUT_MS=600000", NULL};
    enum { SILENT = 50 };
    http_client *silent[SILENT];
    api own;

    (void)state;
    start_with(&own, settings);
    for (int i = 0; i < SILENT; i++)
        silent[i] = open_connection(&own);
    for (int i = 0; i < 10; i++)
        json_object_put(api_call(&own, NULL, "GET", "/health", NULL, 200));
    for (int i = 0; i < SILENT; i++)
        http_close(silent[i]);
    stop(&own);
}

static void idle_connections_leave_workers_to_others(void **state)
{
    static const char *const settings[] = {"APP_THREADS=16", "APP_KEEP_ALIVE_MS=600000", NULL};
    enum { CLIENTS = 40 };
    http_client *clients[CLIENTS];
    int kept = 0, first = -1;
    api own;

    (void)state;
    start_with(&own, settings);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = open_connection(&own);
        assert_true(http_send_text(clients[i], HEALTH));
        if (!receive(&own, clients[i], 200) && kept++ == 0)
            first = i;
    }
    assert_in_range(kept, 1, CLIENTS / 2);
    for (int i = 0; i < 10; i++)
        json_object_put(api_call(&own, NULL, "GET", "/health", NULL, 200));
    /* The one that has been idle longest made room, though it might have stayed for ten minutes. */
    assert_true(http_is_closed(clients[first]));
    for (int i = 0; i < CLIENTS; i++)
        http_close(clients[i]);
    stop(&own);
}

static void more_busy_clients_than_workers_are_all_served(void **state)
{
    static const char *const settings[] = {"APP_THREADS=4", "APP_KEEP_ALIVE_MS=600000", NULL};
    enum { CLIENTS = 16, ROUNDS = 50 };
    http_client *clients[CLIENTS] = {NULL};
    api own;

    (void)state;
    start_with(&own, settings);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            if (clients[i] == NULL)
                clients[i] = open_connection(&own);
            assert_true(http_send_text(clients[i], HEALTH));
        }
        for (int i = 0; i < CLIENTS; i++) {
            if (receive(&own, clients[i], 200)) {
                http_close(clients[i]);
                clients[i] = NULL;
            }
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        http_close(clients[i]);
    stop(&own);
}

/* Each pause is short enough; all of them together are not. */
static void a_client_that_drips_its_request_is_cut_off(void **state)
{
    static const char *const settings[] = {"APP_REQUEST_TIMEOUT_MS=200", "APP_CALL_TIMEOUT_MS=100", NULL};
    struct timespec pause = {0, 20000000};
    http_client *client;
    api own;

    (void)state;
    start_with(&own, settings);
    client = open_connection(&own);
    assert_true(http_send_text(client, "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                       "application/json\r\nContent-Length: 1000000\r\n\r\n"));
    while (http_send_text(client, "x"))
        nanosleep(&pause, NULL);
    http_close(client);
    assert_true(process_says(&own.server.process, "a request took too long", 60000));
    json_object_put(api_call(&own, NULL, "GET", "/health", NULL, 200));
    stop(&own);
}

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void heads_that_do_not_end_leave_workers_to_others(void **state)
{
    static const char *const settings[] = {"APP_THREADS=8", NULL};
    enum { SLOW = 20 };
    http_client *slow[SLOW];
    struct timespec begin;
    api own;

    (void)state;
    start_with(&own, settings);
    for (int i = 0; i < SLOW; i++) {
        slow[i] = open_connection(&own);
        assert_true(http_send_text(slow[i], "GET /health HTTP/1.1\r\nX-A: "));
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    json_object_put(api_call(&own, NULL, "GET", "/health", NULL, 200));
    /* Half of the workers are free again after a second each time; a pause may last 30. */
    assert_true(seconds_since(&begin) < 15);
    for (int i = 0; i < SLOW; i++)
        http_close(slow[i]);
    stop(&own);
}

/* Each pause is short enough; all of them together are not. */
static void a_client_that_drips_its_head_is_cut_off(void **state)
{
    static const char *const settings[] = {"APP_HEAD_TIMEOUT_MS=300", NULL};
    struct timespec begin, pause = {0, 20000000};
    http_client *client;
    api own;

    (void)state;
    start_with(&own, settings);
    client = open_connection(&own);
    assert_true(http_send_text(client, "GET /health HTTP/1.1\r\nX-A: "));
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (http_send_text(client, "x"))
        nanosleep(&pause, NULL);
    assert_true(seconds_since(&begin) < 10);
    http_close(client);
    stop(&own);
}

static void a_body_that_comes_too_slowly_is_refused(void **state)
{
    api *self = *state;
    struct timespec begin, pause = {0, 100000000};
    http_client *client = open_connection(self);

    assert_true(http_send_text(client, "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                       "application/json\r\nContent-Length: 1000\r\n\r\n"));
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < 90 && http_send_text(client, " "); i++)
        nanosleep(&pause, NULL);
    /* It was answered before the last of the 9 s. */
    assert_true(receive(self, client, 408));
    api_check_error(self, "request_timeout", NULL);
    assert_true(seconds_since(&begin) < 20);
    http_close(client);
}

static void a_client_that_takes_its_answers_too_slowly_is_cut_off(void **state)
{
    static const char *const settings[] = {"APP_MIN_RATE=1000000", NULL};
    enum { REQUESTS = 60000 }; /* whose answers are more than the kernel holds for a connection */
    http_client *client;
    api own;

    (void)state;
    start_with(&own, settings);
    client = open_connection(&own);
    for (int i = 0; i < REQUESTS; i++)
        if (!http_send_text(client, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"))
            break;
    assert_true(process_says(&own.server.process, "a client is too slow", 30000));
    http_close(client);
    json_object_put(api_call(&own, NULL, "GET", "/health", NULL, 200));
    stop(&own);
}

static void a_client_has_so_many_connections_and_no_more(void **state)
{
    static const char *const settings[] = {"APP_CLIENT_CONNECTIONS=2", NULL};
    http_client *clients[3];
    char value[16];
    api own;

    (void)state;
    start_with(&own, settings);
    for (int i = 0; i < 2; i++) {
        clients[i] = open_connection(&own);
        assert_true(http_send_text(clients[i], HEALTH));
        assert_false(receive(&own, clients[i], 200));
    }
    clients[2] = open_connection(&own);
    assert_true(http_send_text(clients[2], HEALTH));
    assert_true(receive(&own, clients[2], 503));
    assert_string_equal(http_field(&own.response, "Retry-After", value, sizeof(value)), "1");
    assert_true(http_is_closed(clients[2]));
    http_close(clients[2]);
    /* Nor may a head that does not end wait for long. */
    clients[2] = open_connection(&own);
    assert_true(http_send_text(clients[2], "GET /hea"));
    assert_true(receive(&own, clients[2], 400));
    assert_true(http_is_closed(clients[2]));
    http_close(clients[2]);
    /* Those that were there first are served, and one more when one has gone. */
    assert_true(http_send_text(clients[1], HEALTH));
    assert_false(receive(&own, clients[1], 200));
    http_close(clients[0]);
    for (int tries = 0;; tries++) {
        clients[0] = open_connection(&own);
        assert_true(http_send_text(clients[0], HEALTH));
        http_response_clear(&own.response);
        assert_true(http_receive(clients[0], false, &own.response));
        int status = own.response.status;
        http_response_clear(&own.response);
        if (status == 200)
            break;
        assert_in_range(tries, 0, 500); /* until the server has seen the other go */
        http_close(clients[0]);
    }
    http_close(clients[0]);
    http_close(clients[1]);
    stop(&own);
}

/* The list that the edge is judged by, too. */
static void cases_of_the_wire_are_judged_as_the_edge_judges_them(void **state)
{
    const api *self = *state;

    assert_int_equal(cases_judge_wire(self->server.port, "core"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_serves_many_requests),
        cmocka_unit_test(cases_of_the_wire_are_judged_as_the_edge_judges_them),
        cmocka_unit_test(it_ends_when_the_client_wishes),
        cmocka_unit_test(http_1_0_may_keep_it),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(half_a_request_harms_nobody),
        cmocka_unit_test(a_client_that_leaves_before_the_answer_harms_nobody),
        cmocka_unit_test(a_client_may_ask_before_it_sends_the_body),
        cmocka_unit_test(who_asks_in_vain_sends_no_body),
        cmocka_unit_test(a_small_body_that_nobody_wants_is_skipped),
        cmocka_unit_test(a_large_body_that_nobody_wants_ends_the_connection),
        cmocka_unit_test(an_idle_connection_is_closed_in_time),
        cmocka_unit_test(silent_connections_take_no_worker),
        cmocka_unit_test(idle_connections_leave_workers_to_others),
        cmocka_unit_test(more_busy_clients_than_workers_are_all_served),
        cmocka_unit_test(a_client_that_drips_its_request_is_cut_off),
        cmocka_unit_test(heads_that_do_not_end_leave_workers_to_others),
        cmocka_unit_test(a_client_that_drips_its_head_is_cut_off),
        cmocka_unit_test(a_body_that_comes_too_slowly_is_refused),
        cmocka_unit_test(a_client_that_takes_its_answers_too_slowly_is_cut_off),
        cmocka_unit_test(a_client_has_so_many_connections_and_no_more),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}

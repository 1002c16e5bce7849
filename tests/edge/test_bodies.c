/* Bodies both ways, as large as they come, and whoever is slow, breaks off or is not there. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Sends a large body, by its length or in chunks, as fast as it is taken. False when the peer stops taking. */
static bool send_upload(http_client *client, uint64_t length, bool chunked)
{
    static unsigned char piece[65536];

    for (uint64_t sent = 0; sent < length;) {
        size_t part = length - sent < sizeof(piece) ? (size_t)(length - sent) : sizeof(piece);
        char line[32];
        for (size_t i = 0; i < part; i++)
            piece[i] = upstream_byte(sent + i);
        snprintf(line, sizeof(line), "%zx\r\n", part);
        if ((chunked && !http_send_text(client, line)) || !http_send(client, piece, part) ||
            (chunked && !http_send_text(client, "\r\n")))
            return false;
        sent += part;
    }
    return !chunked || http_send_text(client, "0\r\n\r\n");
}

static http_client *start_upload(uint64_t length, bool chunked)
{
    http_client *client = http_connect(gate.port);
    char framing[64];

    snprintf(framing, sizeof(framing), "Content-Length: %llu", (unsigned long long)length);
    char *head =
        format("POST /api/files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n",
               good_token, chunked ? "Transfer-Encoding: chunked" : framing);
    assert_true(http_send_text(client, head));
    free(head);
    return client;
}

static void assert_upload(uint64_t length, bool chunked)
{
    http_response response = {0};
    http_client *client = start_upload(length, chunked);

    assert_true(send_upload(client, length, chunked));
    assert_true(http_receive(client, false, &response));
    assert_int_equal(response.status, 200);
    assert_true(core.body_whole);
    assert_true(core.body_as_expected);
    assert_int_equal(core.body_length, length);
    http_response_clear(&response);
    http_close(client);
}

static void test_uploads(void **state)
{
    (void)state;
    assert_upload(1, false);
    assert_upload(1, true);
    assert_upload(0, false);
    assert_upload(0, true);
    uint64_t before = edge_resident(&gate);
    assert_upload(200 << 20, false);
    assert_upload(200 << 20, true);
    assert_in_range(edge_resident(&gate), 0, before + (16 << 20));
}

static void test_downloads(void **state)
{
    (void)state;
    const uint64_t length = 200 << 20;
    http_response response = {0};
    char head[128];

    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
             (unsigned long long)length);
    core.answer = head;
    core.download = length;
    uint64_t before = edge_resident(&gate);
    http_response_clear(&response);
    response = edge_request(&gate, "GET", "/api/files/1/download", good_token, NULL);
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body_length, length);
    for (uint64_t i = 0; i < length; i++) {
        if ((unsigned char)response.body[i] != upstream_byte(i))
            fail_msg("byte %llu is wrong", (unsigned long long)i);
    }
    assert_in_range(edge_resident(&gate), 0, before + (16 << 20));
    http_response_clear(&response);
    upstream_reset(&core);
}

/* A core that refuses an upload at its head: the client hears of it although it is still sending. */
static void test_early_answer(void **state)
{
    (void)state;
    http_response response = {0};

    core.answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
    core.answer_early = true;
    http_client *client = start_upload((uint64_t)1 << 30, false);
    send_upload(client, 1 << 20, false);
    assert_true(http_receive(client, false, &response));
    assert_int_equal(response.status, 413);
    assert_string_equal(response.body, "big");
    http_response_clear(&response);
    http_close(client);
    upstream_reset(&core);
}

static void test_broken_answers(void **state)
{
    (void)state;
    http_response response = {0};
    http_client *client = http_connect(gate.port);
    unsigned before = upstream_requests(&core);

    /* Cut off in the middle of the body: what arrives must not look whole. */
    core.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc";
    http_send_text(client, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_false(http_receive(client, false, &response));
    http_close(client);
    assert_int_equal(upstream_requests(&core), before + 1);

    static const char *const answers[] = {"", "no HTTP at all\r\n\r\n",
                                          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"};
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        core.answer = answers[i];
        response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
        assert_error(&response, 502, "core_unreachable", "the core cannot be reached");
        http_response_clear(&response);
    }
    upstream_reset(&core);
}

static void test_core_down(void **state)
{
    (void)state;
    char value[16];

    stage_replace((const char *const[]){"CORE_URL=http://127.0.0.1:1", NULL});
    http_response response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
    assert_error(&response, 502, "core_unreachable", "the core cannot be reached");
    http_response_clear(&response);
    response = edge_request(&gate, "GET", "/health", NULL, NULL);
    assert_error(&response, 503, "core_unreachable", "the core cannot be reached");
    assert_non_null(http_field(&response, "retry-after", value, sizeof(value)));
    http_response_clear(&response);
    /* Whether the token is good is told without the core. */
    response = edge_request(&gate, "GET", "/api/todos", "a.b", NULL);
    assert_error(&response, 401, "token_invalid", "Invalid token format");
    http_response_clear(&response);
    stage_restore();

    /* A name that cannot be resolved (RFC 6761, 6.4). */
    stage_replace((const char *const[]){"CORE_URL=http://core.invalid:3001", NULL});
    response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
    assert_error(&response, 502, "core_unreachable", "the core cannot be reached");
    http_response_clear(&response);
    response = edge_request(&gate, "GET", "/health", NULL, NULL);
    assert_error(&response, 503, "core_unreachable", "the core cannot be reached");
    http_response_clear(&response);
    stage_restore();

    stage_replace((const char *const[]){"CORE_URL=ftp://core", NULL});
    response = edge_request(&gate, "GET", "/health", NULL, NULL);
    assert_error(&response, 503, "edge_misconfigured", "the edge is misconfigured");
    http_response_clear(&response);
    stage_restore();
}

static void test_timeouts(void **state)
{
    (void)state;
    http_response response = {0};

    stage_replace((const char *const[]){"EDGE_IDLE_TIMEOUT=1", NULL});
    /* A core that says nothing, with and without an upload. */
    core.delay = 1500;
    response = edge_request(&gate, "GET", "/api/todos", good_token, NULL);
    assert_error(&response, 504, "core_timeout", "the core did not answer in time");
    http_response_clear(&response);
    sleep(1); /* until the core is done with it */
    http_client *client = start_upload(1, false);
    http_send(client, "", 1);
    assert_true(http_receive(client, false, &response));
    assert_error(&response, 504, "core_timeout", "the core did not answer in time");
    http_response_clear(&response);
    http_close(client);
    sleep(1);
    upstream_reset(&core);

    /* A client that stops in the middle of its upload. */
    client = start_upload(2, false);
    http_send(client, "", 1);
    assert_true(http_receive(client, false, &response));
    assert_error(&response, 408, "request_timeout", "the request did not arrive in time");
    http_response_clear(&response);
    http_close(client);
    sleep(1);

    /* A core that stops in the middle of its answer. */
    core.answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    core.stall = 1500;
    client = http_connect(gate.port);
    http_send_text(client, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_false(http_receive(client, false, &response));
    http_close(client);
    upstream_reset(&core);
    stage_restore();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uploads),        cmocka_unit_test(test_downloads),
        cmocka_unit_test(test_early_answer),   cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_broken_answers), cmocka_unit_test(test_core_down),
    };

    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}

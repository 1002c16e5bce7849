/* What no client should send, and what it gets: a precise status, and the server goes on. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>

#define TODOS "/api/todos"

static void expect_json_error(void **state, const char *body, const char *code)
{
    api *self = *state;

    api_fails(self, self->alice, "POST", TODOS, body, 400, code, NULL);
}

static void malformed_json_is_400(void **state)
{
    static const char *const bodies[] = {"",
                                         " ",
                                         "{",
                                         "{\"title\":\"x\"",
                                         "{\"title\":\"x\"}}",
                                         "{\"title\":\"x\"} {}",
                                         "{'title':'x'}",
                                         "{title:\"x\"}",
                                         "{\"title\":\"x\",}",
                                         "{\"title\":nul}",
                                         "{\"title\":NaN}",
                                         "{\"title\":01}",
                                         "{\"title\":\"a\nb\"}",
                                         "{\"title\":\"\\x\"}",
                                         "{\"title\":\"\\ud800\"}",
                                         "// x\n{\"title\":\"x\"}",
                                         "\xEF\xBB\xBF{\"title\":\"x\"}"};

    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        json_object_put(api_call(*state, ((api *)*state)->alice, "POST", TODOS, bodies[i], 400));
    expect_json_error(state, "{", "json_malformed");
}

static void a_duplicate_member_is_400(void **state)
{
    expect_json_error(state, "{\"title\":\"a\",\"title\":\"b\"}", "json_duplicate_member");
    expect_json_error(state, "{\"title\":\"a\",\"x\":{\"y\":1,\"y\":2}}", "json_duplicate_member");
}

static void json_that_is_too_deep_is_400(void **state)
{
    char body[1024] = "{\"title\":\"x\",\"y\":";

    for (int i = 0; i < 100; i++)
        strcat(body, "[");
    for (int i = 0; i < 100; i++)
        strcat(body, "]");
    strcat(body, "}");
    expect_json_error(state, body, "json_too_deep");
}

static void invalid_utf8_is_400(void **state)
{
    static const char *const bodies[] = {"{\"title\":\"\x80\"}",         "{\"title\":\"\xC0\xAF\"}",
                                         "{\"title\":\"\xED\xA0\x80\"}", "{\"title\":\"\xF5\x80\x80\x80\"}",
                                         "{\"title\":\"cut \xE2\x82\"}", "{\"x\xFF\":1,\"title\":\"x\"}"};

    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        expect_json_error(state, bodies[i], "utf8_invalid");
}

/* Sends a body of any bytes. */
static void send_bytes(api *self, const char *bytes, size_t length, int expected)
{
    char head[512], whole[1024];
    int head_length = snprintf(head, sizeof(head),
                               "POST " TODOS " HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n"
                               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                               self->alice, length);

    memcpy(whole, head, (size_t)head_length);
    memcpy(whole + head_length, bytes, length);
    api_raw(self, whole, (size_t)head_length + length, expected, false);
}

static void a_nul_in_json_is_400(void **state)
{
    static const char raw[] = "{\"title\":\"a\0b\"}", behind[] = "{\"title\":\"a\"}\0";

    send_bytes(*state, raw, sizeof(raw) - 1, 400);
    send_bytes(*state, behind, sizeof(behind) - 1, 400);
    json_object_put(
        api_call(*state, ((api *)*state)->alice, "POST", TODOS, "{\"title\":\"a\\u0000b\"}", 400));
}

static void a_wrong_content_type_is_415(void **state)
{
    static const char *const types[] = {"text/plain",
                                        "application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=x",
                                        "application/jsonx",
                                        "json",
                                        "",
                                        "application/json; charset=latin1",
                                        "application/merge-patch+json"};
    api *self = *state;
    char fields[256];

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        snprintf(fields, sizeof(fields), "Content-Type: %s\r\n", types[i]);
        json_object_put(api_send(self, self->alice, "POST", TODOS, fields, "{\"title\":\"x\"}", 415));
        api_check_error(self, "media_type_unsupported", NULL);
    }
}

static void no_content_type_is_415(void **state)
{
    api *self = *state;
    char text[512];

    snprintf(text, sizeof(text),
             "POST " TODOS " HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\nContent-Length: 13\r\n\r\n"
             "{\"title\":\"x\"}",
             self->alice);
    api_raw_text(self, text, 415, false);
}

static void other_forms_of_the_content_type_are_fine(void **state)
{
    static const char *const types[] = {"Application/JSON", "application/json;charset=utf-8",
                                        "application/json ; charset=\"UTF-8\"", "application/json; v=1"};
    api *self = *state;
    char fields[256], id[40];

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        snprintf(fields, sizeof(fields), "Content-Type: %s\r\n", types[i]);
        json_object_put(api_send(self, self->alice, "POST", TODOS, fields, "{\"title\":\"x\"}", 201));
    }
    api_create(self, self->alice, "x", id);
    json_object_put(api_send(self, self->alice, "PATCH", api_path(id),
                             "Content-Type: application/merge-patch+json\r\n", "{\"title\":\"y\"}", 200));
}

static void an_encoded_body_is_415(void **state)
{
    api *self = *state;

    json_object_put(
        api_send(self, self->alice, "POST", TODOS, "Content-Encoding: gzip\r\n", "{\"title\":\"x\"}", 415));
    api_check_error(self, "encoding_unsupported", NULL);
    json_object_put(api_send(self, self->alice, "POST", TODOS, "Content-Encoding: identity\r\n",
                             "{\"title\":\"x\"}", 201));
}

static void an_unknown_expectation_is_417(void **state)
{
    json_object_put(api_send(*state, NULL, "GET", "/health", "Expect: miracles\r\n", NULL, 417));
}

static char *large_body(size_t size)
{
    static const char begin[] = "{\"title\":\"large\",\"description\":\"";
    char *body = malloc(size + 1);

    memset(body, 'x', size);
    memcpy(body, begin, sizeof(begin) - 1);
    memcpy(body + size - 2, "\"}", 3);
    return body;
}

static void a_body_of_one_mebibyte_is_taken(void **state)
{
    api *self = *state;
    char *body = large_body(1048576);

    json_object_put(api_call(self, self->alice, "POST", TODOS, body, 201));
    free(body);
}

static void a_larger_body_is_413(void **state)
{
    api *self = *state;
    char *body = large_body(1048577);

    api_fails(self, self->alice, "POST", TODOS, body, 413, "body_too_large", NULL);
    free(body);
}

static void a_much_larger_body_is_413_without_being_read(void **state)
{
    api *self = *state;
    char text[512];

    snprintf(text, sizeof(text),
             "POST " TODOS " HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\nExpect: 100-continue\r\n"
             "Content-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n",
             self->alice);
    api_raw_text(self, text, 413, true);
}

/* Sends chunks of 64 KiB until `total` bytes are sent or the server has had enough. */
static bool send_chunks(http_client *client, size_t total)
{
    char *chunk = malloc(65536 + 16);
    bool sent = true;

    memcpy(chunk, "10000\r\n", 7);
    memset(chunk + 7, ' ', 65536);
    memcpy(chunk + 7 + 65536, "\r\n", 2);
    for (size_t i = 0; sent && i < total / 65536; i++)
        sent = http_send(client, chunk, 7 + 65536 + 2);
    free(chunk);
    return sent;
}

static http_client *begin_chunked(api *self)
{
    http_client *client = http_connect(self->server.port);
    char head[512];

    snprintf(head, sizeof(head),
             "POST " TODOS " HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n"
             "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
             self->alice);
    assert_non_null(client);
    assert_true(http_send_text(client, head));
    http_response_clear(&self->response);
    return client;
}

static void a_chunked_body_is_read(void **state)
{
    api *self = *state;
    http_client *client = begin_chunked(self);

    assert_true(http_send_text(client, "8\r\n{\"title\"\r\n"));
    assert_true(http_send_text(client, "7\r\n:\"chunk\r\n3\r\ned\"\r\n1\r\n}\r\n0\r\n\r\n"));
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, 201);
    assert_non_null(strstr(self->response.body, "\"chunked\""));
    http_close(client);
}

static void a_chunked_body_that_is_too_large_is_413(void **state)
{
    api *self = *state;
    http_client *client = begin_chunked(self);

    assert_true(send_chunks(client, 2097152));
    assert_true(http_send_text(client, "0\r\n\r\n"));
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, 413);
    assert_true(http_is_closed(client));
    http_close(client);
}

static void an_endless_chunked_body_is_cut_off(void **state)
{
    api *self = *state;
    http_client *client = begin_chunked(self);

    assert_false(send_chunks(client, (size_t)1 << 30));
    http_close(client);
    json_object_put(api_call(self, NULL, "GET", "/health", NULL, 200));
}

static void a_broken_chunk_is_400_and_the_end(void **state)
{
    static const char *const chunks[] = {"x\r\n",
                                         "-1\r\n",
                                         "0x5\r\nhello\r\n",
                                         "5\r\nhelloo\r\n0\r\n\r\n",
                                         "fffffffffffffffff\r\nx",
                                         "5;x=\r\nhello\r\n",
                                         " 5\r\nhello\r\n"};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(chunks); i++) {
        http_client *client = begin_chunked(self);

        assert_true(http_send_text(client, chunks[i]));
        http_shutdown_write(client);
        assert_true(http_receive(client, false, &self->response));
        assert_int_equal(self->response.status, 400);
        assert_true(http_is_closed(client));
        http_close(client);
    }
}

/* The last chunk without the CR LF behind it: the body is not whole, so that nothing of it is stored. */
static void a_chunked_body_without_its_end_is_not_stored(void **state)
{
    static const char *const ends[] = {"0\r\n", "0\r\n\r"};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        http_client *client = begin_chunked(self);

        assert_true(http_send_text(client, "16\r\n{\"title\":\"unfinished\"}\r\n"));
        assert_true(http_send_text(client, ends[i]));
        http_shutdown_write(client);
        assert_true(http_receive(client, false, &self->response));
        assert_int_equal(self->response.status, 400);
        assert_non_null(strstr(self->response.body, "\"body_incomplete\""));
        assert_true(http_is_closed(client));
        http_close(client);
    }
}

static void a_body_that_ends_early_is_400_and_the_end(void **state)
{
    api *self = *state;
    http_client *client = http_connect(self->server.port);
    char text[512];

    snprintf(text, sizeof(text),
             "POST " TODOS " HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n"
             "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"title\":\"half\"}",
             self->alice);
    assert_true(http_send_text(client, text));
    http_shutdown_write(client);
    http_response_clear(&self->response);
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, 400);
    assert_true(http_is_closed(client));
    http_close(client);
}

/* Each is answered with 400 and the end of the connection: nothing behind it is taken for another request. */
static void unclear_framing_is_400_and_the_end(void **state)
{
    static const char *const fields[] = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5abc\r\n",
        "Content-Length: abc\r\n",
        "Content-Length: \r\n",
        "Content-Length: -5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5.0\r\n",
        "Content-Length: 9999999999999999999999\r\n",
        "Content_Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding:\r\nContent-Length: 5\r\n",
        "Transfer_Encoding: chunked\r\nContent-Length: 5\r\n",
        "X-Folded: a\r\n b\r\nContent-Length: 5\r\n",
        "X-Bare: a\nContent-Length: 5\r\n",
        "\xC3\xA9: a\r\nContent-Length: 5\r\n",
        "No-Colon\r\nContent-Length: 5\r\n",
        ": nameless\r\nContent-Length: 5\r\n",
        "Host: y\r\nContent-Length: 5\r\n",
    };
    api *self = *state;
    char text[1024];

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        snprintf(text, sizeof(text), "POST /api/auth/login HTTP/1.1\r\nHost: x\r\n%s\r\nhello", fields[i]);
        api_raw_text(self, text, 400, true);
    }
}

/* How many answers come for `text`, after which nothing more is sent. */
static unsigned answers_to(api *self, const char *text)
{
    http_client *client = http_connect(self->server.port);
    unsigned count = 0;

    assert_true(http_send(client, text, strlen(text)));
    http_shutdown_write(client);
    for (;;) {
        http_response_clear(&self->response);
        if (!http_receive(client, false, &self->response))
            break;
        count++;
    }
    http_close(client);
    return count;
}

/*
 * civetweb takes two line ends in front of a request for its whole head: the head becomes the body, and the body the next
 * request.
 */
static void blank_lines_before_a_request_make_no_second_one(void **state)
{
    static const char *const blanks[] = {"\r\n\r\n",
                                         "\n\n",
                                         "\r\n\r\n\r\n",
                                         " \r\n\r\n",
                                         "\r\n\r\n \t",
                                         "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", /* aligned as a buffer is */
                                         "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
                                         "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"};
    static const char *const lines[] = {"GET /health", "POST /api/auth/login"};
    static const char form[] = "%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                               "Content-Length: %03d\r\n\r\n";
    static const char second[] = "GET /livez?second HTTP/1.1\r\nHost: y\r\n\r\n";
    char head[256], text[1024];

    for (size_t i = 0; i < COUNT_OF(blanks) * COUNT_OF(lines); i++) {
        const char *blank = blanks[i / COUNT_OF(lines)], *line = lines[i % COUNT_OF(lines)];
        int length = snprintf(head, sizeof(head), form, line, 0);

        for (int more = 0; more <= (int)strlen(blank); more++) {
            snprintf(head, sizeof(head), form, line, length + more);
            snprintf(text, sizeof(text), "%s%s%-*s", blank, head, length + more, second);
            assert_true(answers_to(*state, text) <= 1);
        }
    }
    assert_int_equal(answers_to(*state, "\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"), 1);
    api_raw_text(*state, "\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n", 200, false);
    api_raw_text(*state, "\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n", 400, true);
}

static void chunks_in_http_1_0_are_400_and_the_end(void **state)
{
    api_raw_text(*state,
                 "POST /api/auth/login HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n0\r\n\r\n",
                 400, true);
}

static void a_request_without_a_host_is_400(void **state)
{
    api_raw_text(*state, "GET /health HTTP/1.1\r\n\r\n", 400, true);
    api_raw_text(*state, "GET /health HTTP/1.1\r\nAccept: */*\r\n\r\n", 400, true);
    api_raw_text(*state, "GET /health HTTP/1.0\r\n\r\n", 200, true);
}

static void a_malformed_request_line_is_400_and_the_end(void **state)
{
    static const char *const lines[] = {"GET\r\n\r\n",
                                        "GET /health\r\n\r\n",
                                        "GET  HTTP/1.1\r\n\r\n",
                                        "nonsense\r\n\r\n",
                                        "GET health HTTP/1.1\r\nHost: x\r\n\r\n",
                                        "GET /health HTTP/1.1 x\r\nHost: x\r\n\r\n",
                                        "GET /hea\x01lth HTTP/1.1\r\nHost: x\r\n\r\n",
                                        "GET /health XTTP/1.1\r\nHost: x\r\n\r\n"};

    for (size_t i = 0; i < COUNT_OF(lines); i++)
        api_raw_text(*state, lines[i], 400, true);
}

static void another_version_of_http_is_505(void **state)
{
    api_raw_text(*state, "GET /health HTTP/2.0\r\nHost: x\r\n\r\n", 505, true);
    api_raw_text(*state, "GET /health HTTP/1.7\r\nHost: x\r\n\r\n", 505, true);
}

static void a_nul_in_the_path_is_400(void **state)
{
    static const char raw[] = "GET /hea\0lth HTTP/1.1\r\nHost: x\r\n\r\n";

    api_raw(*state, raw, sizeof(raw) - 1, 400, true);
    api_raw_text(*state, "GET /health%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, true);
    api_raw_text(*state, "GET /api/todos/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, true);
}

static void encoded_slashes_and_dots_lead_nowhere(void **state)
{
    api *self = *state;

    api_fails(self, NULL, "GET", "/api%2Ftodos", NULL, 404, "not_found", "not found");
    api_fails(self, self->alice, "GET", "/api/todos%2Fbatch", NULL, 404, "not_found", "not found");
    api_fails(self, self->alice, "GET", "/api/todos/..%2F..%2Fetc%2Fpasswd", NULL, 404, "not_found",
              "not found");
    api_fails(self, NULL, "GET", "/../../etc/passwd", NULL, 404, "not_found", "not found");
}

/* A request whose fields take about `size` bytes. */
static void send_head_of(api *self, size_t size, int expected)
{
    char *text = malloc(size + 128);
    int start = sprintf(text, "GET /health HTTP/1.1\r\nHost: x\r\nX-Padding: ");

    memset(text + start, 'x', size);
    strcpy(text + start + size, "\r\n\r\n");
    api_raw_text(self, text, expected, expected != 200);
    free(text);
}

static void a_text_that_is_no_consistency_token_is_400(void **state)
{
    static const char valid[] = "X-Consistency-Token: 0000000000000001-0000000000000001\r\n";
    static const char *const bad[] = {
        "nonsense", "0000000000000001-000000000000000g", "0000000000000007-00000000000000077",
        "0000000000000001-00000000000000011111111111111111111111111111111111",
        "0000000000000007-0000000000000007-and-much-more-than-there-is-room-for"};
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "seen", id);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const char *const requests[][2] = {
            {"GET", "/api/todos"}, {"GET", api_path(id)}, {"DELETE", api_path(id)}};
        char field[128];

        snprintf(field, sizeof(field), "X-Consistency-Token: %s\r\n", bad[i]);
        for (size_t j = 0; j < COUNT_OF(requests); j++) {
            json_object_put(api_send(self, self->alice, requests[j][0], requests[j][1], field, NULL, 400));
            api_check_error(self, "consistency_token_invalid", NULL);
        }
    }
    json_object_put(api_send(self, self->alice, "GET", "/api/todos", valid, NULL, 200));
    json_object_put(api_send(self, self->alice, "GET", api_path(id), valid, NULL, 200));
}

static void a_head_that_is_too_large_is_431_or_400(void **state)
{
    send_head_of(*state, 8000, 200);
    send_head_of(*state, 16000, 200);
    send_head_of(*state, 20000, 431);
    send_head_of(*state, 100000, 400);
}

static void too_many_fields_are_400(void **state)
{
    char text[4096] = "GET /api/todos HTTP/1.1\r\nHost: x\r\n";

    for (int i = 0; i < 62; i++)
        sprintf(text + strlen(text), "X-%d: x\r\n", i);
    strcat(text, "X-Last: x\r\n\r\n");
    api_raw_text(*state, text, 403, false);
    strcpy(text + strlen(text) - 2, "X-Edge-Verified: hidden\r\n\r\n");
    api_raw_text(*state, text, 400, true);
}

static void no_error_tells_what_is_behind(void **state)
{
    static const char *const words[] = {"sqlite", "SQL",      "postgres", "PG",
                                        "redis",  "civetweb", "json-c",   "errno"};
    static const char *const bodies[] = {"{", "{\"title\":\" \"}", "{\"title\":1}", "{\"title\":\"\xFF\"}"};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        http_response_clear(&self->response);
        json_object_put(api_call(self, self->alice, "POST", TODOS, bodies[i], i == 2 ? 422 : 400));
        for (size_t j = 0; j < COUNT_OF(words); j++) {
            assert_null(strstr(self->response.body, words[j]));
            assert_null(strstr(self->response.head, words[j]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_json_is_400),
        cmocka_unit_test(a_duplicate_member_is_400),
        cmocka_unit_test(json_that_is_too_deep_is_400),
        cmocka_unit_test(invalid_utf8_is_400),
        cmocka_unit_test(a_nul_in_json_is_400),
        cmocka_unit_test(a_wrong_content_type_is_415),
        cmocka_unit_test(no_content_type_is_415),
        cmocka_unit_test(other_forms_of_the_content_type_are_fine),
        cmocka_unit_test(an_encoded_body_is_415),
        cmocka_unit_test(an_unknown_expectation_is_417),
        cmocka_unit_test(a_body_of_one_mebibyte_is_taken),
        cmocka_unit_test(a_larger_body_is_413),
        cmocka_unit_test(a_much_larger_body_is_413_without_being_read),
        cmocka_unit_test(a_chunked_body_is_read),
        cmocka_unit_test(a_chunked_body_that_is_too_large_is_413),
        cmocka_unit_test(an_endless_chunked_body_is_cut_off),
        cmocka_unit_test(a_broken_chunk_is_400_and_the_end),
        cmocka_unit_test(a_chunked_body_without_its_end_is_not_stored),
        cmocka_unit_test(a_body_that_ends_early_is_400_and_the_end),
        cmocka_unit_test(unclear_framing_is_400_and_the_end),
        cmocka_unit_test(blank_lines_before_a_request_make_no_second_one),
        cmocka_unit_test(chunks_in_http_1_0_are_400_and_the_end),
        cmocka_unit_test(a_request_without_a_host_is_400),
        cmocka_unit_test(a_malformed_request_line_is_400_and_the_end),
        cmocka_unit_test(another_version_of_http_is_505),
        cmocka_unit_test(a_nul_in_the_path_is_400),
        cmocka_unit_test(encoded_slashes_and_dots_lead_nowhere),
        cmocka_unit_test(a_text_that_is_no_consistency_token_is_400),
        cmocka_unit_test(a_head_that_is_too_large_is_431_or_400),
        cmocka_unit_test(too_many_fields_are_400),
        cmocka_unit_test(no_error_tells_what_is_behind),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}

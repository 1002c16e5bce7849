/* The whole path: a client, the edge under wasmtime, todo-server, its store. */
#include "testing.h"

#include "core_server.h"
#include "format.h"
#include "token.h"
#include "whole_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static core_server core;
static struct edge gate;

static void test_a_users_way(void **state)
{
    (void)state;
    char path[128];
    char *ada = path_log_in(&gate, "ada@example.org", NULL),
         *bob = path_log_in(&gate, "bob@example.org", NULL);

    json_object *todo =
        path_call(&gate, ada, "POST", "/api/todos", "{\"title\":\" Write to Charles \"}", 201);
    assert_string_equal(path_text(todo, "title"), "Write to Charles");
    snprintf(path, sizeof(path), "/api/todos/%s", path_text(todo, "id"));
    json_object_put(todo);

    todo = path_call(&gate, ada, "PATCH", path, "{\"completed\":true}", 200);
    assert_true(json_object_get_boolean(json_object_object_get(todo, "completed")));
    json_object_put(todo);
    json_object *list = path_call(&gate, ada, "GET", "/api/todos?completed=true", NULL, 200);
    assert_int_equal(json_object_array_length(list), 1);
    json_object_put(list);
    json_object_put(path_call(&gate, bob, "GET", path, NULL, 404));
    assert_null(path_call(&gate, ada, "DELETE", path, NULL, 204));
    json_object_put(path_call(&gate, ada, "GET", path, NULL, 404));
    free(ada);
    free(bob);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    char *ada = path_log_in(&gate, "ada2@example.org", NULL);

    json_object_put(path_call(&gate, NULL, "GET", "/health", NULL, 200));
    json_object_put(path_call(&gate, NULL, "GET", "/api/todos", NULL, 401));
    json_object_put(path_call(&gate, "a.b.c", "GET", "/api/todos", NULL, 401));
    json_object_put(path_call(&gate, ada, "POST", "/api/todos", "{\"title\":\" \"}", 400));
    json_object_put(path_call(&gate, ada, "PUT", "/api/todos", NULL, 405));
    ada[strlen(ada) - 2] ^= 1;
    json_object_put(path_call(&gate, ada, "GET", "/api/todos", NULL, 401));
    free(ada);

    /* Past the edge: no proof, no answer. */
    http_response response = {0};
    http_client *client = http_connect(core.port);
    assert_true(http_exchange(client, "GET", "/api/todos",
                              "X-User-Id: 0191a000-0000-7000-8000-00000000000a\r\n", NULL, &response));
    assert_int_equal(response.status, 403);
    http_response_clear(&response);
    http_close(client);
}

/* The core refuses by the announced length; the client hears it although it has more to send. */
static void test_too_large(void **state)
{
    (void)state;
    char *ada = path_log_in(&gate, "ada3@example.org", NULL);
    char *piece = calloc(1, 65536);
    char *head = format("POST /api/todos HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        "Authorization: Bearer %s\r\nContent-Length: 50000000\r\n\r\n",
                        ada);

    http_response response = {0};
    http_client *client = http_connect(gate.port);
    http_send_text(client, head);
    http_send(client, piece, 65536);
    assert_true(http_receive(client, false, &response));
    assert_int_equal(response.status, 413);
    http_response_clear(&response);
    http_close(client);
    free(piece);
    free(head);
    free(ada);
}

/* A status from the core, asked directly with these fields. */
static int ask_core(const core_server *server, const char *method, const char *path, const char *fields)
{
    http_response response = {0};
    http_client *client = http_connect(server->port);

    assert_true(http_exchange(client, method, path, fields, NULL, &response));
    http_close(client);
    int status = response.status;
    http_response_clear(&response);
    return status;
}

#define ID    "5f0c8a52-7e3d-4f6e-9a4b-0123456789ab"
#define OTHER "5f0c8a52-7e3d-4f6e-9a4b-0123456789ac"

/* The fields that an edge would send, signed for `path` at `from_now` seconds; to be freed. */
static char *proof(const char *secret, const char *path, long from_now, const char *sent_user,
                   const char *sent_id)
{
    long at = (long)time(NULL) + from_now;
    char *text = format("GET\n%s\n" ID "\n" ID "\n%ld\n", path, at);
    char *token = token_sign_hs256(text, secret); /* the text, a dot, its HMAC */
    char *fields = format("X-User-Id: %s\r\nX-Request-Id: %s\r\nX-Edge-Verified: v1.%ld.%s\r\n", sent_user,
                          sent_id, at, strrchr(token, '.') + 1);

    free(token);
    free(text);
    return fields;
}

static void assert_proof(const core_server *server, char *fields, const char *path, int status)
{
    int got = ask_core(server, "GET", path, fields);

    if (got != status)
        fail_msg("%s %s: %d", path, fields, got);
    free(fields);
}

/* A captured proof is of no use for another user, request, path, method, time or secret. */
static void test_signed_proofs(void **state)
{
    (void)state;
    core_server strict;

    assert_true(core_prepare(&strict));
    assert_true(core_start(
        &strict, (const char *const[]){"EDGE_ASSERTION=signed",
                                       "EDGE_SECRET_PREVIOUS=the one before, of thirty-two bytes", NULL}));
    /* A proof that is good comes as far as the user, and there is none of that id. */
    static const char path[] = "/api/todos?completed=true";
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, 0, ID, ID), path, 401);
    assert_proof(&strict, proof("the one before, of thirty-two bytes", path, 0, ID, ID), path, 401);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, -25, ID, ID), path, 401);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, -40, ID, ID), path, 403);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, 40, ID, ID), path, 403);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, 0, OTHER, ID), path, 403);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, 0, ID, OTHER), path, 403);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, path, 0, ID, ID), "/api/todos?completed=false", 403);
    assert_proof(&strict, proof(CORE_EDGE_SECRET, "/api/todos", 0, ID, ID), path, 403);
    assert_proof(&strict, proof("another", path, 0, ID, ID), path, 403);
    char *fields = proof(CORE_EDGE_SECRET, "/api/todos", 0, ID, ID);
    assert_int_equal(ask_core(&strict, "DELETE", "/api/todos", fields), 403);
    free(fields);
    assert_int_equal(
        ask_core(&strict, "GET", path, "X-User-Id: " ID "\r\nX-Edge-Verified: " CORE_EDGE_SECRET "\r\n"),
        403);
    assert_int_equal(ask_core(&strict, "GET", path, "X-User-Id: " ID "\r\nX-Edge-Verified: v1..\r\n"), 403);

    /* And the edge makes such proofs. */
    struct edge usual = gate;
    core_server usual_core = core;
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", strict.port);
    core = strict;
    assert_true(
        edge_start(&gate, url,
                   (const char *const[]){"JWT_SECRET=" CORE_JWT_SECRET, "EDGE_SECRET=" CORE_EDGE_SECRET,
                                         "EDGE_ASSERTION=signed", NULL}));
    char *ada = path_log_in(&gate, "ada4@example.org", NULL);
    json_object_put(path_call(&gate, ada, "POST", "/api/todos", "{\"title\":\"signed\"}", 201));
    json_object_put(path_call(&gate, ada, "GET", "/api/todos?completed=false", NULL, 200));
    json_object_put(path_call(&gate, ada, "GET", "/api/todos?", NULL, 200));
    edge_stop(&gate);
    assert_true(edge_start(
        &gate, url,
        (const char *const[]){"JWT_SECRET=" CORE_JWT_SECRET, "EDGE_SECRET=" CORE_EDGE_SECRET, NULL}));
    json_object_put(path_call(&gate, ada, "GET", "/api/todos", NULL, 403));
    edge_stop(&gate);
    free(ada);
    gate = usual;
    core = usual_core;
    core_remove(&strict);
}

static int set_up(void **state)
{
    char url[64];

    (void)state;
    assert_true(core_prepare(&core));
    assert_true(core_start(&core, NULL));
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", core.port);
    return edge_start(
               &gate, url,
               (const char *const[]){"JWT_SECRET=" CORE_JWT_SECRET, "EDGE_SECRET=" CORE_EDGE_SECRET, NULL})
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    edge_stop(&gate);
    core_remove(&core);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_users_way),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_signed_proofs),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

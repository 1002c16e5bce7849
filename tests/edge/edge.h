/*
 * The composed component under todo-edge, or under `wasmtime serve` with EDGE_HOST=wasmtime, or jco with EDGE_HOST=jco; started the way operators do, in
 * front of an upstream.
 */
#ifndef TODO_TESTS_EDGE_H
#define TODO_TESTS_EDGE_H

#include "http_client.h"
#include "process.h"
#include "upstream.h"

#define TEST_EDGE_SECRET "what only edge and core know"

struct edge {
    test_process process;
    char folder[64];
    uint16_t port;
};

/* Under which of the hosts the tests run. */
bool edge_is_todo_edge(void);
bool edge_is_jco(void);

/*
 * Starts it on a free port. `core_url` NULL is the default. `more`: further settings, "NAME=value", up to a NULL, which
 * win over the tests' secrets and over `core_url`; NULL when there are none.
 */
bool edge_start(struct edge *edge, const char *core_url, const char *const more[]);
/* The same at an address of the caller's. */
bool edge_start_at(struct edge *edge, const char *address);
void edge_stop(struct edge *edge);

/* The memory that the process has resident, in bytes. */
uint64_t edge_resident(const struct edge *edge);

/* Sends a request with a bearer token (NULL: without), the answer to be cleared. */
http_response edge_request(const struct edge *edge, const char *method, const char *path, const char *token,
                           const char *fields);

/* Sends exactly these bytes on a connection of their own and reads the answer; its status is 0 when there is none. */
http_response edge_raw(const struct edge *edge, const char *bytes);

/* Asserts that an answer is the edge's own error: status, {"error", "code", "request_id"} and the matching field. */
void assert_error(const http_response *response, int status, const char *code, const char *message);

#endif

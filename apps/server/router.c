#include "router.h"

#include <stdio.h>
#include <string.h>

#include "handlers/handlers.h"
#include "http_body.h"
#include "http_error.h"

/* Fills the answer, or fails with the error that becomes the answer. */
typedef todo_status (*handler)(http_request *request, todo_error *error);

typedef struct route {
    const char *path; /* "{id}" stands for a UUID */
    http_method method;
    handler handle;
    bool takes_json; /* the body is JSON, and has been parsed when the handler is called */
} route;

static const route routes[] = {
    {"/api/todos/{id}", HTTP_GET, todos_get, false},
    {"/api/todos", HTTP_GET, todos_list, false},
    {"/api/todos", HTTP_POST, todos_create, true},
    {"/api/todos/{id}", HTTP_PATCH, todos_update, true},
    {"/api/todos/{id}", HTTP_DELETE, todos_remove, false},
    {"/api/todos/{id}/restore", HTTP_POST, todos_restore, false},
    {"/api/todos/batch", HTTP_POST, todos_create_batch, true},
    {"/api/auth/register", HTTP_POST, auth_register, true},
    {"/api/auth/login", HTTP_POST, auth_login, true},
    {"/health", HTTP_GET, health_get, false},
    {"/livez", HTTP_GET, health_live, false},
    {"/readyz", HTTP_GET, health_ready, false},
    {"/metrics", HTTP_GET, metrics_get, false},
};

#define ROUTES_COUNT (sizeof(routes) / sizeof(routes[0]))

/* Whether the path is the route's; reads the id in it. */
static bool matches(const route *candidate, const char *path, todo_uuid *ret_id)
{
    const char *brace = strchr(candidate->path, '{');
    size_t length = brace == NULL ? 0 : (size_t)(brace - candidate->path);
    char id[TODO_UUID_TEXT_SIZE];

    if (brace == NULL)
        return strcmp(candidate->path, path) == 0;
    if (strncmp(candidate->path, path, length) != 0 || strlen(path + length) < sizeof(id) - 1)
        return false;
    memcpy(id, path + length, sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    return strcmp(path + length + sizeof(id) - 1, brace + sizeof("{id}") - 1) == 0 &&
           todo_uuid_parse(id, ret_id, NULL) == TODO_OK;
}

/* The route, or NULL; `ret_allowed` is the set of methods that the path has. */
static const route *find(http_request *request, unsigned *ret_allowed)
{
    http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;

    for (size_t i = 0; i < ROUTES_COUNT; i++) {
        if (!matches(&routes[i], request->path, &request->path_id))
            continue;
        if (routes[i].method == method)
            return &routes[i];
        *ret_allowed |= routes[i].method;
    }
    return NULL;
}

static void allow(http_request *request, unsigned allowed)
{
    char methods[64];

    snprintf(methods, sizeof(methods), "%s%s%s%sOPTIONS", allowed & HTTP_GET ? "GET, HEAD, " : "",
             allowed & HTTP_POST ? "POST, " : "", allowed & HTTP_PATCH ? "PATCH, " : "",
             allowed & HTTP_DELETE ? "DELETE, " : "");
    http_add_field(request, "Allow", methods);
}

static void answer_without_route(http_request *request, unsigned allowed)
{
    if (allowed == 0) {
        http_error_answer(request, 404, "not_found", "not found");
    } else if (request->method == HTTP_OPTIONS) {
        request->status = 204;
        allow(request, allowed);
    } else {
        http_error_answer(request, 405, "method_not_allowed", "method not allowed");
        allow(request, allowed);
    }
}

/* There is one expectation that can be met (RFC 9110, 10.1.1). */
static bool check_expectation(http_request *request)
{
    text_slice value;

    if (request->awaits_100 || !http_field(request, FIELD_EXPECT, &value))
        return true;
    http_error_answer(request, 417, "expectation_failed", "unknown expectation");
    return false;
}

void router_dispatch(http_request *request)
{
    todo_error error = TODO_ERROR_INIT;
    unsigned allowed = 0;
    const route *found = find(request, &allowed);

    if (!check_expectation(request))
        return;
    if (found == NULL) {
        answer_without_route(request, allowed);
        return;
    }
    if (found->takes_json && (!http_body_expect(request) || !http_body_read_json(request)))
        return;
    if (found->handle(request, &error) != TODO_OK)
        http_error_from(request, &error);
}

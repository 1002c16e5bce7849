#include "router.h"

#include <stdio.h>
#include <string.h>

#include "handlers/handlers.h"
#include "http_body.h"
#include "http_error.h"

/* What a route needs is the edge and a user, unless its row says less. */
static const route routes[] = {
    {"/api/todos/{id}", HTTP_GET, .handle = todos_get},
    {"/api/todos", HTTP_GET, .handle = todos_list},
    {"/api/todos", HTTP_POST, .handle = todos_create, .takes_json = true},
    {"/api/todos/{id}", HTTP_PATCH, .handle = todos_update, .takes_json = true},
    {"/api/todos/{id}", HTTP_DELETE, .handle = todos_remove},
    {"/api/todos/{id}/restore", HTTP_POST, .handle = todos_restore},
    {"/api/todos/batch", HTTP_POST, .handle = todos_create_batch, .takes_json = true},
    {"/api/auth/register", HTTP_POST, .handle = auth_register, .takes_json = true, .guard = ROUTE_IS_OPEN},
    {"/api/auth/login", HTTP_POST, .handle = auth_login, .takes_json = true, .guard = ROUTE_IS_OPEN},
    {"/health", HTTP_GET, .handle = health_get, .guard = ROUTE_IS_OPEN},
    {"/livez", HTTP_GET, .handle = health_live, .guard = ROUTE_IS_OPEN},
    {"/readyz", HTTP_GET, .handle = health_ready, .guard = ROUTE_IS_OPEN},
    {"/metrics", HTTP_GET, .handle = metrics_get, .guard = ROUTE_IS_OPEN},
    /* A path without a route is 404 only for a user; without one it is 401. */
    {.path = "/api/todos/..."},
    {.path = "/api/files/..."},
};

void router_find(const http_request *request, route_match *ret_match)
{
    route_find(routes, sizeof(routes) / sizeof(routes[0]), request->method, request->path, ret_match);
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

void router_dispatch(http_request *request, const route_match *match)
{
    todo_error error = TODO_ERROR_INIT;
    const route *found = match->route;

    if (!check_expectation(request))
        return;
    if (found == NULL) {
        answer_without_route(request, match->allowed);
        return;
    }
    request->path_id = match->id;
    if (found->takes_json && (!http_body_expect(request) || !http_body_read_json(request)))
        return;
    if (found->handle(request, &error) != TODO_OK)
        http_error_from(request, &error);
}

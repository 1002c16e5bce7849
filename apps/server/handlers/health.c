#include "handlers.h"

#include <string.h>

#define PROBE_TIMEOUT_MS 2000

static todo_status answer_ok(http_request *request, todo_error *error)
{
    static const char ok[] = "{\"status\":\"ok\"}";

    request->status = 200;
    return todo_buffer_append(http_body(request), ok, sizeof(ok) - 1, error);
}

todo_status health_get(http_request *request, todo_error *error)
{
    return answer_ok(request, error);
}

/* The process serves requests: nothing that a restart would not mend is looked at. */
todo_status health_live(http_request *request, todo_error *error)
{
    return answer_ok(request, error);
}

/* Whether traffic should be sent here. */
todo_status health_ready(http_request *request, todo_error *error)
{
    todo_call call = request->call;
    todo_status status;

    if (atomic_load(&request->app->phase) != APP_RUNNING)
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "stopping", NULL, "the server is stopping");
    todo_call_set_timeout(&call, PROBE_TIMEOUT_MS);
    status = todo_store_probe(request->app->store, &call, NULL, NULL, error);
    return status == TODO_OK ? answer_ok(request, error) : status;
}

#include "http_error.h"

#include <stdio.h>
#include <string.h>

int http_error_status(todo_status status)
{
    switch (status) {
    case TODO_ERR_INVALID:
        return 400;
    case TODO_ERR_UNPROCESSABLE:
        return 422;
    case TODO_ERR_UNAUTHENTICATED:
        return 401;
    case TODO_ERR_FORBIDDEN:
        return 403;
    case TODO_ERR_NOT_FOUND:
        return 404;
    case TODO_ERR_CONFLICT:
        return 409;
    case TODO_ERR_PRECONDITION:
        return 412;
    case TODO_ERR_TOO_LARGE:
        return 413;
    case TODO_ERR_RATE_LIMITED:
        return 429;
    case TODO_ERR_UNAVAILABLE:
    case TODO_ERR_TIMEOUT:
        return 503;
    default:
        return 500;
    }
}

static void add_member(http_request *request, const char *name, const char *value)
{
    todo_buffer *body = http_body(request);

    if (todo_buffer_append(body, name, strlen(name), NULL) != TODO_OK ||
        todo_json_write_string(body, value, NULL) != TODO_OK)
        request->broken = true;
}

static void answer(http_request *request, int status, const char *code, const char *field,
                   const char *message)
{
    http_reset_body(request);
    http_reset_fields(request);
    request->content_type = "application/json";
    request->cache_control = "no-store";
    request->status = status;
    snprintf(request->code, sizeof(request->code), "%s", code);
    add_member(request, "{\"error\":", message);
    add_member(request, ",\"code\":", code);
    if (field[0] != '\0')
        add_member(request, ",\"field\":", field);
    add_member(request, ",\"request_id\":", request->id);
    if (todo_buffer_append(http_body(request), "}", 1, NULL) != TODO_OK)
        request->broken = true;
    if (status == 401)
        http_add_field(request, "WWW-Authenticate", "Bearer");
}

void http_error_from(http_request *request, const todo_error *error)
{
    int status = http_error_status(error->status);
    char seconds[16];

    answer(request, status, error->code, error->field, error->message);
    snprintf(request->detail, sizeof(request->detail), "%s", error->detail);
    snprintf(seconds, sizeof(seconds), "%d", error->retry_after > 0 ? (int)error->retry_after : 1);
    if (status == 429 || status == 503)
        http_add_field(request, "Retry-After", seconds);
}

void http_error_answer(http_request *request, int status, const char *code, const char *message)
{
    answer(request, status, code, "", message);
}

#include "middleware.h"

#include <string.h>
#include <time.h>

#include "edge_proof.h"
#include "http_error.h"

static bool is_sane_id(text_slice id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

    if (id.length == 0 || id.length >= HTTP_ID_SIZE)
        return false;
    for (size_t i = 0; i < id.length; i++)
        if (memchr(allowed, id.start[i], sizeof(allowed) - 1) == NULL)
            return false;
    return true;
}

static void take_request_id(http_request *request)
{
    text_slice id;

    if (http_field(request, FIELD_REQUEST_ID, &id) && is_sane_id(id)) {
        memcpy(request->id, id.start, id.length);
        request->id[id.length] = '\0';
    } else {
        worker_make_id(request->worker, request->id);
    }
}

static bool check_framing(http_request *request)
{
    if (request->fault == NULL)
        return true;
    /* Where this request ends can't be trusted: nothing more is read from the connection. */
    request->closes = true;
    request->body_done = true;
    http_error_answer(request, request->fault->status, request->fault->code, request->fault->message);
    return false;
}

static bool check_edge(http_request *request)
{
    text_slice given;

    if (http_field(request, FIELD_EDGE_VERIFIED, &given) &&
        edge_proof_valid(request, given, (int64_t)time(NULL)))
        return true;
    http_error_answer(request, 403, "edge_required", "forbidden");
    return false;
}

static bool take_user(http_request *request)
{
    text_slice given;
    char text[TODO_UUID_TEXT_SIZE];

    if (http_field(request, FIELD_USER_ID, &given) && given.length == sizeof(text) - 1) {
        memcpy(text, given.start, given.length);
        text[given.length] = '\0';
        if (todo_uuid_parse(text, &request->user, NULL) == TODO_OK)
            return true;
    }
    http_error_answer(request, 401, "user_required", "unauthorized");
    return false;
}

static bool take_token(http_request *request)
{
    text_slice given;
    char text[TODO_SEQUENCE_TEXT_SIZE] = "";
    todo_error error = TODO_ERROR_INIT;

    if (!http_field(request, FIELD_CONSISTENCY_TOKEN, &given))
        return true;
    if (given.length < sizeof(text))
        memcpy(text, given.start, given.length);
    if (todo_sequence_parse(text, &request->at_least, &error) != TODO_OK) {
        http_error_answer(request, 400, error.code, error.message);
        return false;
    }
    request->call.at_least = &request->at_least;
    return true;
}

bool middleware_run(http_request *request, route_guard guard)
{
    take_request_id(request);
    if (!check_framing(request))
        return false;
    switch (guard) {
    case ROUTE_IS_OPEN:
        return true;
    case ROUTE_NEEDS_EDGE:
        return check_edge(request);
    default:
        return check_edge(request) && take_user(request) && take_token(request);
    }
}

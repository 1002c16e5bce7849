#include "http_body.h"

#include <poll.h>
#include <string.h>

#include "app.h"
#include "http_error.h"

#define SKIP_MAX   65536 /* bytes of an unwanted body that are worth keeping the connection for */
#define DRAIN_MAX  (8 * HTTP_BODY_MAX) /* bytes read before a connection is closed */
#define DRAIN_US   2000000             /* and how long that may take */
#define CHUNKS_MIN 4096                /* bytes first made room for when the length is not known */
#define PIECE      65536

static bool is_chunked(const http_request *request)
{
    text_slice value;

    return http_field(request, FIELD_TRANSFER_ENCODING, &value);
}

static bool is_json(text_slice type, bool patch)
{
    text_slice parameters = type;
    const char *semicolon = memchr(type.start, ';', type.length);

    if (semicolon != NULL) {
        type = text_trim((text_slice){type.start, (size_t)(semicolon - type.start)});
        parameters.length -= (size_t)(semicolon + 1 - parameters.start);
        parameters.start = semicolon + 1;
        parameters = text_trim(parameters);
        if (parameters.length > 8 && text_is_nocase((text_slice){parameters.start, 8}, "charset=") &&
            !text_is_nocase(parameters, "charset=utf-8") && !text_is_nocase(parameters, "charset=\"utf-8\""))
            return false;
    }
    return text_is_nocase(type, "application/json") ||
           (patch && text_is_nocase(type, "application/merge-patch+json"));
}

bool http_body_expect(http_request *request)
{
    text_slice value;

    if (request->info->content_length > (long long)HTTP_BODY_MAX) {
        http_error_answer(request, 413, "body_too_large", "the body is larger than 1 MiB");
        return false;
    }
    if (!http_field(request, FIELD_CONTENT_TYPE, &value) || !is_json(value, request->method == HTTP_PATCH)) {
        http_error_answer(request, 415, "media_type_unsupported", "Content-Type must be application/json");
        return false;
    }
    if (http_field(request, FIELD_CONTENT_ENCODING, &value) && !text_is_nocase(value, "identity")) {
        http_error_answer(request, 415, "encoding_unsupported", "no Content-Encoding is supported");
        return false;
    }
    return true;
}

/* Lets a client that asked first send its body. */
static void say_continue(http_request *request)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (request->awaits_100)
        mg_write(request->connection, go_on, sizeof(go_on) - 1);
    request->awaits_100 = false;
}

/* Reads up to `size` bytes; fewer at the end of the body. -1 when the client broke off or sent a broken chunk. */
static long read_upto(http_request *request, char *bytes, size_t size)
{
    size_t length = 0;

    while (length < size) {
        int got = mg_read(request->connection, bytes + length, size - length);

        if (got < 0)
            return -1;
        if (got == 0)
            break;
        worker_got(request->worker, (size_t)got);
        length += (size_t)got;
    }
    return (long)length;
}

/* Reads a body of any length, up to one byte more than is allowed, into the worker's input. As read_upto. */
static long read_chunks(http_request *request)
{
    worker *thread = request->worker;
    size_t length = 0;

    for (size_t size = CHUNKS_MIN;; size *= 4) {
        long got;

        if (size > HTTP_BODY_MAX)
            size = HTTP_BODY_MAX + 1;
        if (!worker_grow_input(thread, size))
            return -1;
        got = read_upto(request, thread->input + length, size - length);
        if (got < 0)
            return -1;
        length += (size_t)got;
        if (length < size || size > HTTP_BODY_MAX)
            return (long)length;
    }
}

/*
 * Whether the body is the request's own head, which civetweb hands out when it took blank lines in front of the request for
 * the head. Where the request ends is not known then.
 */
static bool is_own_head(const http_request *request, const char *body, size_t length)
{
    size_t blanks = 0, rest;

    while (blanks < length && (body[blanks] == '\r' || body[blanks] == '\n' || body[blanks] == ' ' ||
                               (body[blanks] >= '\t' && body[blanks] <= '\f')))
        blanks++;
    rest = length - blanks;
    if (rest > strlen(request->info->request_method) + 1)
        rest = strlen(request->info->request_method) + 1;
    return rest > 0 && memcmp(body + blanks, request->info->request_method, rest) == 0;
}

/*
 * Whether the client may still send. civetweb ends a chunked body at the end of its connection too, also when the CR LF after
 * the last chunk has not come, and does not tell the two apart: decision 26.
 */
static bool may_still_send(const http_request *request)
{
    worker *thread = request->worker;
    struct pollfd socket = {.fd = thread->park_fd, .events = POLLRDHUP};

    if (socket.fd < 0)
        socket.fd = sockets_find((uint16_t)request->info->server_port, &thread->peer);
    return socket.fd >= 0 && poll(&socket, 1, 0) == 0 && !atomic_load(&thread->client_late);
}

/* Reads the whole body into the worker's input. False when the request was answered. */
static bool read_whole(http_request *request, size_t *ret_length)
{
    bool chunked = is_chunked(request);
    size_t announced = request->info->content_length > 0 ? (size_t)request->info->content_length : 0;
    long length = -1;

    worker_wait_for_client(request->worker, 0);
    if (chunked)
        length = read_chunks(request);
    else if (worker_grow_input(request->worker, announced + 1))
        length = read_upto(request, request->worker->input, announced);
    worker_go_on(request->worker);
    if (length > 0 && is_own_head(request, request->worker->input, (size_t)length))
        length = -1;
    if (chunked && length >= 0 && length <= (long)HTTP_BODY_MAX && !may_still_send(request))
        length = -1;
    if (length >= 0 && (chunked ? length <= (long)HTTP_BODY_MAX : length == (long)announced)) {
        request->body_done = true;
        *ret_length = (size_t)length;
        return true;
    }
    request->closes = true;
    if (length > (long)HTTP_BODY_MAX)
        http_error_answer(request, 413, "body_too_large", "the body is larger than 1 MiB");
    else if (atomic_load(&request->worker->client_late))
        http_error_answer(request, 408, "request_timeout", "the body came too slowly");
    else if (atomic_load(&request->app->phase) == APP_STOPPED)
        http_error_answer(request, 503, "stopping", "the server is stopping");
    else
        http_error_answer(request, 400, "body_incomplete", "the body ended early or is malformed");
    return false;
}

bool http_body_read_json(http_request *request)
{
    todo_error error = TODO_ERROR_INIT;
    todo_status status;
    size_t length;

    say_continue(request);
    if (!read_whole(request, &length))
        return false;
    status = todo_json_parse(request->worker->input, length, &request->json, &error);
    if (status != TODO_OK)
        http_error_from(request, &error);
    return status == TODO_OK;
}

bool http_body_can_skip(const http_request *request)
{
    if (request->body_done)
        return true;
    if (request->awaits_100)
        return false;
    return !is_chunked(request) && request->info->content_length <= SKIP_MAX;
}

void http_body_skip(http_request *request)
{
    size_t length;

    if (request->closes || request->body_done || request->info->content_length <= 0)
        return;
    length = (size_t)request->info->content_length;
    if (!worker_grow_input(request->worker, length) ||
        read_upto(request, request->worker->input, length) != (long)length ||
        is_own_head(request, request->worker->input, length))
        request->closes = true;
    request->body_done = true;
}

void http_body_drain(http_request *request)
{
    int64_t end = app_clock() + DRAIN_US;
    char bytes[PIECE];
    size_t drained = 0;

    if (request->body_done || request->awaits_100)
        return;
    while (drained < DRAIN_MAX && app_clock() < end) {
        int got = mg_read(request->connection, bytes, sizeof(bytes));

        if (got <= 0)
            return;
        drained += (size_t)got;
    }
}

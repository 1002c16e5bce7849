#include "http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "framing.h"
#include "http_body.h"

#define CROWDED_PAUSE_US 50000 /* a client that pauses longer between requests does not need its worker */
#define CROWDED_ANSWERS  1000  /* then others have their turn */

static http_method method_of(const char *name)
{
    static const struct {
        const char *name;
        http_method method;
    } methods[] = {{"GET", HTTP_GET},     {"HEAD", HTTP_HEAD},     {"POST", HTTP_POST},
                   {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS}};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(name, methods[i].name) == 0)
            return methods[i].method;
    return HTTP_OTHER;
}

/* Whether a list, such as the value of Connection, names an option. */
static bool has_option(text_slice list, const char *option)
{
    text_slice element;

    while (text_next_element(&list, &element))
        if (text_is_nocase(element, option))
            return true;
    return false;
}

/* As civetweb decides it, so that what the answer says is what happens. */
static bool client_closes(const http_request *request)
{
    text_slice connection, upgrade;

    if (http_field(request, "Upgrade", &upgrade))
        return true;
    if (http_field(request, "Connection", &connection))
        return !has_option(connection, "keep-alive");
    return strcmp(request->info->http_version, "1.1") != 0;
}

/*
 * A worker serves one connection at a time, so an idle connection keeps it from others. When few workers are free,
 * connections are closed unless their client asks again at once, and at times even then.
 */
static bool is_crowded_out(const http_request *request)
{
    uint32_t threads = request->app->config->threads, answers = request->worker->answers;
    unsigned connections = atomic_load_explicit(&request->app->connections, memory_order_relaxed);

    if (connections < threads - threads / 4)
        return false;
    return answers == 0 || answers % CROWDED_ANSWERS == 0 ||
           request->begun - request->worker->last_answered > CROWDED_PAUSE_US;
}

void http_begin(http_request *request, struct mg_connection *connection, app *app_state, worker *thread)
{
    text_slice expectation;

    memset(request, 0, offsetof(http_request, fields));
    request->fields_length = 0;
    request->code[0] = '\0';
    request->detail[0] = '\0';
    request->connection = connection;
    request->info = mg_get_request_info(connection);
    request->app = app_state;
    request->worker = thread;
    request->method = method_of(request->info->request_method);
    request->path = request->info->local_uri_raw;
    request->begun = app_clock();
    todo_call_init(&request->call, sizeof(request->call));
    request->call.deadline = request->begun + (int64_t)app_state->config->call_timeout_ms * 1000;
    request->call.request_id = request->id;
    request->awaits_100 =
        http_field(request, "Expect", &expectation) && text_is_nocase(expectation, "100-continue");
    request->closes = client_closes(request) || is_crowded_out(request);
    todo_buffer_truncate(thread->answer, HTTP_HEAD_ROOM);
}

bool http_field(const http_request *request, const char *name, text_slice *ret_value)
{
    return framing_field(request->info, name, ret_value);
}

bool http_query(const http_request *request, const char *name, char *value, size_t size)
{
    const char *query = request->info->query_string;
    int length = query == NULL ? -1 : mg_get_var(query, strlen(query), name, value, size);

    if (length == -1)
        return false;
    if (length < 0 || strlen(value) != (size_t)length)
        value[0] = '\0';
    return true;
}

todo_buffer *http_body(const http_request *request)
{
    return request->worker->answer;
}

void http_reset_body(http_request *request)
{
    todo_buffer_truncate(request->worker->answer, HTTP_HEAD_ROOM);
}

void http_add_field(http_request *request, const char *name, const char *format, ...)
{
    char *end = request->fields + request->fields_length;
    size_t room = sizeof(request->fields) - request->fields_length;
    int head = snprintf(end, room, "%s: ", name), value = 0;
    va_list arguments;

    va_start(arguments, format);
    if (head > 0 && (size_t)head < room)
        value = vsnprintf(end + head, room - (size_t)head, format, arguments);
    va_end(arguments);
    if (value <= 0 || (size_t)head + (size_t)value + 2 >= room) {
        request->broken = true;
        return;
    }
    memcpy(end + head + value, "\r\n", 2);
    request->fields_length += (size_t)head + (size_t)value + 2;
}

static const char *reason_of(int status)
{
    switch (status) {
    case 413:
        return "Content Too Large";
    case 422:
        return "Unprocessable Content";
    default:
        return mg_get_response_code_text(NULL, status);
    }
}

/* The IMF-fixdate (RFC 9110, 5.6.7), made once a second. */
static const char *date_of(worker *thread)
{
    time_t now = time(NULL);
    struct tm parts;

    if (now != thread->date_second && gmtime_r(&now, &parts) != NULL) {
        /* The C locale is never changed, so the names are English. */
        strftime(thread->date, sizeof(thread->date), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        thread->date_second = now;
    }
    return thread->date;
}

/* Writes the head into `head`; its length, or 0 when it does not fit. */
static size_t build_head(http_request *request, size_t body_length, char head[HTTP_HEAD_ROOM])
{
    bool bodyless = request->status == 204 || request->status == 304;
    char content[96] = "";
    int length;

    if (!bodyless)
        snprintf(content, sizeof(content), "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                 body_length);
    length =
        snprintf(head, HTTP_HEAD_ROOM, "HTTP/1.1 %d %s\r\nDate: %s\r\n%sX-Request-Id: %s\r\n%s%.*s\r\n",
                 request->status, reason_of(request->status), date_of(request->worker), content, request->id,
                 request->closes                                   ? "Connection: close\r\n"
                 : strcmp(request->info->http_version, "1.0") == 0 ? "Connection: keep-alive\r\n"
                                                                   : "",
                 (int)request->fields_length, request->fields);
    return length > 0 && (size_t)length < HTTP_HEAD_ROOM ? (size_t)length : 0;
}

/* Head and body become one run of bytes, and so one send. */
static bool write_answer(http_request *request)
{
    char head[HTTP_HEAD_ROOM];
    size_t length = todo_buffer_length(request->worker->answer);
    size_t head_length = build_head(request, length - HTTP_HEAD_ROOM, head),
           start = HTTP_HEAD_ROOM - head_length;

    if (head_length == 0 || request->broken)
        return false;
    todo_buffer_overwrite(request->worker->answer, start, head, head_length);
    if (request->method == HTTP_HEAD || request->status == 204 || request->status == 304)
        length = HTTP_HEAD_ROOM;
    length -= start;
    return mg_write(request->connection, todo_buffer_data(request->worker->answer) + start, length) ==
           (int)length;
}

void http_send(http_request *request)
{
    if (!http_body_can_skip(request) || atomic_load(&request->app->phase) != APP_RUNNING)
        request->closes = true;
    if (!write_answer(request))
        request->closes = true;
    if (request->closes) {
        http_body_drain(request);
        mg_disable_connection_keep_alive(request->connection);
    }
    request->worker->answers++;
    request->worker->last_answered = app_clock();
}

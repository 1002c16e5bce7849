#include "http.h"

#include <string.h>

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

    if (http_field(request, FIELD_UPGRADE, &upgrade))
        return true;
    if (http_field(request, FIELD_CONNECTION, &connection))
        return !has_option(connection, "keep-alive");
    return strcmp(request->info->http_version, "1.1") != 0;
}

static const struct mg_request_info unreadable = {
    .request_method = "", .request_uri = "", .local_uri_raw = "", .http_version = "1.1"};

void http_begin(http_request *request, struct mg_connection *connection, const struct mg_request_info *info,
                struct app *app_state, worker *thread)
{
    text_slice expectation;

    memset(request, 0, offsetof(http_request, fields_in));
    request->status = 0;
    request->content_type = "application/json";
    request->cache_control = "no-store";
    request->fields = (text_out){request->field_bytes, sizeof(request->field_bytes), 0, false};
    request->code[0] = '\0';
    request->detail[0] = '\0';
    request->connection = connection;
    request->info = info != NULL ? info : &unreadable;
    request->app = app_state;
    request->worker = thread;
    request->method = method_of(request->info->request_method);
    request->path = request->info->local_uri_raw;
    request->fault = framing_read(info, request->fields_in);
    request->begun = app_clock();
    thread->pause = request->begun - thread->answered;
    if (thread->answers == 0 && info != NULL)
        worker_set_peer(thread, request->info->remote_addr, request->info->remote_port);
    todo_call_init(&request->call, sizeof(request->call));
    request->call.request_id = request->id;
    request->call.ret_sequence = &request->shown;
    request->awaits_100 =
        http_field(request, FIELD_EXPECT, &expectation) && text_is_nocase(expectation, "100-continue");
    request->closes = request->fault != NULL || client_closes(request);
    todo_buffer_truncate(thread->answer, HTTP_HEAD_ROOM);
}

bool http_field(const http_request *request, framing_name name, text_slice *ret_value)
{
    *ret_value = request->fields_in[name];
    return ret_value->start != NULL;
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

void http_add_field(http_request *request, const char *name, const char *value)
{
    text_put(&request->fields, name);
    text_put_bytes(&request->fields, ": ", 2);
    text_put(&request->fields, value);
    text_put_bytes(&request->fields, "\r\n", 2);
}

void http_reset_fields(http_request *request)
{
    request->fields.length = 0;
    request->fields.overflow = false;
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

static bool has_body(const http_request *request)
{
    return request->status != 204 && request->status != 304;
}

static void put_token(text_out *head, const todo_sequence *shown)
{
    char token[TODO_SEQUENCE_TEXT_SIZE];

    todo_sequence_format(shown, token);
    text_put(head, "\r\nX-Consistency-Token: ");
    text_put(head, token);
}

static void put_head(http_request *request, size_t body_length, text_out *head)
{
    text_put(head, "HTTP/1.1 ");
    text_put_number(head, (unsigned)request->status);
    text_put(head, " ");
    text_put(head, reason_of(request->status));
    text_put(head, "\r\nDate: ");
    text_put(head, date_of(request->worker));
    if (has_body(request)) {
        text_put(head, "\r\nContent-Type: ");
        text_put(head, request->content_type);
        text_put(head, "\r\nContent-Length: ");
        text_put_number(head, body_length);
    }
    text_put(head, "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: ");
    text_put(head, request->cache_control);
    text_put(head, "\r\nX-Request-Id: ");
    text_put(head, request->id);
    if (request->shown.epoch != 0)
        put_token(head, &request->shown);
    if (request->closes)
        text_put(head, "\r\nConnection: close");
    else if (strcmp(request->info->http_version, "1.0") == 0)
        text_put(head, "\r\nConnection: keep-alive");
    text_put(head, "\r\n");
    text_put_bytes(head, request->fields.bytes, request->fields.length);
    text_put(head, "\r\n");
}

/* Head and body become one run of bytes, and so one send. */
static bool write_answer(http_request *request)
{
    todo_buffer *answer = request->worker->answer;
    char bytes[HTTP_HEAD_ROOM];
    text_out head = {bytes, sizeof(bytes), 0, false};
    size_t length = todo_buffer_length(answer), start;
    bool written;

    put_head(request, length - HTTP_HEAD_ROOM, &head);
    if (head.overflow || request->fields.overflow || request->broken)
        return false;
    start = HTTP_HEAD_ROOM - head.length;
    todo_buffer_overwrite(answer, start, bytes, head.length);
    length = (request->method == HTTP_HEAD || !has_body(request) ? HTTP_HEAD_ROOM : length) - start;
    worker_wait_for_client(request->worker, length);
    written = mg_write(request->connection, todo_buffer_data(answer) + start, length) == (int)length;
    worker_go_on(request->worker);
    return written;
}

void http_send(http_request *request)
{
    if (!write_answer(request))
        request->closes = true;
    request->worker->answers++;
    request->worker->answered = app_clock();
}

#include "head.h"

#include <stdio.h>
#include <time.h>

#define ROOM 512 /* for what is added to the fields and first line */

static void put(struct head *head, const char *text, size_t length)
{
    memcpy(head->text + head->length, text, length);
    head->length += length;
}

static void put_text(struct head *head, const char *text)
{
    put(head, text, strlen(text));
}

static void put_field(struct head *head, const struct field *field)
{
    put(head, field->name, field->name_length);
    put(head, ": ", 2);
    put(head, field->value, field->value_length);
    put(head, "\r\n", 2);
}

static size_t fields_size(const struct fields *fields)
{
    size_t size = 0;

    for (size_t i = 0; i < fields->count; i++)
        size += fields->at[i].name_length + fields->at[i].value_length + 4;
    return size;
}

static int64_t length_of(const struct outgoing *outgoing)
{
    return fields_length(outgoing->fields.at, outgoing->fields.count);
}

static bool begin(struct call *call, const struct outgoing *outgoing, size_t first_line, struct head *head)
{
    int64_t length = length_of(outgoing);

    head->text = call_alloc(call, first_line + fields_size(&outgoing->fields) + ROOM);
    head->length = 0;
    head->framing = outgoing->body == NULL ? SINK_NONE : length >= 0 ? SINK_LENGTH : SINK_CHUNKED;
    head->body_length = length >= 0 ? (uint64_t)length : 0;
    return head->text != NULL && length != -2;
}

static bool has_field(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (field_is(&fields->at[i], name))
            return true;
    return false;
}

static void put_fields(struct head *head, const struct fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        put_field(head, &fields->at[i]);
}

bool head_of_request(struct call *call, const struct outgoing *outgoing, struct head *ret_head)
{
    const char *method = outgoing->method;
    size_t first = strlen(method) + strlen(outgoing->path) + strlen(outgoing->authority);

    if (!begin(call, outgoing, first, ret_head))
        return false;
    put_text(ret_head, method);
    put_text(ret_head, " ");
    put_text(ret_head, outgoing->path);
    put_text(ret_head, " HTTP/1.1\r\nHost: ");
    put_text(ret_head, outgoing->authority);
    put_text(ret_head, "\r\n");
    put_fields(ret_head, &outgoing->fields);
    if (ret_head->framing == SINK_CHUNKED)
        put_text(ret_head, "Transfer-Encoding: chunked\r\n");
    /* Where a body would be expected, none is announced, too (RFC 9110, 8.6). */
    if (ret_head->framing == SINK_NONE &&
        (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0) &&
        length_of(outgoing) == -1)
        put_text(ret_head, "Content-Length: 0\r\n");
    put_text(ret_head, "\r\n");
    return true;
}

/* The IMF-fixdate (RFC 9110, 5.6.7), made once a second. */
void head_date(char *ret_line, size_t size)
{
    static _Thread_local time_t made;
    static _Thread_local char text[48];
    time_t now = time(NULL);
    struct tm parts;

    if (now != made && gmtime_r(&now, &parts) != NULL) {
        strftime(text, sizeof(text), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
        made = now;
    }
    snprintf(ret_line, size, "%s", text);
}

const char *head_reason(unsigned status)
{
    switch (status) {
#define REASON(number, name, text) \
    case number:                   \
        return #text;
        HTTP_STATUS_MAP(REASON)
#undef REASON
    default:
        return "";
    }
}

static void put_date(struct head *head)
{
    char line[64];

    head_date(line, sizeof(line));
    put_text(head, line);
}

bool head_of_answer(struct call *call, const struct outgoing *outgoing, struct head *ret_head)
{
    unsigned status = outgoing->status;
    bool bodiless = call->client->parser.method == HTTP_HEAD || status == 204 || status == 304;
    bool old = call->client->parser.http_minor == 0;
    char line[64];

    if (!begin(call, outgoing, 0, ret_head))
        return false;
    if (bodiless)
        ret_head->framing = SINK_NONE;
    else if (old && ret_head->framing == SINK_CHUNKED)
        ret_head->framing = SINK_UNTIL_CLOSE;
    call->request->keep_alive = call->request->keep_alive && ret_head->framing != SINK_UNTIL_CLOSE;
    put(ret_head, line,
        (size_t)snprintf(line, sizeof(line), "HTTP/1.1 %u %s\r\n", status % 1000, head_reason(status)));
    put_fields(ret_head, &outgoing->fields);
    if (!has_field(&outgoing->fields, "date"))
        put_date(ret_head);
    if (ret_head->framing == SINK_CHUNKED)
        put_text(ret_head, "transfer-encoding: chunked\r\n");
    if (ret_head->framing == SINK_NONE && !bodiless && length_of(outgoing) == -1)
        put_text(ret_head, "content-length: 0\r\n");
    if (!call->request->keep_alive)
        put_text(ret_head, "connection: close\r\n");
    else if (old)
        put_text(ret_head, "connection: keep-alive\r\n");
    put_text(ret_head, "\r\n");
    return true;
}

bool head_may_set(const struct field *field)
{
    static const char *const hosts[] = {"connection",
                                        "keep-alive",
                                        "proxy-authenticate",
                                        "proxy-authorization",
                                        "proxy-connection",
                                        "transfer-encoding",
                                        "upgrade",
                                        "host",
                                        "http2-settings"};

    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
        if (field_is(field, hosts[i]))
            return false;
    return true;
}

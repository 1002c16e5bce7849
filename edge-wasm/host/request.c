#include "request.h"

#include <strings.h>

static const struct request_fault bad_host = {400, "host_invalid", "exactly one Host is required"};
static const struct request_fault bad_length = {400, "content_length_invalid", "invalid Content-Length"};
static const struct request_fault bad_coding = {400, "transfer_encoding_invalid",
                                                "invalid Transfer-Encoding"};
static const struct request_fault bad_target = {400, "target_invalid", "invalid request target"};
static const struct request_fault no_memory = {503, "overloaded", "out of memory"};

/* CGI and its heirs read Content_Length as Content-Length. */
static bool spelled_oddly(const struct field *field, const char *name)
{
    if (field->name_length != strlen(name))
        return false;
    for (size_t i = 0; i < field->name_length; i++)
        if (strncasecmp(&field->name[i], &name[i], 1) != 0 && !(field->name[i] == '_' && name[i] == '-'))
            return false;
    return !field_is(field, name);
}

/* One length or one `chunked`, never both (RFC 9112, 6.3). */
static const struct request_fault *check_body(const struct wire *client)
{
    int64_t length = fields_length(client->fields, client->fields_count);
    unsigned codings;
    const struct field *coding = wire_field(client, "transfer-encoding", &codings);

    for (size_t i = 0; i < client->fields_count; i++) {
        if (spelled_oddly(&client->fields[i], "content-length"))
            return &bad_length;
        if (spelled_oddly(&client->fields[i], "transfer-encoding"))
            return &bad_coding;
    }
    if (length == -2)
        return &bad_length;
    if (codings == 0)
        return NULL;
    if (coding == NULL || length != -1 || client->parser.http_minor == 0 || coding->value_length != 7 ||
        strncasecmp(coding->value, "chunked", 7) != 0)
        return &bad_coding;
    return NULL;
}

/* The authority is Host's, or that of a target in absolute form, which wins (RFC 9112, 3.2.2). */
static const struct request_fault *read_host(struct call *call)
{
    const struct wire *client = call->client;
    unsigned count;
    const struct field *host = wire_field(client, "host", &count);

    if (count > 1 || (count == 0 && client->parser.http_minor != 0) ||
        (host != NULL && !is_visible(host->value, host->value_length)))
        return &bad_host;
    call->authority = host == NULL || host->value_length == 0 ? NULL : host->value;
    call->authority_length = host == NULL ? 0 : host->value_length;
    return NULL;
}

static const struct request_fault *read_target(struct call *call)
{
    const char *at = call->client->target;
    size_t length = call->client->target_length, authority;

    if (length == 0 || !is_visible(at, length) || memchr(at, '#', length) != NULL)
        return &bad_target;
    if (length > 7 && strncasecmp(at, "http://", 7) == 0) {
        at += 7;
        length -= 7;
        for (authority = 0; authority < length && strchr("/?", at[authority]) == NULL; authority++)
            continue;
        call->authority = at;
        call->authority_length = authority;
        at += authority;
        length -= authority;
        if (authority == 0 || length == 0 || *at != '/')
            return &bad_target;
    }
    call->path = at;
    call->path_length = length;
    return NULL;
}

/* Host is told as the authority, and how the body came is between us and the client. */
static bool show_fields(struct call *call)
{
    const struct wire *client = call->client;
    struct field *shown = call_alloc(call, (client->fields_count + 1) * sizeof(*shown));
    size_t count = 0;

    if (shown == NULL)
        return false;
    for (size_t i = 0; i < client->fields_count; i++) {
        const struct field *field = &client->fields[i];
        if (field_is(field, "expect"))
            call->awaits_100 |=
                field->value_length == 12 && strncasecmp(field->value, "100-continue", 12) == 0;
        if (!field_is(field, "host") && !field_is(field, "transfer-encoding"))
            shown[count++] = *field;
    }
    call->fields = (struct fields){shown, count};
    return true;
}

const struct request_fault *request_read(struct call *call)
{
    const struct request_fault *fault = check_body(call->client);

    call->awaits_100 = false;
    if (fault == NULL)
        fault = read_host(call);
    if (fault == NULL)
        fault = read_target(call);
    if (fault == NULL && !show_fields(call))
        fault = &no_memory;
    call->keep_alive = wire_keeps_alive(call->client);
    return fault;
}

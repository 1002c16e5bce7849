#include "request.h"

#include <strings.h>

static const struct request_fault bad_host = {400, "host_invalid", "exactly one Host is required"};
static const struct request_fault bad_length = {400, "content_length_invalid", "invalid Content-Length"};
static const struct request_fault bad_coding = {400, "transfer_encoding_invalid",
                                                "invalid Transfer-Encoding"};
static const struct request_fault bad_target = {400, "target_invalid", "invalid request target"};

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
static const struct request_fault *read_host(const struct wire *client, struct request *request)
{
    unsigned count;
    const struct field *host = wire_field(client, "host", &count);

    if (count > 1 || (count == 0 && client->parser.http_minor != 0) ||
        (host != NULL && !is_visible(host->value, host->value_length)))
        return &bad_host;
    request->authority = host == NULL || host->value_length == 0 ? NULL : host->value;
    request->authority_length = host == NULL ? 0 : host->value_length;
    return NULL;
}

static const struct request_fault *read_target(const struct wire *client, struct request *request)
{
    const char *at = client->target;
    size_t length = client->target_length, authority;

    if (length == 0 || !is_visible(at, length) || memchr(at, '#', length) != NULL)
        return &bad_target;
    if (length > 7 && strncasecmp(at, "http://", 7) == 0) {
        at += 7;
        length -= 7;
        for (authority = 0; authority < length && strchr("/?", at[authority]) == NULL; authority++)
            continue;
        request->authority = at;
        request->authority_length = authority;
        at += authority;
        length -= authority;
        if (authority == 0 || length == 0 || *at != '/')
            return &bad_target;
    }
    request->path = at;
    request->path_length = length;
    return NULL;
}

static bool awaits_100(const struct wire *client)
{
    unsigned count;
    const struct field *expect = wire_field(client, "expect", &count);

    return expect != NULL && client->parser.http_minor != 0 && !client->body.complete &&
           expect->value_length == 12 && strncasecmp(expect->value, "100-continue", 12) == 0;
}

const struct request_fault *request_read(const struct wire *client, struct request *ret_request)
{
    const struct request_fault *fault = check_body(client);

    if (fault == NULL)
        fault = read_host(client, ret_request);
    if (fault == NULL)
        fault = read_target(client, ret_request);
    ret_request->awaits_100 = awaits_100(client);
    ret_request->keep_alive = wire_keeps_alive(client);
    return fault;
}

/* wasi:http: what the client sent, what the core is sent and answers, and what the client is answered. */
#include "head.h"
#include "imports.h"

#include <ctype.h>
#include <stdlib.h>

static wasmtime_error_t *no_handle(void)
{
    return call_trap("a handle of another type, or too many of them");
}

/* fields */

static bool copy_field(struct call *call, const value *entry, struct field *ret_field)
{
    const wasm_name_t *name = &entry->of.tuple.data[0].of.string;
    const value *list = &entry->of.tuple.data[1];
    char *text = call_text(call, name->data, name->size), *bytes = call_bytes(call, list);

    if (text == NULL || bytes == NULL)
        return false;
    *ret_field = (struct field){text, name->size, bytes, list->of.list.size};
    return true;
}

static wasmtime_error_t *fields_from_list(struct call *call, value *arguments, value *ret)
{
    const wasmtime_component_vallist_t *list = &arguments[0].of.list;
    struct resource *made = call_new(call, RESOURCE_FIELDS);
    struct field *at = call_alloc(call, (list->size + 1) * sizeof(*at));

    if (made == NULL || at == NULL)
        return no_handle();
    for (size_t i = 0; i < list->size; i++) {
        if (!copy_field(call, &list->data[i], &at[i]))
            return no_handle();
        bool valid = field_is_valid(&at[i]);
        if (!valid || !head_may_set(&at[i])) {
            made->type = RESOURCE_FREE;
            *ret = value_err_with(value_case(valid ? "forbidden" : "invalid-syntax"));
            return NULL;
        }
    }
    made->fields = (struct fields){at, list->size};
    *ret = value_ok_with(call_own(call, made));
    return NULL;
}

static wasmtime_error_t *fields_entries(struct call *call, value *arguments, value *ret)
{
    struct resource *resource = call_get(call, &arguments[0], RESOURCE_FIELDS);

    if (resource == NULL)
        return no_handle();
    *ret = value_list(resource->fields.count);
    for (size_t i = 0; i < resource->fields.count; i++) {
        const struct field *field = &resource->fields.at[i];
        ret->of.list.data[i] = value_pair(value_string(field->name, field->name_length),
                                          value_bytes(field->value, field->value_length));
    }
    return NULL;
}

static wasmtime_error_t *give_fields(struct call *call, const struct fields *fields, value *ret)
{
    struct resource *made = call_new(call, RESOURCE_FIELDS);

    if (made == NULL)
        return no_handle();
    made->fields = *fields;
    *ret = call_own(call, made);
    return NULL;
}

/* incoming-request */

static wasmtime_error_t *request_method(struct call *call, value *arguments, value *ret)
{
    static const char *const known[] = {"get",     "head",    "post",  "put",  "delete",
                                        "connect", "options", "trace", "patch"};
    const char *method = http_method_str((enum http_method)call->client->parser.method);
    char lower[16];
    size_t length = 0;

    if (call_get(call, &arguments[0], RESOURCE_INCOMING_REQUEST) == NULL)
        return no_handle();
    for (; method[length] != '\0' && length + 1 < sizeof(lower); length++)
        lower[length] = (char)tolower((unsigned char)method[length]);
    lower[length] = '\0';
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(known[i], lower) == 0) {
            *ret = value_case(lower);
            return NULL;
        }
    }
    *ret = value_case_with("other", value_string(method, strlen(method)));
    return NULL;
}

static wasmtime_error_t *request_path(struct call *call, value *arguments, value *ret)
{
    if (call_get(call, &arguments[0], RESOURCE_INCOMING_REQUEST) == NULL)
        return no_handle();
    *ret = value_some(value_string(call->request->path, call->request->path_length));
    return NULL;
}

static wasmtime_error_t *request_scheme(struct call *call, value *arguments, value *ret)
{
    if (call_get(call, &arguments[0], RESOURCE_INCOMING_REQUEST) == NULL)
        return no_handle();
    *ret = value_some(value_case(call->config->https ? "HTTPS" : "HTTP"));
    return NULL;
}

static wasmtime_error_t *request_authority(struct call *call, value *arguments, value *ret)
{
    if (call_get(call, &arguments[0], RESOURCE_INCOMING_REQUEST) == NULL)
        return no_handle();
    *ret = call->request->authority == NULL
               ? value_none()
               : value_some(value_string(call->request->authority, call->request->authority_length));
    return NULL;
}

static wasmtime_error_t *request_headers(struct call *call, value *arguments, value *ret)
{
    if (call_get(call, &arguments[0], RESOURCE_INCOMING_REQUEST) == NULL)
        return no_handle();
    return give_fields(call, &call->fields, ret);
}

static wasmtime_error_t *give_body(struct call *call, const struct source *source, value *ret)
{
    struct resource *made = call_new(call, RESOURCE_INCOMING_BODY);

    if (made == NULL)
        return no_handle();
    made->source = *source;
    *ret = value_ok_with(call_own(call, made));
    return NULL;
}

static wasmtime_error_t *request_consume(struct call *call, value *arguments, value *ret)
{
    if (call_get(call, &arguments[0], RESOURCE_INCOMING_REQUEST) == NULL)
        return no_handle();
    return give_body(call, &(struct source){call->client, NULL}, ret);
}

static wasmtime_error_t *incoming_body_stream(struct call *call, value *arguments, value *ret)
{
    struct resource *body = call_get(call, &arguments[0], RESOURCE_INCOMING_BODY);
    struct resource *made = call_new(call, RESOURCE_INPUT_STREAM);

    if (body == NULL || made == NULL)
        return no_handle();
    made->source = body->source;
    *ret = value_ok_with(call_own(call, made));
    return NULL;
}

/* What the guest prepares. */

static struct outgoing *new_outgoing(struct call *call, const value *handle)
{
    struct resource *fields = call_get(call, handle, RESOURCE_FIELDS);
    struct outgoing *made = call_alloc(call, sizeof(*made));

    if (fields == NULL || made == NULL)
        return NULL;
    *made = (struct outgoing){
        .fields = fields->fields, .method = "GET", .path = "/", .authority = "", .status = 200};
    fields->type = RESOURCE_FREE;
    return made;
}

static wasmtime_error_t *construct(struct call *call, const value *fields, enum resource_type type,
                                   value *ret)
{
    struct outgoing *outgoing = new_outgoing(call, fields);
    struct resource *made = call_new(call, type);

    if (outgoing == NULL || made == NULL)
        return no_handle();
    made->outgoing = outgoing;
    *ret = call_own(call, made);
    return NULL;
}

static wasmtime_error_t *outgoing_request(struct call *call, value *arguments, value *ret)
{
    return construct(call, &arguments[0], RESOURCE_OUTGOING_REQUEST, ret);
}

static wasmtime_error_t *outgoing_response(struct call *call, value *arguments, value *ret)
{
    return construct(call, &arguments[0], RESOURCE_OUTGOING_RESPONSE, ret);
}

static wasmtime_error_t *open_body(struct call *call, struct resource *resource, value *ret)
{
    if (resource == NULL)
        return no_handle();
    if (resource->outgoing->body != NULL) {
        *ret = value_err();
        return NULL;
    }
    struct resource *made = call_new(call, RESOURCE_OUTGOING_BODY);
    struct sink *sink = call_sink(call);
    if (made == NULL || sink == NULL)
        return no_handle();
    resource->outgoing->body = made->sink = sink;
    *ret = value_ok_with(call_own(call, made));
    return NULL;
}

static wasmtime_error_t *outgoing_request_body(struct call *call, value *arguments, value *ret)
{
    return open_body(call, call_get(call, &arguments[0], RESOURCE_OUTGOING_REQUEST), ret);
}

static wasmtime_error_t *outgoing_response_body(struct call *call, value *arguments, value *ret)
{
    return open_body(call, call_get(call, &arguments[0], RESOURCE_OUTGOING_RESPONSE), ret);
}

/* Sets a text of the request line or of Host, if it is fit for that, and says so. */
static wasmtime_error_t *set_text(struct call *call, const char **ret_text, const wasm_name_t *text,
                                  value *ret)
{
    bool fit = text->size > 0 && is_visible(text->data, text->size);

    if (fit && (*ret_text = call_text(call, text->data, text->size)) == NULL)
        return no_handle();
    *ret = fit ? value_ok() : value_err();
    return NULL;
}

static wasmtime_error_t *set_if_given(struct call *call, const char **ret_text, const value *text, value *ret)
{
    if (text != NULL)
        return set_text(call, ret_text, &text->of.string, ret);
    *ret = value_ok();
    return NULL;
}

static wasmtime_error_t *request_set_method(struct call *call, value *arguments, value *ret)
{
    struct resource *request = call_get(call, &arguments[0], RESOURCE_OUTGOING_REQUEST);
    const wasmtime_component_valvariant_t *method = &arguments[1].of.variant;

    if (request == NULL)
        return no_handle();
    if (method->val != NULL)
        return set_text(call, &request->outgoing->method, &method->val->of.string, ret);
    char *upper = call_text(call, method->discriminant.data, method->discriminant.size);
    if (upper == NULL)
        return no_handle();
    for (char *at = upper; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    request->outgoing->method = upper;
    *ret = value_ok();
    return NULL;
}

static wasmtime_error_t *request_set_path(struct call *call, value *arguments, value *ret)
{
    struct resource *request = call_get(call, &arguments[0], RESOURCE_OUTGOING_REQUEST);

    if (request == NULL)
        return no_handle();
    return set_if_given(call, &request->outgoing->path, arguments[1].of.option, ret);
}

static wasmtime_error_t *request_set_authority(struct call *call, value *arguments, value *ret)
{
    struct resource *request = call_get(call, &arguments[0], RESOURCE_OUTGOING_REQUEST);

    if (request == NULL)
        return no_handle();
    return set_if_given(call, &request->outgoing->authority, arguments[1].of.option, ret);
}

static wasmtime_error_t *request_set_scheme(struct call *call, value *arguments, value *ret)
{
    struct resource *request = call_get(call, &arguments[0], RESOURCE_OUTGOING_REQUEST);
    const value *scheme = arguments[1].of.option;

    if (request == NULL)
        return no_handle();
    bool known = scheme == NULL || value_is_case(scheme, "HTTP") || value_is_case(scheme, "HTTPS");
    request->outgoing->https = scheme != NULL && value_is_case(scheme, "HTTPS");
    *ret = known ? value_ok() : value_err();
    return NULL;
}

static wasmtime_error_t *response_set_status(struct call *call, value *arguments, value *ret)
{
    struct resource *response = call_get(call, &arguments[0], RESOURCE_OUTGOING_RESPONSE);
    uint16_t status = arguments[1].of.u16;

    if (response == NULL)
        return no_handle();
    if (status >= 200 && status <= 599)
        response->outgoing->status = status;
    *ret = status >= 200 && status <= 599 ? value_ok() : value_err();
    return NULL;
}

static wasmtime_error_t *body_write(struct call *call, value *arguments, value *ret)
{
    struct resource *body = call_get(call, &arguments[0], RESOURCE_OUTGOING_BODY);
    struct resource *made = call_new(call, RESOURCE_OUTPUT_STREAM);

    if (body == NULL || made == NULL)
        return no_handle();
    made->sink = body->sink;
    *ret = value_ok_with(call_own(call, made));
    return NULL;
}

/* Trailers are not passed on. */
static wasmtime_error_t *body_finish(struct call *call, value *arguments, value *ret)
{
    struct resource *body = call_get(call, &arguments[0], RESOURCE_OUTGOING_BODY);

    if (body == NULL)
        return no_handle();
    if (arguments[1].of.option != NULL) {
        struct resource *trailers = call_get(call, arguments[1].of.option, RESOURCE_FIELDS);
        if (trailers != NULL)
            trailers->type = RESOURCE_FREE;
    }
    body->type = RESOURCE_FREE;
    *ret = sink_finish(body->sink) ? value_ok()
                                   : value_err_with(value_case_with("HTTP-request-body-size", value_none()));
    return NULL;
}

static wasmtime_error_t *outparam_set(struct call *call, value *arguments, value *ret)
{
    struct resource *out = call_get(call, &arguments[0], RESOURCE_RESPONSE_OUTPARAM), *response;

    (void)ret;
    if (out == NULL)
        return no_handle();
    out->type = RESOURCE_FREE;
    if (!arguments[1].of.result.is_ok)
        return NULL; /* the server answers for it */
    response = call_get(call, arguments[1].of.result.val, RESOURCE_OUTGOING_RESPONSE);
    if (response == NULL || !call_answer(call, response->outgoing))
        return no_handle();
    response->type = RESOURCE_FREE;
    return NULL;
}

/* request-options */

static const struct options no_timeouts = {{DAY_MS, DAY_MS, DAY_MS}};

static wasmtime_error_t *request_options(struct call *call, value *arguments, value *ret)
{
    struct resource *made = call_new(call, RESOURCE_REQUEST_OPTIONS);

    (void)arguments;
    if (made == NULL)
        return no_handle();
    made->options = no_timeouts;
    *ret = call_own(call, made);
    return NULL;
}

static wasmtime_error_t *set_timeout(struct call *call, value *arguments, enum timeout timeout, value *ret)
{
    struct resource *options = call_get(call, &arguments[0], RESOURCE_REQUEST_OPTIONS);

    if (options == NULL)
        return no_handle();
    options->options.ms[timeout] = value_ms(arguments[1].of.option);
    *ret = value_ok();
    return NULL;
}

static wasmtime_error_t *options_set_connect(struct call *call, value *arguments, value *ret)
{
    return set_timeout(call, arguments, TIMEOUT_CONNECT, ret);
}

static wasmtime_error_t *options_set_first_byte(struct call *call, value *arguments, value *ret)
{
    return set_timeout(call, arguments, TIMEOUT_FIRST_BYTE, ret);
}

static wasmtime_error_t *options_set_between_bytes(struct call *call, value *arguments, value *ret)
{
    return set_timeout(call, arguments, TIMEOUT_BETWEEN_BYTES, ret);
}

/* outgoing-handler, future-incoming-response, incoming-response */

static wasmtime_error_t *handle(struct call *call, value *arguments, value *ret)
{
    struct resource *request = call_get(call, &arguments[0], RESOURCE_OUTGOING_REQUEST), *made;
    struct options options = no_timeouts;

    if (request == NULL)
        return no_handle();
    request->type = RESOURCE_FREE;
    if (arguments[1].of.option != NULL) {
        struct resource *given = call_get(call, arguments[1].of.option, RESOURCE_REQUEST_OPTIONS);
        if (given == NULL)
            return no_handle();
        options = given->options;
        given->type = RESOURCE_FREE;
    }
    if (call->request->awaits_100 && call->exchanges_count == 0 && call_reads_client(call)) {
        call->wants_body = true;
        return call_trap("the client's body is to be there first");
    }
    struct exchange *exchange = exchange_start(call, request->outgoing, &options);
    if (exchange == NULL)
        return no_handle();
    if (exchange->error != NULL) {
        *ret = value_err_with(exchange_error_value(exchange->error));
        return NULL;
    }
    made = call_new(call, RESOURCE_FUTURE_RESPONSE);
    if (made == NULL)
        return no_handle();
    made->exchange = exchange;
    *ret = value_ok_with(call_own(call, made));
    return NULL;
}

static wasmtime_error_t *future_subscribe(struct call *call, value *arguments, value *ret)
{
    struct resource *future = call_get(call, &arguments[0], RESOURCE_FUTURE_RESPONSE);

    if (future == NULL)
        return no_handle();
    return imports_subscribe(call, &(struct pollable){.kind = POLL_EXCHANGE, .exchange = future->exchange},
                             ret);
}

static wasmtime_error_t *future_get(struct call *call, value *arguments, value *ret)
{
    struct resource *future = call_get(call, &arguments[0], RESOURCE_FUTURE_RESPONSE), *made;

    if (future == NULL)
        return no_handle();
    struct exchange *exchange = future->exchange;
    exchange_check(exchange);
    if (exchange->error != NULL) {
        *ret = value_some(value_ok_with(value_err_with(exchange_error_value(exchange->error))));
    } else if (!exchange->answered) {
        *ret = value_none();
    } else {
        if ((made = call_new(call, RESOURCE_INCOMING_RESPONSE)) == NULL)
            return no_handle();
        made->exchange = exchange;
        *ret = value_some(value_ok_with(value_ok_with(call_own(call, made))));
    }
    return NULL;
}

static wasmtime_error_t *response_status(struct call *call, value *arguments, value *ret)
{
    struct resource *response = call_get(call, &arguments[0], RESOURCE_INCOMING_RESPONSE);

    if (response == NULL)
        return no_handle();
    *ret = value_u16((uint16_t)response->exchange->link->wire.parser.status_code);
    return NULL;
}

static wasmtime_error_t *response_headers(struct call *call, value *arguments, value *ret)
{
    struct resource *response = call_get(call, &arguments[0], RESOURCE_INCOMING_RESPONSE);

    if (response == NULL)
        return no_handle();
    struct wire *wire = &response->exchange->link->wire;
    return give_fields(call, &(struct fields){wire->fields, wire->fields_count}, ret);
}

static wasmtime_error_t *response_consume(struct call *call, value *arguments, value *ret)
{
    struct resource *response = call_get(call, &arguments[0], RESOURCE_INCOMING_RESPONSE);

    if (response == NULL)
        return no_handle();
    return give_body(call, &(struct source){&response->exchange->link->wire, response->exchange}, ret);
}

static const struct host_import types_imports[] = {
    {"fields", NULL, RESOURCE_FIELDS, false},
    {"incoming-request", NULL, RESOURCE_INCOMING_REQUEST, false},
    {"outgoing-request", NULL, RESOURCE_OUTGOING_REQUEST, false},
    {"incoming-response", NULL, RESOURCE_INCOMING_RESPONSE, false},
    {"outgoing-response", NULL, RESOURCE_OUTGOING_RESPONSE, false},
    {"incoming-body", NULL, RESOURCE_INCOMING_BODY, false},
    {"outgoing-body", NULL, RESOURCE_OUTGOING_BODY, false},
    {"future-incoming-response", NULL, RESOURCE_FUTURE_RESPONSE, false},
    {"request-options", NULL, RESOURCE_REQUEST_OPTIONS, false},
    {"response-outparam", NULL, RESOURCE_RESPONSE_OUTPARAM, false},
    {"[static]fields.from-list", fields_from_list, 0, false},
    {"[method]fields.entries", fields_entries, 0, false},
    {"[method]incoming-request.method", request_method, 0, false},
    {"[method]incoming-request.path-with-query", request_path, 0, false},
    {"[method]incoming-request.scheme", request_scheme, 0, false},
    {"[method]incoming-request.authority", request_authority, 0, false},
    {"[method]incoming-request.headers", request_headers, 0, false},
    {"[method]incoming-request.consume", request_consume, 0, false},
    {"[constructor]outgoing-request", outgoing_request, 0, false},
    {"[method]outgoing-request.body", outgoing_request_body, 0, false},
    {"[method]outgoing-request.set-method", request_set_method, 0, false},
    {"[method]outgoing-request.set-path-with-query", request_set_path, 0, false},
    {"[method]outgoing-request.set-scheme", request_set_scheme, 0, false},
    {"[method]outgoing-request.set-authority", request_set_authority, 0, false},
    {"[method]incoming-response.status", response_status, 0, false},
    {"[method]incoming-response.headers", response_headers, 0, false},
    {"[method]incoming-response.consume", response_consume, 0, false},
    {"[method]incoming-body.stream", incoming_body_stream, 0, false},
    {"[method]outgoing-body.write", body_write, 0, false},
    {"[static]outgoing-body.finish", body_finish, 0, false},
    {"[method]future-incoming-response.subscribe", future_subscribe, 0, false},
    {"[method]future-incoming-response.get", future_get, 0, false},
    {"[constructor]request-options", request_options, 0, false},
    {"[method]request-options.set-connect-timeout", options_set_connect, 0, false},
    {"[method]request-options.set-first-byte-timeout", options_set_first_byte, 0, false},
    {"[method]request-options.set-between-bytes-timeout", options_set_between_bytes, 0, false},
    {"[static]response-outparam.set", outparam_set, 0, false},
    {"[constructor]outgoing-response", outgoing_response, 0, false},
    {"[method]outgoing-response.set-status-code", response_set_status, 0, false},
    {"[method]outgoing-response.body", outgoing_response_body, 0, false},
};
static const struct host_import handler_imports[] = {{"handle", handle, 0, false}};

INTERFACE(wasi_http_types, "wasi:http/types@0.2.0", types_imports);
INTERFACE(wasi_http_outgoing_handler, "wasi:http/outgoing-handler@0.2.0", handler_imports);

#include "answer.h"
#include "../shared/messages.h"
#include "config.h"
#include "cors.h"
#include <stdlib.h>

#define MESSAGE_LENGTH_MAX 128

struct text {
    char at[512];
    size_t length;
};

static void append(struct text *text, struct str part)
{
    memcpy(text->at + text->length, part.ptr, part.len);
    text->length += part.len;
}

/* Appends a message so that it can stand between quotes in JSON and in a header field alike (RFC 6750, 3). */
static void append_message(struct text *text, struct str message)
{
    for (size_t i = 0; i < message.len && i < MESSAGE_LENGTH_MAX; i++) {
        char c = message.ptr[i];
        text->at[text->length++] = c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
    }
}

static void append_body(struct text *text, const struct request *request, struct str code, struct str message)
{
    append(text, STR("{\"error\":\""));
    append_message(text, message);
    append(text, STR("\",\"code\":\""));
    append(text, code);
    append(text, STR("\",\"request_id\":\""));
    append(text, (struct str){request->id, UUID_LENGTH});
    append(text, STR("\"}"));
}

static void write_body(wasi_http_types_own_outgoing_body_t body, struct text *text)
{
    wasi_http_types_own_output_stream_t stream;
    wasi_io_streams_stream_error_t stream_error;
    wasi_http_types_error_code_t error;
    gateway_list_u8_t bytes = {(uint8_t *)text->at, text->length};

    wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream);
    wasi_io_streams_method_output_stream_blocking_write_and_flush(
        wasi_io_streams_borrow_output_stream(stream), &bytes, &stream_error);
    wasi_io_streams_output_stream_drop_own(stream);
    wasi_http_types_static_outgoing_body_finish(body, NULL, &error);
}

static struct str decimal(char buffer[4], size_t number)
{
    size_t at = 4;

    do {
        buffer[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct str){buffer + at, 4 - at};
}

static void answer(const struct request *request, wasi_http_types_own_response_outparam_t out,
                   unsigned status, struct text *body, struct fields *fields)
{
    wasi_http_types_own_fields_t headers;
    wasi_http_types_result_own_outgoing_response_error_code_t result = {.is_err = false};
    wasi_http_types_own_outgoing_body_t stream;
    char length[4];
    bool has_body = body->length > 0 && request->method.tag != WASI_HTTP_TYPES_METHOD_HEAD;

    if (body->length > 0) {
        fields_add(fields, STR("content-type"), STR("application/json"));
        fields_add(fields, STR("content-length"), decimal(length, body->length));
    }
    cors_allow(config_get(), request->origin, fields);
    fields_add(fields, STR("x-request-id"), (struct str){request->id, UUID_LENGTH});
    if (!fields_write(fields, &headers)) {
        abort();
    }
    wasi_http_types_own_outgoing_response_t response = wasi_http_types_constructor_outgoing_response(headers);
    wasi_http_types_borrow_outgoing_response_t borrowed = wasi_http_types_borrow_outgoing_response(response);
    wasi_http_types_method_outgoing_response_set_status_code(borrowed, (uint16_t)status);
    if (has_body) {
        wasi_http_types_method_outgoing_response_body(borrowed, &stream);
    }
    result.val.ok = response;
    wasi_http_types_static_response_outparam_set(out, &result);
    if (has_body) {
        write_body(stream, body);
    }
}

void answer_error(const struct request *request, wasi_http_types_own_response_outparam_t out, unsigned status,
                  const char *code, struct str message)
{
    struct text body = {.length = 0};
    struct field room[FIELDS_ADDED_MAX];
    struct fields fields = {room, 0};

    if (status == 503) {
        fields_add(&fields, STR("retry-after"), STR("1"));
    }
    if (status == 405) {
        fields_add(&fields, STR("allow"), STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    }
    append_body(&body, request, (struct str){code, strlen(code)}, message);
    answer(request, out, status, &body, &fields);
}

void answer_preflight(const struct request *request, wasi_http_types_own_response_outparam_t out)
{
    struct text body = {.length = 0};
    struct field room[FIELDS_ADDED_MAX];
    struct fields fields = {room, 0};

    cors_allow_preflight(&fields);
    answer(request, out, 204, &body, &fields);
}

void answer_unauthorized(const struct request *request, wasi_http_types_own_response_outparam_t out,
                         struct str message)
{
    bool missing = str_equal(message, STR(TOKEN_MISSING));
    bool early = str_equal(message, STR(TOKEN_NOT_YET_VALID)) || str_equal(message, STR(TOKEN_ISSUED_AHEAD));
    struct str code = missing                                  ? STR("token_missing")
                      : early                                  ? STR("token_not_yet_valid")
                      : str_equal(message, STR(TOKEN_EXPIRED)) ? STR("token_expired")
                                                               : STR("token_invalid");
    struct text body = {.length = 0}, challenge = {.length = 0};
    struct field room[FIELDS_ADDED_MAX];
    struct fields fields = {room, 0};

    append(&challenge, STR("Bearer"));
    /* A request that brought no token is told how to authenticate, not what went wrong (RFC 6750, 3.1). */
    if (!missing) {
        append(&challenge, STR(" error=\"invalid_token\", error_description=\""));
        append_message(&challenge, message);
        append(&challenge, STR("\""));
    }
    fields_add(&fields, STR("www-authenticate"), (struct str){challenge.at, challenge.length});
    append_body(&body, request, code, message);
    answer(request, out, 401, &body, &fields);
}

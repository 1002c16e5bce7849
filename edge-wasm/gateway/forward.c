#include "forward.h"
#include "../shared/arena.h"
#include "answer.h"
#include "assertion.h"
#include "config.h"
#include "cors.h"
#include "origin.h"
#include "pump.h"

/* Where the values of added fields lie. */
struct field_room {
    struct origin_room origin;
    char assertion[ASSERTION_LENGTH_MAX];
};

struct exchange {
    const struct request *request;
    const struct config *config;
    wasi_http_types_own_response_outparam_t out;
    bool is_health;
    bool answered; /* `out` was used */
    wasi_http_types_own_future_incoming_response_t future;
    wasi_io_poll_own_pollable_t future_ready;
    wasi_http_types_own_incoming_response_t response;
    bool has_response;
    bool uploads; /* or has done so: the wait for the answer is watched here then */
    struct pump up, down;
};

/* GET and HEAD are forwarded without a body, which would mean nothing (RFC 9110, 9.3.1). */
static bool may_have_body(const struct request *request)
{
    return request->method.tag != WASI_HTTP_TYPES_METHOD_GET &&
           request->method.tag != WASI_HTTP_TYPES_METHOD_HEAD;
}

static struct str sign(const struct request *request, const struct config *config, struct str user_id,
                       struct field_room *room)
{
    wasi_clocks_wall_clock_datetime_t now;

    wasi_clocks_wall_clock_now(&now);
    return assertion_make(request, user_id, config->edge_secret, now.seconds, room->assertion);
}

/* What the core gets to read: the client's fields less what is not its to say, plus what the edge vouches for. */
static void prepare_fields(struct request *request, const struct config *config, struct str user_id,
                           struct field_room *room)
{
    struct fields *fields = &request->fields;

    fields_drop_unforwarded(fields);
    fields_drop(fields, STR("host"));
    fields_drop(fields, STR("authorization"));
    fields_drop(fields, STR("expect"));
    if (!may_have_body(request)) {
        fields_drop(fields, STR("content-length"));
    }
    origin_set(request, config, &room->origin);
    fields_add(fields, STR("x-request-id"), (struct str){request->id, UUID_LENGTH});
    if (user_id.ptr != NULL) {
        fields_add(fields, STR("x-user-id"), user_id);
    }
    if (config->edge_secret.ptr != NULL) {
        fields_add(fields, STR("x-edge-verified"),
                   config->signs ? sign(request, config, user_id, room) : config->edge_secret);
    }
}

static bool make_request(struct request *request, const struct config *config,
                         wasi_http_types_own_outgoing_request_t *ret_outgoing)
{
    wasi_http_types_own_fields_t headers;
    wasi_http_types_scheme_t scheme = {
        config->https ? WASI_HTTP_TYPES_SCHEME_HTTPS : WASI_HTTP_TYPES_SCHEME_HTTP, {{NULL, 0}}};
    gateway_string_t authority = {(uint8_t *)config->authority.ptr, config->authority.len};
    gateway_string_t path = {(uint8_t *)request->path_with_query.ptr, request->path_with_query.len};

    if (!fields_write(&request->fields, &headers)) {
        return false;
    }
    wasi_http_types_own_outgoing_request_t outgoing = wasi_http_types_constructor_outgoing_request(headers);
    wasi_http_types_borrow_outgoing_request_t borrowed = wasi_http_types_borrow_outgoing_request(outgoing);
    if (wasi_http_types_method_outgoing_request_set_method(borrowed, &request->method) &&
        wasi_http_types_method_outgoing_request_set_scheme(borrowed, &scheme) &&
        wasi_http_types_method_outgoing_request_set_authority(borrowed, &authority) &&
        wasi_http_types_method_outgoing_request_set_path_with_query(borrowed, &path)) {
        *ret_outgoing = outgoing;
        return true;
    }
    wasi_http_types_outgoing_request_drop_own(outgoing);
    return false;
}

static void fail(struct exchange *exchange, unsigned status, const char *code, struct str message)
{
    answer_error(exchange->request, exchange->out, exchange->is_health ? 503 : status, code, message);
    exchange->answered = true;
}

static void fail_by_error(struct exchange *exchange, const wasi_http_types_error_code_t *error)
{
    switch (error->tag) {
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_READ_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_WRITE_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_RESPONSE_TIMEOUT:
        fail(exchange, 504, "core_timeout", STR("the core did not answer in time"));
        break;
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_HEADER_SECTION_SIZE:
        answer_error(exchange->request, exchange->out, 431, "fields_too_large",
                     STR("request header fields too large"));
        exchange->answered = true;
        break;
    default:
        fail(exchange, 502, "core_unreachable", STR("the core cannot be reached"));
        break;
    }
}

/*
 * Opens the client's body if it has one. Hosts do not show Transfer-Encoding to a component, so that without a
 * Content-Length only the body itself can tell.
 */
static void open_upload(struct exchange *exchange, const struct request *request)
{
    wasi_http_types_own_incoming_body_t body;

    if (!may_have_body(request)) {
        return;
    }
    wasi_http_types_method_incoming_request_consume(wasi_http_types_borrow_incoming_request(request->handle),
                                                    &body);
    pump_open_source(&exchange->up, body);
    if (fields_get(&request->fields, STR("content-length")).ptr == NULL) {
        pump_await_source(&exchange->up);
    }
}

#define SECOND         UINT64_C(1000000000)
#define UPLOAD_TIMEOUT 86400 /* seconds */

/*
 * The host watches over the connection and the answer. Its time for the first byte includes the upload, however long that
 * takes, so that with an upload the wait is watched here (see wait).
 */
static wasi_http_types_own_request_options_t make_options(const struct exchange *exchange)
{
    wasi_http_types_own_request_options_t options = wasi_http_types_constructor_request_options();
    wasi_http_types_borrow_request_options_t borrowed = wasi_http_types_borrow_request_options(options);
    uint64_t connect = (uint64_t)exchange->config->connect_timeout * SECOND;
    uint64_t idle = (uint64_t)exchange->config->idle_timeout * SECOND;
    uint64_t first_byte = exchange->uploads ? UPLOAD_TIMEOUT * SECOND : idle;

    wasi_http_types_method_request_options_set_connect_timeout(borrowed, &connect);
    wasi_http_types_method_request_options_set_first_byte_timeout(borrowed, &first_byte);
    wasi_http_types_method_request_options_set_between_bytes_timeout(borrowed, &idle);
    return options;
}

static bool send(struct exchange *exchange, struct request *request, const struct config *config)
{
    wasi_http_types_own_outgoing_request_t outgoing;
    wasi_http_types_own_outgoing_body_t body;
    wasi_http_types_error_code_t error;

    open_upload(exchange, request);
    if (exchange->up.state == PUMP_SOURCE_BROKE) {
        exchange->up.state = PUMP_IDLE;
        fail(exchange, 400, "body_invalid", STR("invalid body"));
        return false;
    }
    if (!make_request(request, config, &outgoing)) {
        pump_close(&exchange->up);
        fail(exchange, 400, "request_invalid", STR("the request cannot be forwarded"));
        return false;
    }
    if (exchange->up.state != PUMP_IDLE) {
        wasi_http_types_method_outgoing_request_body(wasi_http_types_borrow_outgoing_request(outgoing),
                                                     &body);
        pump_open_sink(&exchange->up, body);
        exchange->uploads = true;
    }
    wasi_http_types_own_request_options_t options = make_options(exchange);
    if (!wasi_http_outgoing_handler_handle(outgoing, &options, &exchange->future, &error)) {
        pump_close(&exchange->up);
        fail_by_error(exchange, &error);
        return false;
    }
    exchange->future_ready = wasi_http_types_method_future_incoming_response_subscribe(
        wasi_http_types_borrow_future_incoming_response(exchange->future));
    return true;
}

/* These have no body, whatever their Content-Length says (RFC 9110, 6.4.1). */
static bool answer_has_body(const struct exchange *exchange, unsigned status)
{
    return exchange->request->method.tag != WASI_HTTP_TYPES_METHOD_HEAD && status != 204 && status != 304;
}

/* Passes status and header on, and starts the body. */
static void relay_response(struct exchange *exchange)
{
    wasi_http_types_borrow_incoming_response_t response =
        wasi_http_types_borrow_incoming_response(exchange->response);
    unsigned status = wasi_http_types_method_incoming_response_status(response);
    struct fields fields = fields_read(wasi_http_types_method_incoming_response_headers(response));
    wasi_http_types_own_fields_t headers;
    wasi_http_types_result_own_outgoing_response_error_code_t result = {.is_err = false};
    wasi_http_types_own_incoming_body_t incoming;
    wasi_http_types_own_outgoing_body_t outgoing;

    fields_drop_unforwarded(&fields);
    cors_allow(config_get(), exchange->request->origin, &fields);
    fields_add(&fields, STR("x-request-id"), (struct str){exchange->request->id, UUID_LENGTH});
    /* `Upgrade` is not passed on: a core that switches protocols all the same would have the client talk past the edge. */
    if (status < 200 || !fields_write(&fields, &headers)) {
        fail(exchange, 502, "core_invalid", STR("the core's answer cannot be forwarded"));
        return;
    }
    result.val.ok = wasi_http_types_constructor_outgoing_response(headers);
    wasi_http_types_borrow_outgoing_response_t relayed =
        wasi_http_types_borrow_outgoing_response(result.val.ok);
    wasi_http_types_method_outgoing_response_set_status_code(relayed, (uint16_t)status);
    if (answer_has_body(exchange, status)) {
        wasi_http_types_method_outgoing_response_body(relayed, &outgoing);
        wasi_http_types_method_incoming_response_consume(response, &incoming);
        pump_open_source(&exchange->down, incoming);
        pump_open_sink(&exchange->down, outgoing);
    }
    wasi_http_types_static_response_outparam_set(exchange->out, &result);
    exchange->answered = true;
}

/* Looks whether the answer's header has come. */
static void check_response(struct exchange *exchange)
{
    wasi_http_types_result_result_own_incoming_response_error_code_void_t result;

    if (!wasi_http_types_method_future_incoming_response_get(
            wasi_http_types_borrow_future_incoming_response(exchange->future), &result)) {
        return;
    }
    if (result.is_err || result.val.ok.is_err) {
        fail_by_error(exchange, &result.val.ok.val.err);
        return;
    }
    exchange->response = result.val.ok.val.ok;
    exchange->has_response = true;
    relay_response(exchange);
}

/* Waits until something can go on; false when nothing did for the idle timeout. */
static bool wait(const struct exchange *exchange)
{
    wasi_io_poll_borrow_pollable_t pollables[3];
    wasi_io_poll_list_borrow_pollable_t list = {pollables, 0};
    wasi_io_poll_own_pollable_t timer;
    gateway_list_u32_t ready;
    void *mark = arena_mark();
    bool uploads = pump_waits(&exchange->up);
    bool watched = uploads || (exchange->uploads && !exchange->answered);

    pollables[list.len++] = exchange->answered ? pump_pollable(&exchange->down)
                                               : wasi_io_poll_borrow_pollable(exchange->future_ready);
    if (watched) {
        timer =
            wasi_clocks_monotonic_clock_subscribe_duration((uint64_t)exchange->config->idle_timeout * SECOND);
        pollables[list.len++] = wasi_io_poll_borrow_pollable(timer);
    }
    if (uploads) {
        pollables[list.len++] = pump_pollable(&exchange->up);
    }
    wasi_io_poll_poll(&list, &ready);
    bool went_on = !watched || ready.len > 1 || ready.ptr[0] != 1;
    if (watched) {
        wasi_io_poll_pollable_drop_own(timer);
    }
    arena_release(mark);
    return went_on;
}

/* Nothing moves any more: says whose fault that is, if anything can still be said. */
static void give_up(struct exchange *exchange)
{
    if (exchange->answered) {
        return;
    }
    if (exchange->up.state == PUMP_WAITS_SOURCE) {
        fail(exchange, 408, "request_timeout", STR("the request did not arrive in time"));
    } else {
        fail(exchange, 504, "core_timeout", STR("the core did not answer in time"));
    }
}

/*
 * Ends the upload as soon as it is through, so that the core learns where it ends, or breaks it off with the client. A core
 * that takes no more may still be answering: breaking off now would lose that.
 */
static void run_upload(struct exchange *exchange)
{
    if (!pump_waits(&exchange->up)) {
        return;
    }
    pump_run(&exchange->up);
    bool broke = exchange->up.state == PUMP_SOURCE_BROKE;
    if (!broke && exchange->up.state != PUMP_DONE) {
        return;
    }
    if ((!pump_close(&exchange->up) || broke) && !exchange->answered) {
        fail(exchange, 400, "body_invalid", STR("invalid body"));
    }
}

/* Both directions at the same time: a core may answer before it has read the upload, or never read it. */
static void relay(struct exchange *exchange)
{
    for (;;) {
        run_upload(exchange);
        if (!exchange->answered) {
            check_response(exchange);
        }
        if (pump_waits(&exchange->down)) {
            pump_run(&exchange->down);
        }
        if (exchange->answered && !pump_waits(&exchange->down)) {
            return;
        }
        if (!wait(exchange)) {
            give_up(exchange);
            return;
        }
    }
}

void forward(struct request *request, const struct config *config, struct str user_id, bool is_health,
             wasi_http_types_own_response_outparam_t out)
{
    struct exchange exchange = {.request = request, .config = config, .out = out, .is_health = is_health};
    struct field_room room;

    prepare_fields(request, config, user_id, &room);
    if (!send(&exchange, request, config)) {
        return;
    }
    relay(&exchange);
    pump_close(&exchange.down);
    pump_close(&exchange.up);
    if (exchange.has_response) {
        wasi_http_types_incoming_response_drop_own(exchange.response);
    }
    wasi_io_poll_pollable_drop_own(exchange.future_ready);
    wasi_http_types_future_incoming_response_drop_own(exchange.future);
}

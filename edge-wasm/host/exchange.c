/* Requests to the core. */
#include "call.h"
#include "head.h"

/* The cases of wasi:http's error-code that arise here, and what they carry besides: a payload that is missing would trap. */
struct exchange_error {
    const char *name;
    enum { PAYLOAD_NONE, PAYLOAD_DNS, PAYLOAD_OPTION } payload;
};

static const struct exchange_error dns_error = {"DNS-error", PAYLOAD_DNS},
                                   dns_timeout = {"DNS-timeout", PAYLOAD_NONE},
                                   refused = {"connection-refused", PAYLOAD_NONE},
                                   timeout = {"connection-timeout", PAYLOAD_NONE},
                                   limit_reached = {"connection-limit-reached", PAYLOAD_NONE},
                                   tls_error = {"TLS-protocol-error", PAYLOAD_NONE},
                                   certificate_error = {"TLS-certificate-error", PAYLOAD_NONE},
                                   bad_uri = {"HTTP-request-URI-invalid", PAYLOAD_NONE},
                                   head_too_large = {"HTTP-request-header-section-size", PAYLOAD_OPTION},
                                   answer_head_too_large = {"HTTP-response-header-section-size",
                                                            PAYLOAD_OPTION},
                                   terminated = {"connection-terminated", PAYLOAD_NONE},
                                   protocol_error = {"HTTP-protocol-error", PAYLOAD_NONE},
                                   response_timeout = {"HTTP-response-timeout", PAYLOAD_NONE};

static value record_of_two_nones(const char *first, const char *second)
{
    value made = {.kind = WASMTIME_COMPONENT_RECORD};

    wasmtime_component_valrecord_new_uninit(&made.of.record, 2);
    wasm_name_new_from_string(&made.of.record.data[0].name, first);
    made.of.record.data[0].val = value_none();
    wasm_name_new_from_string(&made.of.record.data[1].name, second);
    made.of.record.data[1].val = value_none();
    return made;
}

value exchange_error_value(const struct exchange_error *error)
{
    switch (error->payload) {
    case PAYLOAD_DNS:
        return value_case_with(error->name, record_of_two_nones("rcode", "info-code"));
    case PAYLOAD_OPTION:
        return value_case_with(error->name, value_none());
    default:
        return value_case(error->name);
    }
}

static const struct exchange_error *error_of(enum core_link_error error)
{
    static const struct exchange_error *const errors[] = {
        [CORE_LINK_NAME_UNKNOWN] = &dns_error,
        [CORE_LINK_NAME_TIMEOUT] = &dns_timeout,
        [CORE_LINK_REFUSED] = &refused,
        [CORE_LINK_TIMEOUT] = &timeout,
        [CORE_LINK_LIMIT] = &limit_reached,
        [CORE_LINK_TLS] = &tls_error,
        [CORE_LINK_CERTIFICATE] = &certificate_error,
    };

    return errors[error];
}

static void on_link(struct core_link *link)
{
    struct exchange *exchange = link->owner;

    exchange->call->wake(exchange->call);
}

static void take_link(struct exchange *exchange, const struct core_link_target *target,
                      enum core_link_choice choice)
{
    exchange->sent = false;
    exchange->link = core_link_take(exchange->call->links, target, choice);
    if (exchange->link == NULL) {
        exchange->error = &limit_reached;
        return;
    }
    exchange->link->owner = exchange;
    exchange->link->changed = on_link;
    exchange->link->wire.skip_body = exchange->is_head;
    exchange_check(exchange);
}

static void prepare(struct exchange *exchange, const struct outgoing *outgoing, const struct options *options)
{
    struct call *call = exchange->call;
    struct head head;

    exchange->up = outgoing->body != NULL ? outgoing->body : call_sink(call);
    exchange->is_head = strcmp(outgoing->method, "HEAD") == 0;
    exchange->may_repeat = outgoing->body == NULL && strcmp(outgoing->method, "POST") != 0 &&
                           strcmp(outgoing->method, "PATCH") != 0;
    exchange->last_byte = call->loop->now;
    exchange->first_byte_by = exchange->last_byte + options->ms[TIMEOUT_FIRST_BYTE];
    exchange->between_bytes = options->ms[TIMEOUT_BETWEEN_BYTES];
    if (exchange->up == NULL || strlen(outgoing->authority) > 255 ||
        !head_of_request(call, outgoing, &head)) {
        exchange->error = &bad_uri;
        return;
    }
    if (head.length > call->config->core_head_max)
        exchange->error = &head_too_large;
    exchange->head = head.text;
    exchange->head_length = head.length;
    exchange->framing = head.framing;
    exchange->body_length = head.body_length;
}

struct exchange *exchange_start(struct call *call, struct outgoing *outgoing, const struct options *options)
{
    struct exchange *exchange = &call->exchanges[call->exchanges_count];
    const struct core_link_target target = {outgoing->authority, outgoing->https,
                                            options->ms[TIMEOUT_CONNECT]};

    if (call->exchanges_count == LINKS_MAX)
        return NULL;
    call->exchanges_count++;
    *exchange = (struct exchange){.call = call};
    prepare(exchange, outgoing, options);
    if (exchange->error == NULL)
        take_link(exchange, &target, exchange->may_repeat ? CORE_LINK_ANY : CORE_LINK_PROVEN);
    return exchange;
}

static void send_head(struct exchange *exchange)
{
    exchange->sent = true;
    sink_attach(exchange->up, &exchange->link->transport, exchange->head, exchange->head_length,
                exchange->framing, exchange->body_length);
    if (exchange->framing == SINK_NONE) {
        sink_finish(exchange->up);
        sink_flush(exchange->up);
    }
}

/* The core may close a connection at the moment that a request is sent over it: then that has not been read (RFC 9112, 9.3.1). */
static bool repeat(struct exchange *exchange)
{
    struct core_link *old = exchange->link;
    char authority[sizeof(old->authority)];
    const struct core_link_target target = {authority, old->secure,
                                            exchange->first_byte_by - exchange->call->loop->now};

    if (old->served == 0 || !exchange->may_repeat || wire_has_bytes(&old->wire) || target.timeout_ms <= 0)
        return false;
    strcpy(authority, old->authority);
    sink_free(exchange->up);
    core_link_close(old);
    take_link(exchange, &target, CORE_LINK_FRESH);
    return true;
}

/* An answer before the answer. 101 is the last one in HTTP: the guest, which did not ask for it, may say what it means. */
static bool is_interim(unsigned status)
{
    return status / 100 == 1 && status != 101;
}

/* Reads heads until the final one. */
static void read_answer(struct exchange *exchange)
{
    struct wire *wire = &exchange->link->wire;
    enum wire_event event = wire_read_head(wire);

    while (event == WIRE_READY && is_interim(wire->parser.status_code)) {
        wire_next(wire);
        event = wire_read_head(wire);
    }
    if (event == WIRE_READY) {
        exchange->answered = true;
        exchange->last_byte = exchange->call->loop->now;
    } else if (event != WIRE_WAIT && ((event != WIRE_END && event != WIRE_BROKEN) || !repeat(exchange))) {
        exchange->error = event == WIRE_END     ? &terminated
                          : event == WIRE_LARGE ? &answer_head_too_large
                                                : &protocol_error;
    }
}

void exchange_check(struct exchange *exchange)
{
    struct core_link *link = exchange->link;

    if (exchange->answered || exchange->error != NULL)
        return;
    if (link->state == CORE_LINK_FAILED)
        exchange->error = error_of(link->error);
    else if (link->state == CORE_LINK_OPEN && !exchange->sent)
        send_head(exchange);
    if (exchange->error == NULL && exchange->sent)
        read_answer(exchange);
    if (!exchange->answered && exchange->error == NULL &&
        exchange->call->loop->now >= exchange->first_byte_by)
        exchange->error = &response_timeout;
}

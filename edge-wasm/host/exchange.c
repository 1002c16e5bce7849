/* Requests to the core. */
#include "call.h"
#include "head.h"

#include <sys/socket.h>

/* The case of wasi:http's error-code. */
static const char *name_of(enum core_link_error error)
{
    switch (error) {
    case CORE_LINK_NAME:
        return "DNS-error";
    case CORE_LINK_TIMEOUT:
        return "connection-timeout";
    case CORE_LINK_MEMORY:
        return "connection-limit-reached";
    default:
        return "connection-refused";
    }
}

static void connect_and_send(struct exchange *exchange, const struct outgoing *outgoing,
                             enum core_link_choice choice, int64_t timeout_ms, enum sink_framing framing,
                             uint64_t length)
{
    enum core_link_error error =
        core_link_take(outgoing->authority, choice, (int)timeout_ms, &exchange->link);

    if (error != CORE_LINK_OK) {
        exchange->error = name_of(error);
        return;
    }
    exchange->link->wire.skip_body = exchange->is_head;
    sink_attach(exchange->up, exchange->link->wire.fd, exchange->head, exchange->head_length, framing,
                length);
    if (framing == SINK_NONE) {
        sink_finish(exchange->up);
        sink_flush(exchange->up);
    }
}

struct exchange *exchange_start(struct call *call, struct outgoing *outgoing, const struct options *options)
{
    struct exchange *exchange = &call->exchanges[call->exchanges_count];
    struct head head;

    if (call->exchanges_count == LINKS_MAX)
        return NULL;
    call->exchanges_count++;
    memset(exchange, 0, sizeof(*exchange));
    exchange->up = outgoing->body != NULL ? outgoing->body : call_sink(call);
    exchange->is_head = strcmp(outgoing->method, "HEAD") == 0;
    exchange->may_repeat = outgoing->body == NULL && strcmp(outgoing->method, "POST") != 0 &&
                           strcmp(outgoing->method, "PATCH") != 0;
    if (exchange->up == NULL || outgoing->https || !head_of_request(call, outgoing, &head)) {
        exchange->error = outgoing->https ? "TLS-protocol-error" : "HTTP-request-URI-invalid";
        return exchange;
    }
    exchange->head = head.text;
    exchange->head_length = head.length;
    exchange->last_byte = clock_ms();
    exchange->first_byte_by = exchange->last_byte + options->ms[TIMEOUT_FIRST_BYTE];
    exchange->between_bytes = options->ms[TIMEOUT_BETWEEN_BYTES];
    connect_and_send(exchange, outgoing, exchange->may_repeat ? CORE_LINK_ANY : CORE_LINK_PROVEN,
                     options->ms[TIMEOUT_CONNECT], head.framing, head.body_length);
    return exchange;
}

/* The core may close a connection at the moment that a request is sent over it: then that has not been read (RFC 9112, 9.3.1). */
static bool repeat(struct exchange *exchange)
{
    struct outgoing outgoing = {.authority = exchange->link->authority};
    struct core_link *old = exchange->link;
    int64_t left = exchange->first_byte_by - clock_ms();

    if (old->served == 0 || !exchange->may_repeat || wire_has_bytes(&old->wire) || left <= 0)
        return false;
    sink_free(exchange->up);
    connect_and_send(exchange, &outgoing, CORE_LINK_FRESH, left, SINK_NONE, 0);
    core_link_close(old);
    return true;
}

/* An answer before the answer. 101 is the last one in HTTP: the guest, which did not ask for it, may say what it means. */
static bool is_interim(unsigned status)
{
    return status / 100 == 1 && status != 101;
}

void exchange_check(struct exchange *exchange)
{
    while (!exchange->answered && exchange->error == NULL && exchange->readable) {
        struct wire *wire = &exchange->link->wire;
        enum wire_event event = wire_read_head(wire, MSG_DONTWAIT);

        if (event == WIRE_READY && is_interim(wire->parser.status_code)) {
            wire_next(wire);
        } else if (event == WIRE_READY) {
            exchange->answered = true;
            exchange->last_byte = clock_ms();
        } else if (event == WIRE_WAIT) {
            exchange->readable = false;
        } else if ((event != WIRE_END && event != WIRE_BROKEN) || !repeat(exchange)) {
            exchange->error = event == WIRE_END ? "connection-terminated" : "HTTP-protocol-error";
        }
    }
    if (!exchange->answered && exchange->error == NULL && clock_ms() >= exchange->first_byte_by)
        exchange->error = "HTTP-response-timeout";
}

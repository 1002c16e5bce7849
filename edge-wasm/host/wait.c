#include "wait.h"

#include <poll.h>
#include <sys/socket.h>

/* What is polled, and until when. */
struct waiting {
    struct pollfd sockets[2 * WAIT_MAX];
    nfds_t count;
    int64_t until;
};

static void watch(struct waiting *waiting, int fd, short events)
{
    for (nfds_t i = 0; i < waiting->count; i++) {
        if (waiting->sockets[i].fd == fd) {
            waiting->sockets[i].events |= events;
            return;
        }
    }
    waiting->sockets[waiting->count++] = (struct pollfd){fd, events, 0};
}

static void watch_until(struct waiting *waiting, int64_t at)
{
    if (at < waiting->until)
        waiting->until = at;
}

/* The client that asked first waits for this before it sends its body (RFC 9110, 10.1.1). */
static void say_continue(struct call *call)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    call->awaits_100 = false;
    if (!call->answered)
        send(call->client->fd, go_on, sizeof(go_on) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int64_t limit_of(const struct source *source)
{
    return source->exchange == NULL ? INT64_MAX
                                    : source->exchange->last_byte + source->exchange->between_bytes;
}

enum wire_event wait_source(struct call *call, const struct source *source)
{
    enum wire_event event = wire_read_body(source->wire);

    if (event == WIRE_WAIT && source->exchange == NULL && call->awaits_100)
        say_continue(call);
    if (source->exchange == NULL)
        return event;
    if (event == WIRE_READY)
        source->exchange->last_byte = clock_ms();
    else if (event == WIRE_WAIT && clock_ms() >= limit_of(source))
        return WIRE_BROKEN;
    return event;
}

static bool look_at_sink(struct sink *sink, struct waiting *waiting)
{
    if (sink->broken || sink_takes(sink))
        return true;
    if (sink->fd >= 0)
        watch(waiting, sink->fd, POLLOUT);
    return false;
}

static bool look_at_exchange(struct exchange *exchange, struct waiting *waiting)
{
    exchange_check(exchange);
    if (exchange->answered || exchange->error != NULL)
        return true;
    if (!sink_flush(exchange->up))
        watch(waiting, exchange->up->fd, POLLOUT);
    watch(waiting, exchange->link->wire.fd, POLLIN);
    watch_until(waiting, exchange->first_byte_by);
    return false;
}

static bool look(struct call *call, const struct pollable *pollable, struct waiting *waiting)
{
    switch (pollable->kind) {
    case POLL_SOURCE:
        if (wait_source(call, &pollable->source) != WIRE_WAIT)
            return true;
        watch(waiting, pollable->source.wire->fd, POLLIN);
        watch_until(waiting, limit_of(&pollable->source));
        return false;
    case POLL_SINK:
        return look_at_sink(pollable->sink, waiting);
    case POLL_EXCHANGE:
        return look_at_exchange(pollable->exchange, waiting);
    default:
        watch_until(waiting, pollable->at);
        return clock_ms() >= pollable->at;
    }
}

/* Heads that wait for a body which does not come yet. */
static void flush_heads(struct call *call)
{
    for (size_t i = 0; i < call->sinks_count; i++)
        if (call->sinks[i].fd >= 0 && call->sinks[i].head_length > 0)
            sink_flush(&call->sinks[i]);
}

/* Which exchanges are worth a look: recv(2) without anything there costs as much as one with. */
static void mark_readable(struct call *call, const struct waiting *waiting)
{
    for (size_t i = 0; i < call->exchanges_count; i++)
        for (nfds_t k = 0; k < waiting->count; k++)
            if (call->exchanges[i].link != NULL && call->exchanges[i].link->wire.fd == waiting->sockets[k].fd)
                call->exchanges[i].readable |= (waiting->sockets[k].revents & ~POLLOUT) != 0;
}

/* Neither side moves, and the guest set no time for it: whoever is to take or to give something is gone. */
static void break_off(const struct pollable *const pollables[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pollables[i]->kind == POLL_SINK)
            pollables[i]->sink->broken = true;
        if (pollables[i]->kind == POLL_SOURCE)
            pollables[i]->source.wire->broken = true;
    }
}

void wait_for_any(struct call *call, const struct pollable *const pollables[], size_t count, bool ready[])
{
    int64_t idle = clock_ms() + call->config->idle_ms;

    for (bool any = false;;) {
        struct waiting waiting = {.count = 0, .until = INT64_MAX};
        for (size_t i = 0; i < count; i++) {
            ready[i] = look(call, pollables[i], &waiting);
            any = any || ready[i];
        }
        if (any)
            return;
        flush_heads(call);
        bool timed = waiting.until != INT64_MAX;
        int64_t left = (timed ? waiting.until : idle) - clock_ms();
        poll(waiting.sockets, waiting.count, left < 0 ? 0 : (int)left + 1);
        mark_readable(call, &waiting);
        if (!timed && clock_ms() >= idle)
            break_off(pollables, count);
        wasmtime_context_set_epoch_deadline(call->context, HOST_EPOCHS);
    }
}

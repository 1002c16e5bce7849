#include "wait.h"

static void until(struct call *call, int64_t at)
{
    if (at < call->waiting.until)
        call->waiting.until = at;
}

static int64_t limit_of(const struct source *source)
{
    return source->exchange == NULL ? TIMER_NEVER
                                    : source->exchange->last_byte + source->exchange->between_bytes;
}

enum wire_event wait_source(struct call *call, const struct source *source)
{
    enum wire_event event = wire_read_body(source->wire);

    if (source->exchange == NULL) {
        if (event == WIRE_WAIT && call->request->awaits_100)
            call->wants_body = true;
        return event;
    }
    if (event == WIRE_READY)
        source->exchange->last_byte = call->loop->now;
    else if (event == WIRE_WAIT && call->loop->now >= limit_of(source))
        return WIRE_BROKEN;
    return event;
}

static bool look_at_source(struct call *call, const struct source *source)
{
    if (wait_source(call, source) != WIRE_WAIT)
        return true;
    until(call, limit_of(source));
    return false;
}

static bool look_at_exchange(struct call *call, struct exchange *exchange)
{
    exchange_check(exchange);
    if (exchange->answered || exchange->error != NULL)
        return true;
    until(call, exchange->first_byte_by);
    return false;
}

static bool look_at_timer(struct call *call, int64_t at)
{
    until(call, at);
    return call->loop->now >= at;
}

static bool look(struct call *call, const struct pollable *pollable)
{
    switch (pollable->kind) {
    case POLL_SOURCE:
        return look_at_source(call, &pollable->source);
    case POLL_SINK:
        return pollable->sink->broken || sink_takes(pollable->sink);
    case POLL_EXCHANGE:
        return look_at_exchange(call, pollable->exchange);
    default:
        return look_at_timer(call, pollable->at);
    }
}

bool wait_look(struct call *call)
{
    struct waiting *waiting = &call->waiting;
    bool any = false;

    waiting->until = TIMER_NEVER;
    waiting->looked = true;
    for (size_t i = 0; i < waiting->count; i++) {
        waiting->ready[i] = look(call, waiting->pollables[i]);
        any = any || waiting->ready[i];
    }
    return any;
}

/* Heads that wait for a body which does not come yet, and what the sockets did not take. */
static void flush_sinks(struct call *call)
{
    for (size_t i = 0; i < call->sinks_count; i++)
        if (call->sinks[i].transport != NULL)
            sink_flush(&call->sinks[i]);
    if (call->answer->transport != NULL)
        sink_flush(call->answer);
}

void wait_suspend(struct call *call)
{
    flush_sinks(call);
    timer_set(&call->loop->timers, &call->timer, call->waiting.until);
}

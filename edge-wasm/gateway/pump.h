/**
 * @file pump.h
 * Moves one body from where it arrives to where it goes, inside the host: the bytes never enter the component's memory,
 * so that it stays small whatever passes through, and the slower side sets the pace.
 */
#ifndef EDGE_PUMP_H
#define EDGE_PUMP_H

#include "../gen/gateway.h"

enum pump_state {
    PUMP_IDLE,         /**< nothing to move, or no longer */
    PUMP_NO_SINK,      /**< only the source is open */
    PUMP_WAITS_SOURCE, /**< the source has nothing yet */
    PUMP_WAITS_SINK,   /**< the sink takes nothing now */
    PUMP_DONE,         /**< the body went through whole */
    PUMP_SOURCE_BROKE, /**< the source ended before its body did */
    PUMP_SINK_CLOSED   /**< the other side takes no more */
};

struct pump {
    enum pump_state state;
    wasi_http_types_own_incoming_body_t incoming;
    wasi_http_types_own_outgoing_body_t outgoing;
    wasi_io_streams_own_input_stream_t source;
    wasi_io_streams_own_output_stream_t sink;
    wasi_io_poll_own_pollable_t source_ready, sink_ready;
};

/** Takes a body that arrives over. */
void pump_open_source(struct pump *pump, wasi_http_types_own_incoming_body_t incoming);

/**
 * Waits for the source's first bytes or its end; before pump_open_sink. The state is PUMP_NO_SINK when there are some,
 * PUMP_SOURCE_BROKE when what came is no body, and PUMP_IDLE, closed already, when it ended without having had anything.
 */
void pump_await_source(struct pump *pump);

/** Takes the body over that it is to become. */
void pump_open_sink(struct pump *pump, wasi_http_types_own_outgoing_body_t outgoing);

/** Moves what can be moved without waiting. */
void pump_run(struct pump *pump);

/** Whether there may be more to move. */
static inline bool pump_waits(const struct pump *pump)
{
    return pump->state == PUMP_WAITS_SOURCE || pump->state == PUMP_WAITS_SINK;
}

/** What to wait for before the next pump_run, when pump_waits. */
wasi_io_poll_borrow_pollable_t pump_pollable(const struct pump *pump);

/**
 * Gives everything back. A body that did not go through whole is broken off, so that the receiver can tell. False when it
 * seemed whole but was not of the length that its header announces.
 */
bool pump_close(struct pump *pump);

#endif

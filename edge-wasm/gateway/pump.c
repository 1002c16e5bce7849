#include "pump.h"

#define CHUNK_MAX (1u << 20)

void pump_open_source(struct pump *pump, wasi_http_types_own_incoming_body_t incoming)
{
    pump->incoming = incoming;
    wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(incoming),
                                                &pump->source);
    pump->source_ready =
        wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(pump->source));
    pump->state = PUMP_NO_SINK;
}

static void drop_error(const wasi_io_streams_stream_error_t *error)
{
    if (error->tag == WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED) {
        wasi_io_error_error_drop_own(error->val.last_operation_failed);
    }
}

void pump_await_source(struct pump *pump)
{
    wasi_io_streams_stream_error_t error;
    gateway_list_u8_t nothing;

    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pump->source_ready));
    if (wasi_io_streams_method_input_stream_read(wasi_io_streams_borrow_input_stream(pump->source), 0,
                                                 &nothing, &error)) {
        return;
    }
    drop_error(&error);
    pump_close(pump);
    if (error.tag == WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED) {
        pump->state = PUMP_SOURCE_BROKE;
    }
}

void pump_open_sink(struct pump *pump, wasi_http_types_own_outgoing_body_t outgoing)
{
    pump->outgoing = outgoing;
    wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(outgoing), &pump->sink);
    pump->sink_ready =
        wasi_io_streams_method_output_stream_subscribe(wasi_io_streams_borrow_output_stream(pump->sink));
    pump->state = PUMP_WAITS_SOURCE;
}

/* A splice that moved nothing, or failed, does not say on which side: the sink's state tells. */
static enum pump_state sink_state(const struct pump *pump, enum pump_state otherwise)
{
    wasi_io_streams_stream_error_t error;
    uint64_t room;

    if (!wasi_io_streams_method_output_stream_check_write(wasi_io_streams_borrow_output_stream(pump->sink),
                                                          &room, &error)) {
        drop_error(&error);
        return PUMP_SINK_CLOSED;
    }
    return room == 0 && otherwise == PUMP_WAITS_SOURCE ? PUMP_WAITS_SINK : otherwise;
}

void pump_run(struct pump *pump)
{
    wasi_io_streams_stream_error_t error;
    uint64_t moved;

    while (wasi_io_streams_method_output_stream_splice(wasi_io_streams_borrow_output_stream(pump->sink),
                                                       wasi_io_streams_borrow_input_stream(pump->source),
                                                       CHUNK_MAX, &moved, &error)) {
        if (moved == 0) {
            pump->state = sink_state(pump, PUMP_WAITS_SOURCE);
            return;
        }
    }
    if (error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) {
        pump->state = sink_state(pump, PUMP_DONE);
        return;
    }
    drop_error(&error);
    pump->state = sink_state(pump, PUMP_SOURCE_BROKE);
}

wasi_io_poll_borrow_pollable_t pump_pollable(const struct pump *pump)
{
    return wasi_io_poll_borrow_pollable(pump->state == PUMP_WAITS_SINK ? pump->sink_ready
                                                                       : pump->source_ready);
}

bool pump_close(struct pump *pump)
{
    wasi_http_types_error_code_t error;
    bool as_announced = true;

    if (pump->state == PUMP_IDLE) {
        return true;
    }
    wasi_io_poll_pollable_drop_own(pump->source_ready);
    wasi_io_streams_input_stream_drop_own(pump->source);
    wasi_http_types_incoming_body_drop_own(pump->incoming);
    if (pump->state != PUMP_NO_SINK) {
        wasi_io_poll_pollable_drop_own(pump->sink_ready);
        wasi_io_streams_output_stream_drop_own(pump->sink);
    }
    if (pump->state == PUMP_DONE) {
        as_announced = wasi_http_types_static_outgoing_body_finish(pump->outgoing, NULL, &error);
    } else if (pump->state != PUMP_NO_SINK) {
        wasi_http_types_outgoing_body_drop_own(pump->outgoing);
    }
    pump->state = PUMP_IDLE;
    return as_announced;
}

/* wasi:io: streams, and waiting for them. */
#include "imports.h"
#include "wait.h"

#include <stdlib.h>

/* stream-error */
static value closed(void)
{
    return value_err_with(value_case("closed"));
}

/* Of a source that neither has anything nor is worth waiting for. */
static value ended(struct call *call, enum wire_event event)
{
    struct resource *error = event == WIRE_END ? NULL : call_new(call, RESOURCE_ERROR);

    return error == NULL ? closed()
                         : value_err_with(value_case_with("last-operation-failed", call_own(call, error)));
}

/* How much of what has come is taken when `length` bytes are asked for. */
static size_t part_of(const struct wire *wire, uint64_t length)
{
    return length < wire->part_length ? (size_t)length : wire->part_length;
}

wasmtime_error_t *imports_subscribe(struct call *call, const struct pollable *pollable, value *ret)
{
    struct resource *made = call_new(call, RESOURCE_POLLABLE);

    if (made == NULL)
        return call_trap("too many resources");
    made->pollable = *pollable;
    *ret = call_own(call, made);
    return NULL;
}

static wasmtime_error_t *input_read(struct call *call, value *arguments, value *ret)
{
    struct resource *input = call_get(call, &arguments[0], RESOURCE_INPUT_STREAM);

    if (input == NULL)
        return call_trap("no input-stream");
    struct wire *wire = input->source.wire;
    enum wire_event event = wait_source(call, &input->source);
    if (event == WIRE_READY) {
        size_t part = part_of(wire, arguments[1].of.u64);
        *ret = value_ok_with(value_bytes(wire->part, part));
        wire_consume(wire, part);
    } else {
        *ret = event == WIRE_WAIT ? value_ok_with(value_bytes(NULL, 0)) : ended(call, event);
    }
    return NULL;
}

static wasmtime_error_t *input_subscribe(struct call *call, value *arguments, value *ret)
{
    struct resource *input = call_get(call, &arguments[0], RESOURCE_INPUT_STREAM);

    if (input == NULL)
        return call_trap("no input-stream");
    return imports_subscribe(call, &(struct pollable){.kind = POLL_SOURCE, .source = input->source}, ret);
}

static wasmtime_error_t *output_subscribe(struct call *call, value *arguments, value *ret)
{
    struct resource *output = call_get(call, &arguments[0], RESOURCE_OUTPUT_STREAM);

    if (output == NULL)
        return call_trap("no output-stream");
    return imports_subscribe(call, &(struct pollable){.kind = POLL_SINK, .sink = output->sink}, ret);
}

static wasmtime_error_t *output_check_write(struct call *call, value *arguments, value *ret)
{
    struct resource *output = call_get(call, &arguments[0], RESOURCE_OUTPUT_STREAM);

    if (output == NULL)
        return call_trap("no output-stream");
    bool room = sink_takes(output->sink);
    *ret = output->sink->broken ? closed() : value_ok_with(value_u64(room ? SINK_ROOM : 0));
    return NULL;
}

static void wait_for(struct call *call, const struct pollable *const pollables[], size_t count,
                     void (*finish)(struct call *call))
{
    memcpy(call->waiting.pollables, pollables, count * sizeof(*pollables));
    call->waiting.count = count;
    call->waiting.finish = finish;
}

/* What is flushed lies in the host, which sends it as fast as the other side takes it. */
static void write_and_flush(struct call *call)
{
    struct waiting *waiting = &call->waiting;

    *waiting->ret =
        sink_write(waiting->pollables[0]->sink, waiting->bytes, waiting->length) ? value_ok() : closed();
}

static wasmtime_error_t *output_blocking_write_and_flush(struct call *call, value *arguments, value *ret)
{
    struct resource *output = call_get(call, &arguments[0], RESOURCE_OUTPUT_STREAM);
    struct pollable *pollable = call_alloc(call, sizeof(*pollable));
    char *bytes = call_bytes(call, &arguments[1]);

    (void)ret;
    if (output == NULL || pollable == NULL || bytes == NULL || output->sink->transport == NULL)
        return call_trap("an output-stream that cannot be written to");
    *pollable = (struct pollable){.kind = POLL_SINK, .sink = output->sink};
    call->waiting.bytes = bytes;
    call->waiting.length = arguments[1].of.list.size;
    wait_for(call, (const struct pollable *const[]){pollable}, 1, write_and_flush);
    return NULL;
}

static wasmtime_error_t *output_splice(struct call *call, value *arguments, value *ret)
{
    struct resource *output = call_get(call, &arguments[0], RESOURCE_OUTPUT_STREAM);
    struct resource *input = call_get(call, &arguments[1], RESOURCE_INPUT_STREAM);

    if (output == NULL || input == NULL)
        return call_trap("no streams to splice");
    struct sink *sink = output->sink;
    struct wire *wire = input->source.wire;
    enum wire_event event = !sink_takes(sink) ? WIRE_WAIT
                            : sink->broken    ? WIRE_END
                                              : wait_source(call, &input->source);
    if (event == WIRE_READY) {
        size_t part = part_of(wire, arguments[2].of.u64);
        *ret = sink_write(sink, wire->part, part) ? value_ok_with(value_u64(part)) : closed();
        wire_consume(wire, part);
    } else {
        *ret = event == WIRE_WAIT ? value_ok_with(value_u64(0)) : ended(call, event);
    }
    return NULL;
}

static void end_block(struct call *call)
{
    (void)call;
}

static wasmtime_error_t *pollable_block(struct call *call, value *arguments, value *ret)
{
    struct resource *pollable = call_get(call, &arguments[0], RESOURCE_POLLABLE);

    (void)ret;
    if (pollable == NULL)
        return call_trap("no pollable");
    wait_for(call, (const struct pollable *const[]){&pollable->pollable}, 1, end_block);
    return NULL;
}

/* Says which are ready. */
static void end_poll(struct call *call)
{
    const struct waiting *waiting = &call->waiting;
    size_t count = 0;

    for (size_t i = 0; i < waiting->count; i++)
        count += waiting->ready[i];
    *waiting->ret = value_list(count);
    count = 0;
    for (uint32_t i = 0; i < waiting->count; i++)
        if (waiting->ready[i])
            waiting->ret->of.list.data[count++] = value_u32(i);
}

static wasmtime_error_t *poll_poll(struct call *call, value *arguments, value *ret)
{
    const wasmtime_component_vallist_t *list = &arguments[0].of.list;
    const struct pollable *pollables[WAIT_MAX];

    (void)ret;
    if (list->size == 0 || list->size > WAIT_MAX)
        return call_trap("poll of nothing, or of too much");
    for (size_t i = 0; i < list->size; i++) {
        struct resource *pollable = call_get(call, &list->data[i], RESOURCE_POLLABLE);
        if (pollable == NULL)
            return call_trap("no pollable");
        pollables[i] = &pollable->pollable;
    }
    wait_for(call, pollables, list->size, end_poll);
    return NULL;
}

static wasmtime_error_t *subscribe_duration(struct call *call, value *arguments, value *ret)
{
    struct pollable timer = {.kind = POLL_TIMER, .at = call->loop->now + value_ms(&arguments[0])};

    return imports_subscribe(call, &timer, ret);
}

static const struct host_import poll_imports[] = {
    {"pollable", NULL, RESOURCE_POLLABLE, false},
    {"[method]pollable.block", pollable_block, 0, true},
    {"poll", poll_poll, 0, true},
};
static const struct host_import error_imports[] = {{"error", NULL, RESOURCE_ERROR, false}};
static const struct host_import streams_imports[] = {
    {"input-stream", NULL, RESOURCE_INPUT_STREAM, false},
    {"output-stream", NULL, RESOURCE_OUTPUT_STREAM, false},
    {"[method]input-stream.read", input_read, 0, false},
    {"[method]input-stream.subscribe", input_subscribe, 0, false},
    {"[method]output-stream.check-write", output_check_write, 0, false},
    {"[method]output-stream.blocking-write-and-flush", output_blocking_write_and_flush, 0, true},
    {"[method]output-stream.subscribe", output_subscribe, 0, false},
    {"[method]output-stream.splice", output_splice, 0, false},
};
static const struct host_import monotonic_imports[] = {{"subscribe-duration", subscribe_duration, 0, false}};

INTERFACE(wasi_io_poll, "wasi:io/poll@0.2.0", poll_imports);
INTERFACE(wasi_io_error, "wasi:io/error@0.2.0", error_imports);
INTERFACE(wasi_io_streams, "wasi:io/streams@0.2.0", streams_imports);
INTERFACE(wasi_clocks_monotonic, "wasi:clocks/monotonic-clock@0.2.0", monotonic_imports);

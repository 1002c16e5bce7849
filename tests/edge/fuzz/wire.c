/*
 * todo-edge's reader of HTTP/1.1: what it makes of a stream of bytes does not depend on how that is cut into packets, and it lets
 * no head through in which another server could see other lines.
 */
#include "../../../edge-wasm/host/wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read: a hash of it (FNV-1a), and whether that was all. */
struct reading {
    uint64_t hash, before_body;
    bool ended, in_body, gathered;
    size_t gather;
};

static void note(struct reading *reading, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        reading->hash = (reading->hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
}

static void require_one_line(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0')
            abort();
}

static void note_head(struct reading *reading, const struct wire *wire)
{
    note(reading, wire->target, wire->target_length);
    require_one_line(wire->target, wire->target_length);
    for (size_t i = 0; i < wire->fields_count; i++) {
        const struct field *field = &wire->fields[i];
        require_one_line(field->name, field->name_length);
        require_one_line(field->value, field->value_length);
        if (field->name_length == 0 || memchr(field->name, ' ', field->name_length) != NULL)
            abort();
        note(reading, field->name, field->name_length);
        note(reading, field->value, field->value_length);
    }
}

static enum wire_event read_next(struct reading *reading, struct wire *wire)
{
    if (!reading->in_body)
        return wire_read_head(wire);
    if (reading->gather > 0 && !reading->gathered && !wire->body.complete) {
        enum wire_event event = wire_gather(wire, reading->gather);
        if (event != WIRE_READY)
            return event;
    }
    reading->gathered = true;
    return wire_read_body(wire);
}

/* Reads as far as there is something to read. */
static void read_on(struct reading *reading, struct wire *wire)
{
    while (!reading->ended) {
        enum wire_event event = read_next(reading, wire);
        if (event == WIRE_WAIT)
            return;
        if (event == WIRE_READY && reading->in_body) {
            note(reading, wire->part, wire->part_length);
            wire_consume(wire, wire->part_length);
        } else if (event == WIRE_READY) {
            note_head(reading, wire);
            reading->in_body = true;
            reading->before_body = reading->hash;
        } else if (event == WIRE_END && reading->in_body) {
            note(reading, "E", 1);
            wire_next(wire);
            reading->in_body = reading->gathered = false;
        } else {
            /* A body that breaks may have been handed over in part, or, gathered, not at all. */
            if (reading->in_body)
                reading->hash = reading->before_body;
            note(reading, &event, sizeof(event));
            reading->ended = true;
        }
    }
}

/* `gather`: bytes of a body that are awaited before it is read. */
static uint64_t read_in_steps(const uint8_t *data, size_t size, size_t step, bool answers, size_t gather)
{
    struct reading reading = {.hash = UINT64_C(14695981039346656037), .gather = gather};
    struct transport transport;
    struct wire wire;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        abort();
    transport_open(&transport, ends[0], NULL);
    wire_open(&wire, &transport, answers);
    for (size_t sent = 0; sent < size && !reading.ended; sent += step) {
        size_t part = size - sent < step ? size - sent : step;
        if (send(ends[1], data + sent, part, MSG_NOSIGNAL) != (ssize_t)part)
            abort();
        transport_note(&transport, EPOLLIN);
        read_on(&reading, &wire);
    }
    shutdown(ends[1], SHUT_WR);
    transport_note(&transport, EPOLLIN | EPOLLRDHUP);
    read_on(&reading, &wire);
    transport_close(&transport);
    close(ends[1]);
    wire_close(&wire);
    return reading.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    bool answers = data[0] & 1;
    size_t step = 1 + data[0] / 2 % 16;

    if (read_in_steps(data + 1, size - 1, size, answers, 0) !=
        read_in_steps(data + 1, size - 1, step, answers, answers ? 0 : 64))
        abort();
    return 0;
}

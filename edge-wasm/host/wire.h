/*
 * One connection's incoming half: the message that is being read. Heads are http-parser's, with what that lets through checked
 * besides; bodies are body.h's: where a message ends must mean the same to us as to everybody else (RFC 9112, 11.2).
 * A wire between two messages, or in the middle of a body of which nothing has come, holds no buffer.
 */
#ifndef EDGE_HOST_WIRE_H
#define EDGE_HOST_WIRE_H

#include <http_parser.h>

#include "body.h"
#include "field.h"
#include "transport.h"

#define WIRE_HEAD_MAX   65536 /* bytes of a head */
#define WIRE_ROOM       65536 /* bytes of a body in the buffer at a time */
#define WIRE_FIELDS_MAX 100

enum wire_event {
    WIRE_READY,   /* something is there */
    WIRE_WAIT,    /* nothing yet */
    WIRE_END,     /* the message, or between messages the connection, is at its end */
    WIRE_LARGE,   /* a head of too many bytes or fields */
    WIRE_VERSION, /* not HTTP/1 */
    WIRE_BROKEN   /* what came is no message, or the connection broke */
};

struct wire {
    struct transport *transport;
    bool answers;   /* reads responses */
    bool skip_body; /* the response to a HEAD */
    bool broken;
    http_parser parser;
    struct field *fields; /* until wire_next */
    size_t fields_count;
    const char *target; /* of a request; likewise */
    size_t target_length;
    const char *part; /* the part of the body that comes next; consumed by wire_consume */
    size_t part_length;

    /* The rest is wire.c's. */
    struct body body;
    char *bytes; /* what has come; `head` or `room` */
    size_t start, end, size;
    char *head, *room, *gathered;
    size_t head_length, searched, head_size, gathered_length, gathered_size;
};

/* Prepares for the first message of a connection. */
void wire_open(struct wire *wire, struct transport *transport, bool answers);
void wire_close(struct wire *wire);

/* Prepares for the next message; what has already arrived of it is kept. */
void wire_next(struct wire *wire);

/* Whether bytes of the next message have arrived already. */
bool wire_has_bytes(const struct wire *wire);

/* Reads a head, as far as it is there. */
enum wire_event wire_read_head(struct wire *wire);

/* Sees to it that `part` is not empty. */
enum wire_event wire_read_body(struct wire *wire);

/*
 * Keeps what comes of the body, up to `limit` bytes, for wire_read_body. WIRE_READY when it is whole or at the limit, WIRE_WAIT or
 * WIRE_BROKEN.
 */
enum wire_event wire_gather(struct wire *wire, size_t limit);

/* Whether the message was read, and its body used, to the end. */
bool wire_is_read(const struct wire *wire);

/* Whether another message may follow on this connection, by what the head of this one says. */
bool wire_keeps_alive(const struct wire *wire);

/* `length` bytes of `part` were used. */
void wire_consume(struct wire *wire, size_t length);

/* The only field of that name (lower case); NULL when there is none or there are several. `ret_count` says how many. */
const struct field *wire_field(const struct wire *wire, const char *name, unsigned *ret_count);

#endif

/*
 * One connection's incoming half: a buffer, and the message that is being read out of it. Parsing is http-parser's, with what
 * that lets through checked besides: where a message ends must mean the same to us as to everybody else (RFC 9112, 11.2).
 */
#ifndef EDGE_HOST_WIRE_H
#define EDGE_HOST_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <http_parser.h>

#include "field.h"

#define WIRE_HEAD_MAX   65536 /* bytes of a head */
#define WIRE_BODY_MAX   65536 /* bytes of a body in the buffer at a time */
#define WIRE_FIELDS_MAX 100

enum wire_event {
    WIRE_READY,   /* something is there */
    WIRE_WAIT,    /* nothing yet: poll the socket */
    WIRE_END,     /* the message, or between messages the connection, is at its end */
    WIRE_LARGE,   /* a head of too many bytes or fields */
    WIRE_VERSION, /* not HTTP/1 */
    WIRE_BROKEN   /* what came is no message, or the connection broke */
};

struct wire {
    int fd;
    bool answers;   /* reads responses */
    bool skip_body; /* the response to a HEAD */
    http_parser parser;
    struct field fields[WIRE_FIELDS_MAX]; /* into the buffer, until wire_next */
    size_t fields_count;
    const char *target; /* of a request; likewise */
    size_t target_length;
    const char *body; /* the part of the body that comes next; consumed by wire_consume */
    size_t body_length;
    bool complete; /* the message was read to its end, but for `body` */

    /* The rest is wire.c's. */
    enum { WIRE_HEAD, WIRE_BODY } state;
    bool broken, overflow, cut_at_line;
    char last; /* the byte before bytes[start] */
    size_t head_length, searched, start, end;
    char bytes[WIRE_HEAD_MAX + WIRE_BODY_MAX];
};

/* Prepares for the first message of a connection. */
void wire_open(struct wire *wire, int fd, bool answers);

/* Prepares for the next message; what has already arrived of it is kept. */
void wire_next(struct wire *wire);

/* Whether bytes of the next message have arrived already. */
bool wire_has_bytes(const struct wire *wire);

/*
 * Reads a head, as far as it is there. `flags` is recv(2)'s: MSG_DONTWAIT, or 0 to wait for as long as the socket's timeout
 * allows (then WIRE_WAIT is that timeout, or a part of a head).
 */
enum wire_event wire_read_head(struct wire *wire, int flags);

/* Sees to it that `body` is not empty, without waiting. */
enum wire_event wire_read_body(struct wire *wire);

/* Whether the message was read, and its body used, to the end. */
bool wire_is_read(const struct wire *wire);

/* Whether another message may follow on this connection, by what the head of this one says. */
bool wire_keeps_alive(const struct wire *wire);

/* `length` bytes of `body` were used. */
void wire_consume(struct wire *wire, size_t length);

/* The only field of that name (lower case); NULL when there is none or there are several. `ret_count` says how many. */
const struct field *wire_field(const struct wire *wire, const char *name, unsigned *ret_count);

#endif

/*
 * A core to stand behind the edge: takes one request per connection, remembers exactly what arrived, and answers with
 * the bytes it was told to.
 */
#ifndef TODO_TESTS_UPSTREAM_H
#define TODO_TESTS_UPSTREAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UPSTREAM_OK "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"

struct upstream {
    uint16_t port;
    int listener;
    pthread_t thread;

    /* What to do; set before a request is sent. */
    const char
        *answer; /* head and, if it is short, body; UPSTREAM_OK to begin with; "" closes without a word */
    uint64_t download; /* this many bytes of upstream_byte after it */
    unsigned delay;    /* milliseconds before the answer */
    unsigned stall;    /* milliseconds after it, before the connection is closed */
    bool answer_early; /* answers when the head has come, and reads no body */

    /* What came; read after the answer was received. */
    pthread_mutex_t lock;
    unsigned requests;
    unsigned whole_requests; /* of them, those whose body was whole */
    char head[32768];        /* request line and fields as they arrived, NUL-terminated */
    uint64_t body_length;    /* decoded if it was chunked */
    bool body_whole;         /* it ended as its framing says */
    bool body_as_expected;   /* every byte was upstream_byte of its position */
};

/* The content of every large body: a byte per position. */
static inline unsigned char upstream_byte(uint64_t position)
{
    return (unsigned char)(position * 31 + (position >> 12));
}

void upstream_start(struct upstream *upstream);
void upstream_stop(struct upstream *upstream);

/* Back to answering UPSTREAM_OK. */
void upstream_reset(struct upstream *upstream);

/* How many fields of that name arrived (spelled exactly so, without regard to case), the last one's value in `value`. */
unsigned upstream_field(struct upstream *upstream, const char *name, char *value, size_t size);

/* How many requests have arrived. */
unsigned upstream_requests(struct upstream *upstream);

#endif

/* The outgoing half of a message: a head that goes out with the first of its body, and the body's framing. */
#ifndef EDGE_HOST_SINK_H
#define EDGE_HOST_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport.h"

#define SINK_ROOM 65536 /* bytes that may wait for the socket before a writer must wait, too */

enum sink_framing { SINK_NONE, SINK_LENGTH, SINK_CHUNKED, SINK_UNTIL_CLOSE };

/* All zero before sink_attach. */
struct sink {
    struct transport *transport; /* NULL before sink_attach: nothing can be written yet */
    enum sink_framing framing;
    uint64_t left;    /* SINK_LENGTH: bytes that the head announced and that are still to come */
    const char *head; /* not yet sent; borrowed */
    size_t head_length;
    bool broken;   /* the other side takes no more */
    bool finished; /* sink_finish was called, and the body is as long as announced */

    /* The rest is sink.c's: what the socket did not take yet. */
    char *pending;
    size_t pending_start, pending_end, pending_size;
};

void sink_attach(struct sink *sink, struct transport *transport, const char *head, size_t head_length,
                 enum sink_framing framing, uint64_t length);
/* Forgets what was not sent. */
void sink_free(struct sink *sink);

/*
 * Sends what is waiting (the head, too), without waiting itself. Whether all is gone, or `broken`. The head's text is not needed any
 * more.
 */
bool sink_flush(struct sink *sink);

/* Whether a part of the body can be written now: it is attached, and little waits for the socket. */
bool sink_takes(struct sink *sink);

/*
 * Sends a part of the body; what the socket does not take is kept. Only after sink_takes said true. False, and broken, when the
 * body becomes longer than announced or the other side takes no more.
 */
bool sink_write(struct sink *sink, const char *bytes, size_t length);

/* The body is at its end. False when it is shorter than announced. */
bool sink_finish(struct sink *sink);

#endif

/*
 * Where a message's body ends (RFC 9112, 6 and 7.1). Stricter than http-parser, which takes a bare line feed for the end of a chunk
 * line and skips any byte in a chunk extension: another server would see another message.
 */
#ifndef EDGE_HOST_BODY_H
#define EDGE_HOST_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum body_framing { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_UNTIL_CLOSE };

struct body {
    enum body_framing framing;
    uint64_t left;      /* of the body, or of the chunk */
    unsigned char step; /* within the chunked coding */
    unsigned char digits;
    unsigned line; /* bytes of the chunk or trailer line so far */
    unsigned trailers;
    bool complete, broken;
};

void body_begin(struct body *body, enum body_framing framing, uint64_t length);

/*
 * Reads up to the next part of the body. Returns how many bytes were read; `ret_part` is that part, in the bytes read, or empty.
 * Stops at the end of the message.
 */
size_t body_read(struct body *body, const char *at, size_t length, const char **ret_part, size_t *ret_size);

/* The connection has ended: `complete`, or `broken`. */
void body_end(struct body *body);

#endif

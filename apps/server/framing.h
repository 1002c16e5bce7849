/*
 * The head of a request: its fields in one pass, and whether it is sound. Where a request ends must mean the same to us
 * as to every proxy in front of us (RFC 9112, 11.2: request smuggling), and who sent it must be said once. civetweb 1.15
 * is more forgiving than that; this is what it lets through.
 */
#ifndef TODO_SERVER_FRAMING_H
#define TODO_SERVER_FRAMING_H

#include <civetweb.h>

#include "text.h"

#define HEAD_MAX 16384 /* bytes of a request's line and fields */

/* The fields that somebody here reads. Those up to FIELD_ONCE may come once. */
typedef enum framing_name {
    FIELD_HOST,
    FIELD_CONTENT_LENGTH,
    FIELD_TRANSFER_ENCODING,
    FIELD_CONTENT_TYPE,
    FIELD_USER_ID,
    FIELD_EDGE_VERIFIED,
    FIELD_REQUEST_ID,
    FIELD_CONSISTENCY_TOKEN,
    FIELD_ONCE,
    FIELD_CONNECTION = FIELD_ONCE,
    FIELD_UPGRADE,
    FIELD_EXPECT,
    FIELD_CONTENT_ENCODING,
    FIELD_IF_MATCH,
    FIELD_IF_NONE_MATCH,
    FIELD_COUNT
} framing_name;

/* What is wrong with a head, for the client: the answer is `status`, and the connection is closed. */
typedef struct framing_fault {
    int status;
    const char *code;
    const char *message;
} framing_fault;

/* Of what civetweb itself refuses. */
extern const framing_fault framing_malformed, framing_bad_version;

/*
 * Reads the fields of a head that civetweb parsed: their values without white space around them, `start` NULL for those
 * that are not there; the first of several. Returns what is wrong with the head, or NULL. `info` NULL is a fault: civetweb
 * could not parse it.
 */
const framing_fault *framing_read(const struct mg_request_info *info, text_slice fields[FIELD_COUNT]);

#endif

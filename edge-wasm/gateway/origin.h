/**
 * @file origin.h
 * What a request says about where it came from: X-Forwarded-*, Forwarded (RFC 7239), Trace Context, its id.
 */
#ifndef EDGE_ORIGIN_H
#define EDGE_ORIGIN_H

#include "config.h"
#include "request.h"

/** Takes the client's X-Request-Id over when it is a UUID; otherwise the request keeps its own. */
void origin_take_request_id(struct request *request);

/**
 * Makes the fields say where the request came from. What the client says about it is dropped, unless a proxy in front of the
 * edge is trusted to have written it (EDGE_TRUST_PROXY). A `traceparent` that is none is replaced by one whose trace id is
 * the request id. Adds up to 4 fields; `room` must live as long as they do.
 */
struct origin_room {
    char forwarded[300];
    char traceparent[55];
};
void origin_set(struct request *request, const struct config *config, struct origin_room *room);

/** Whether it is a `traceparent` of version 00 (W3C Trace Context, 3.2). */
bool traceparent_valid(struct str value);

#endif

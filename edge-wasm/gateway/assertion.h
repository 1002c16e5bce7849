/**
 * @file assertion.h
 * The edge's signed word for one request (docs/edge.md): what is captured of it is of no use for another request.
 */
#ifndef EDGE_ASSERTION_H
#define EDGE_ASSERTION_H

#include "request.h"

/** "v1." and ten or more digits, "." and 43 characters of a signature. */
#define ASSERTION_LENGTH_MAX 72

/**
 * Writes `v1.TIME.SIGNATURE`: HMAC-SHA256 by the secret, in base64url, over method, path with query, user id (empty on paths
 * without a token), request id and time, each ended by a line feed. `now` is in seconds since the epoch.
 */
struct str assertion_make(const struct request *request, struct str user_id, struct str secret, uint64_t now,
                          char room[ASSERTION_LENGTH_MAX]);

#endif

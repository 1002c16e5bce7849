/**
 * @file answer.h
 * Answers that the edge gives by itself: `{"error", "code", "request_id"}`, like the core's.
 */
#ifndef EDGE_ANSWER_H
#define EDGE_ANSWER_H

#include "request.h"

/** Ends the request with an error. `message` is fit for the client; `code` is one of docs/edge.md. */
void answer_error(const struct request *request, wasi_http_types_own_response_outparam_t out, unsigned status,
                  const char *code, struct str message);

/** Ends a preflight of an allowed origin. */
void answer_preflight(const struct request *request, wasi_http_types_own_response_outparam_t out);

/** Ends the request with 401 and the challenge of RFC 6750, 3. */
void answer_unauthorized(const struct request *request, wasi_http_types_own_response_outparam_t out,
                         struct str message);

#endif

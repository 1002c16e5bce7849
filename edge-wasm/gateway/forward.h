/**
 * @file forward.h
 * A request's way to the core and the answer's way back, bodies streaming in both directions at the same time.
 */
#ifndef EDGE_FORWARD_H
#define EDGE_FORWARD_H

#include "config.h"
#include "request.h"

/**
 * Forwards a request and relays the answer. `user_id` has a NULL `ptr` on paths that need no token; `is_health` makes a
 * missing core 503 instead of 502. Always answers.
 */
void forward(struct request *request, const struct config *config, struct str user_id, bool is_health,
             wasi_http_types_own_response_outparam_t out);

#endif

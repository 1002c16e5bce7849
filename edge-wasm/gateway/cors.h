/**
 * @file cors.h
 * Cross-origin requests of browsers (Fetch Standard, 3.2), for the origins that the operator lists in EDGE_CORS_ORIGINS.
 */
#ifndef EDGE_CORS_H
#define EDGE_CORS_H

#include "config.h"
#include "request.h"

/** The request's origin if it is allowed; `ptr` is NULL otherwise, and when CORS is off. */
struct str cors_origin(const struct config *config, const struct fields *request);

/** Whether the request is a preflight (Fetch Standard, 3.2.2). */
bool cors_is_preflight(const struct request *request);

/** Adds `Vary` while CORS is on, and what an answer to an allowed origin needs besides: up to 3 fields. */
void cors_allow(const struct config *config, struct str origin, struct fields *answer);

/** Adds what the answer to a preflight needs besides: 3 fields. */
void cors_allow_preflight(struct fields *answer);

#endif

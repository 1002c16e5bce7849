/* The edge's proof that a request comes through it (docs/edge.md): its secret, or a signature made with it. */
#ifndef TODO_SERVER_EDGE_PROOF_H
#define TODO_SERVER_EDGE_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"

/* For how many seconds before and after its time a signature is accepted. */
#define EDGE_PROOF_WINDOW 30

/*
 * Whether `given`, the value of X-Edge-Verified, proves it at the time `now` (seconds since the epoch): the secret itself,
 * unless the configuration asks for signatures only, or "v1.TIME.SIGNATURE" over this very request. Either secret of the
 * configuration will do. Takes as long for a wrong proof as for a right one of the same length.
 */
bool edge_proof_valid(const http_request *request, text_slice given, int64_t now);

#endif

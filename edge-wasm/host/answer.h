/* Answers to the client. */
#ifndef EDGE_HOST_ANSWER_H
#define EDGE_HOST_ANSWER_H

#include "call.h"

/* The host's own answer, where no guest could give one; the connection is closed behind it. `fd` is the client's. */
void answer_fault(int fd, unsigned status, const char *code, const char *message);

/*
 * Sends what is left of the answer, and reads what is left of the request if that is little. Whether the connection can serve
 * another request.
 */
bool answer_end(struct call *call);

/* Reads on for a moment, so that a client that still sends gets to read the answer, and not a reset (RFC 9112, 9.6). */
void answer_linger(struct wire *client);

#endif

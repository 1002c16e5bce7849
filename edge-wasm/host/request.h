/* A client's request, before a guest gets to see it. */
#ifndef EDGE_HOST_REQUEST_H
#define EDGE_HOST_REQUEST_H

#include "call.h"

/* What is wrong with it; the answer is `status`, and the connection is closed. */
struct request_fault {
    unsigned status;
    const char *code, *message;
};

/* Reads the head into the call: what the guest gets to see of it. Returns what is wrong, or NULL. */
const struct request_fault *request_read(struct call *call);

#endif

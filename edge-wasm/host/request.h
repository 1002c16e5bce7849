/* A client's request, before a guest gets to see it. */
#ifndef EDGE_HOST_REQUEST_H
#define EDGE_HOST_REQUEST_H

#include "wire.h"

struct request {
    const char *authority, *path; /* within the head */
    size_t authority_length, path_length;
    bool awaits_100; /* the client asks before it sends its body */
    bool keep_alive; /* the client may send another request */
};

/* What is wrong with a request; the answer is `status`, and the connection is closed. */
struct request_fault {
    unsigned status;
    const char *code, *message;
};

/* Judges the head that was read. Returns what is wrong, or NULL. */
const struct request_fault *request_read(const struct wire *client, struct request *ret_request);

#endif

/* A client's connection: reads its requests, lets a guest serve them, and answers. Belongs to one worker. */
#ifndef EDGE_HOST_CLIENT_H
#define EDGE_HOST_CLIENT_H

#include "worker.h"

enum client_state {
    CLIENT_IDLE,     /* waits for a request */
    CLIENT_HEAD,     /* is in the middle of its head */
    CLIENT_GATHER,   /* or of the part of its body that is gathered */
    CLIENT_QUEUED,   /* waits for an instance */
    CLIENT_RUNNING,  /* a guest serves it */
    CLIENT_DRAINING, /* takes the rest of its answer */
    CLIENT_LINGERING /* is answered and reads no more; reads on for a moment, so that it sees the answer and not a reset (RFC 9112, 9.6) */
};

struct client {
    struct watch watch; /* first */
    struct worker *worker;
    enum client_state state;
    struct transport transport;
    struct wire wire;
    struct request request;
    struct sink answer;
    struct timer timer;
    struct job job;
    struct call *call; /* while a guest serves it */
    struct guest_instance *instance;
    bool closes;       /* after this answer */
    bool cut;          /* without a word: the answer is not whole */
    quota_key address; /* what it counts as; 0: nothing */
    quota_key forwarded;
    int64_t began;  /* when its head or the gathered part of its body began */
    uint64_t moved; /* bytes, when its rate was looked at last */
    bool moves;     /* it was expected to send or take something then */
    struct client_list *list;
    struct client *next, *previous;
};

/* Takes over a connection that was accepted, and counted among the worker's. `tls` NULL: without TLS. */
void client_open(struct worker *worker, int fd, SSL *tls, quota_key address);

void client_close(struct client *client);

/* Takes it as far as it goes; it may be closed behind that. */
void client_advance(struct client *client);

/* Has it wait for the part of its body that is gathered. */
void client_gather(struct client *client);

/* Has the rest of its answer sent. */
void client_drain(struct client *client);

/* Answers in place of a guest, and closes behind that. Returns true. */
bool client_refuse(struct client *client, const struct request_fault *fault);

#endif

/* One thread of the server: a loop, the clients that it serves, and what it serves them with. */
#ifndef EDGE_HOST_WORKER_H
#define EDGE_HOST_WORKER_H

#include <stdatomic.h>

#include "guest.h"
#include "quota.h"

struct client;

/* Clients, the one that was added first first. */
struct client_list {
    struct client *first, *last;
};

struct server_options {
    const char *address; /* HOST:PORT, or :PORT for all addresses; port 0 is a free one */
    unsigned threads;
    unsigned connections_max;
    unsigned requests_max; /* that guests serve at a time */
    unsigned
        each_max; /* connections of one client's address; with trust_proxy requests of the address that is forwarded */
    bool trust_proxy;
    int64_t head_ms;       /* within which a head must come, once it has begun */
    int64_t body_ms;       /* within which the gathered part of a body must come */
    int64_t keep_alive_ms; /* for which a connection may wait for its next request */
    int64_t idle_ms;       /* for which a client may send or take nothing in the middle of something */
    int64_t stop_ms;       /* for which requests may go on after server_stop */
    size_t gather_max;     /* bytes of a body that are gathered before a guest runs */
    unsigned rate_min;     /* bytes a second that a client must send or take beyond that */
};

struct worker {
    struct loop loop; /* first: workers are found by their loops */
    const struct server_options *options;
    const struct host_config *config;
    struct guest *guest;
    struct quota *quota;
    struct core_links links;
    struct guest_shelf shelf;
    struct call *free_calls;
    unsigned connections_max, requests_max; /* this worker's share */
    atomic_uint connections;
    unsigned requests;          /* that guests serve now */
    struct client_list idle;    /* wait for a request */
    struct client_list pending; /* are in the middle of a head or of a gathered body, or linger */
    struct client_list queued;  /* wait for an instance */
    bool stopping;
};

bool worker_open(struct worker *worker);
void worker_close(struct worker *worker);

/* A call of this worker's; NULL without memory. */
struct call *worker_take_call(struct worker *worker);
void worker_give_call(struct worker *worker, struct call *call);

/* Sends away all clients that only wait, and the others when they have been answered; then the loop ends. */
void worker_stop(struct worker *worker);

#endif

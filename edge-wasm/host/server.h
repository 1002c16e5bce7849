/* Connections from clients: a thread for each, which reads requests, lets a guest serve them, and answers. */
#ifndef EDGE_HOST_SERVER_H
#define EDGE_HOST_SERVER_H

#include "guest.h"

struct server_options {
    const char *address; /* HOST:PORT; port 0 is a free one */
    unsigned connections_max;
    int head_ms;       /* within which a head must come, once it has begun */
    int keep_alive_ms; /* for which a connection may wait for its next request */
    int stop_ms;       /* for which requests may go on after server_stop */
};

struct server;

/* Listens; NULL, with a line on standard error, when that cannot be. */
struct server *server_start(const struct server_options *options, struct guest *guest,
                            const struct host_config *config);

/* "127.0.0.1:3000" */
const char *server_address(const struct server *server);

/* Accepts until server_stop is called, possibly from a signal handler's thread. */
void server_run(struct server *server);
void server_stop(struct server *server);

/* Waits for the requests in flight, and releases everything. Only after server_run has returned. */
void server_free(struct server *server);

#endif

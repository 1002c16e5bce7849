/* The server: a listener, and workers that share it. */
#ifndef EDGE_HOST_SERVER_H
#define EDGE_HOST_SERVER_H

#include "tls.h"
#include "worker.h"

struct server;

/* Listens; NULL, with a line on standard error, when that cannot be. */
struct server *server_start(const struct server_options *options, const struct tls_files *files,
                            struct guest *guest, const struct host_config *config);

/* "127.0.0.1:3000" */
const char *server_address(const struct server *server);

/* Reads the listener's certificate anew; with a line on standard error, the old one stays when the new one does not fit. */
void server_reload(struct server *server);

/* Lets no client in any more, and waits for the requests in flight, for `stop_ms`. Whether all have ended. */
bool server_stop(struct server *server);

/* Only after server_stop has said true. */
void server_free(struct server *server);

#endif

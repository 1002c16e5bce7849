/* Where a PostgreSQL is, and how to connect to it. */
#ifndef TODO_ADAPTERS_POSTGRES_ENDPOINT_H
#define TODO_ADAPTERS_POSTGRES_ENDPOINT_H

#include <libpq-fe.h>

#include <todo/store.h>

typedef struct todo__pg_endpoint todo__pg_endpoint;

/*
 * Reads a connection URI. With `read_write`, only servers that accept writes are connected to, unless the URI says
 * otherwise. Fails with INVALID, code "store_url_invalid", field `field`, or NOMEM.
 */
todo_status todo__pg_endpoint_new(const char *url, const char *field, bool read_write,
                                  const todo_store_options *options, todo__pg_endpoint **ret_endpoint,
                                  todo_error *error);

void todo__pg_endpoint_free(todo__pg_endpoint *endpoint);

/* The URI as it may be shown: user, hosts, ports and database, but no password. Owned by the endpoint. */
const char *todo__pg_endpoint_url(const todo__pg_endpoint *endpoint);

/*
 * Connects to the first of the hosts that is reachable and of the kind asked for, trying each for the connect timeout
 * at most and all until `deadline` (CLOCK_MONOTONIC in microseconds). Of several hosts the one that worked last
 * comes first. The connection is non-blocking. UNAVAILABLE, TIMEOUT, NOMEM. Thread-safe.
 */
todo_status todo__pg_endpoint_connect(todo__pg_endpoint *endpoint, int64_t deadline, PGconn **ret_pg,
                                      todo_error *error);

/*
 * Waits until the socket of a connection is ready for `events` (poll(2)); false when the deadline passed first.
 */
bool todo__pg_wait(PGconn *pg, short events, int64_t deadline);

#endif

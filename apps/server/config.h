/* What the server is told: the environment first, flags override it. */
#ifndef TODO_SERVER_CONFIG_H
#define TODO_SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

/* The strings live as long as the process, so that a config can be copied. */
typedef struct server_config {
    const char *address;             /* host:port to listen on; port 0 lets the kernel choose */
    const char *database_writer_url; /* any URL of todo_store_open */
    const char *database_reader_url; /* NULL: none */
    const char *redis_url;           /* NULL: none */
    const char *edge_secret;
    const char *edge_secret_previous; /* accepted beside it while the secret is being replaced; may be NULL */
    const char *edge_assertion;       /* "any" or "signed" */
    const char *jwt_secret;           /* may be NULL when there is a signing key */
    const char *jwt_signing_key;      /* a JWK or PEM that tokens are signed with instead; may be NULL */
    uint32_t cache_ttl;               /* seconds that the cache keeps a todo */
    uint32_t jwt_expiry_hours;
    uint32_t threads;         /* connections served at the same time */
    uint32_t fiber_threads;   /* threads that go on with requests that waited; 0: each waits in its worker */
    uint32_t pool_size;       /* connections to each PostgreSQL endpoint; 0: the library's default */
    uint32_t call_timeout_ms; /* the deadline of a call to the store */
    uint32_t request_timeout_ms; /* for any pause within a request */
    uint32_t head_timeout_ms;    /* for the head of a connection's first request */
    uint32_t min_rate; /* bytes per second at which a client has to send a body and take an answer */
    uint32_t client_connections; /* of one client address; 0: any number */
    uint32_t keep_alive_ms;      /* for the next request on a connection */
    uint32_t drain_timeout_ms;   /* for what is under way when the server is told to stop */
    log_level log_level;
    bool dev;
    bool check; /* only say whether the configuration and the store are fine */
} server_config;

typedef enum config_result { CONFIG_RUN, CONFIG_DONE, CONFIG_INVALID } config_result;

/*
 * Reads the environment and the arguments. CONFIG_DONE: --help or --version was answered. CONFIG_INVALID: one line
 * on standard error says why.
 */
config_result config_read(int argc, char **argv, server_config *ret_config);

#endif

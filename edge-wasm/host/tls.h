/* TLS towards clients, by certificate files that can be read anew, and towards the core. */
#ifndef EDGE_HOST_TLS_H
#define EDGE_HOST_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

struct tls_files {
    const char *certificate, *key; /* of the client side: that of the listener; both or none */
    const char *core_authorities;  /* certificates that may sign the core's; NULL: the system's */
    const char *core_certificate, *core_key;
};

/* Reads the listener's files. NULL, with a line on standard error, when they do not fit. */
SSL_CTX *tls_for_listener(const struct tls_files *files);

/* What connections to the core are made with. */
SSL_CTX *tls_for_core(const struct tls_files *files);

/* The server's half of a connection that was just accepted. NULL without memory. */
SSL *tls_from_client(SSL_CTX *context);

/* The client's half of one to AUTHORITY, whose name the certificate must have. */
SSL *tls_to_server(SSL_CTX *context, const char *authority, int fd);

#endif

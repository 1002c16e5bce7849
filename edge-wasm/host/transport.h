/* A connection's bytes, plain or through TLS. Nothing here waits. */
#ifndef EDGE_HOST_TRANSPORT_H
#define EDGE_HOST_TRANSPORT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct transport {
    int fd;
    SSL *tls;      /* NULL without */
    bool readable; /* something may have come since nothing was there */
    bool writable;
    bool hung_up;         /* the other side sends nothing any more */
    bool failed;          /* nor does it take anything */
    uint64_t received;    /* bytes */
    uint64_t transmitted; /* bytes */
};

#define TRANSPORT_WAIT   (-1)
#define TRANSPORT_BROKEN (-2)

/* `tls`, if any, becomes its own. */
void transport_open(struct transport *transport, int fd, SSL *tls);
void transport_close(struct transport *transport);

/* Takes note of what epoll(7) says. */
void transport_note(struct transport *transport, uint32_t events);

/* How many bytes came; 0 at the end. Asks the system only when something may be there. */
ssize_t transport_receive(struct transport *transport, void *bytes, size_t room);

/* How many bytes went out, TRANSPORT_WAIT when none did. */
ssize_t transport_send(struct transport *transport, const struct iovec *parts, size_t count);

/* How many of the sent bytes the other side has confirmed. */
uint64_t transport_confirmed(const struct transport *transport);

#endif

/* The sockets of this process that belong to the server. civetweb does not hand them out, so they are looked for. */
#ifndef TODO_SERVER_SOCKETS_H
#define TODO_SERVER_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lets the kernel hold connections back until their client has sent something: a silent one takes no worker. */
void sockets_defer_accept(uint16_t port, int seconds);

/*
 * Binds a TCP socket to "HOST:PORT" or "[ADDRESS]:PORT" and, with `listens`, listens. -1: it can't, and `ret_reason`, static
 * or from strerror(3), says why.
 */
int sockets_bind(const char *address, bool listens, const char **ret_reason);

/* The port that a socket is bound to. */
uint16_t sockets_port(int fd);

/*
 * Puts `listener` in the place of the one that listens on `port` in this process, which is closed, and closes `listener`'s own
 * number. False when it can't: both stay as they are.
 */
bool sockets_replace_listener(uint16_t port, int listener);

/* What took the place of a socket that listened. */
typedef struct sockets_stopped {
    int listener; /* what was the socket; -1 for none */
    int in_place; /* an eventfd(2) */
} sockets_stopped;

/* No more connections are accepted on this port; those there are stay. */
void sockets_stop_listening(uint16_t port, sockets_stopped *ret_stopped);

/* Wakes who polls for connections, and releases what sockets_stop_listening made. */
void sockets_wake(sockets_stopped *stopped);

/* Where a connection came from. */
typedef struct socket_peer {
    char address[48]; /* as text */
    uint16_t port;
    uint32_t age_ms; /* of the connection; only from sockets_silent */
} socket_peer;

/*
 * The connections to `port` that are that old at least, of which all that came has been read, and that nothing was sent on.
 * To be freed; NULL when there are none or memory is short.
 */
socket_peer *sockets_silent(uint16_t port, uint32_t age_ms, size_t *ret_count);

/* The socket of the connection that came in on `port` from this peer, or -1. */
int sockets_find(uint16_t port, const socket_peer *peer);

/* Nothing more is read (what has arrived still is), or the connection ends at once. */
typedef enum sockets_ending { SOCKETS_END_READING, SOCKETS_END_ALL } sockets_ending;

/* Ends the connections that came in on `port` from these peers. */
void sockets_end(uint16_t port, const socket_peer *peers, size_t count, sockets_ending ending);

/* Ends reading on all connections that came in on this port, so that nobody waits for another request. */
void sockets_stop_reading(uint16_t port);

#endif

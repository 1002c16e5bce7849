#include "sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} socket_address;

static uint16_t port_of(const socket_address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohs(address->v4.sin_port);
    return address->any.sa_family == AF_INET6 ? ntohs(address->v6.sin6_port) : 0;
}

/* Whether it is a TCP socket with this local port; `ret_listening` tells of which kind. */
static bool is_ours(int fd, uint16_t port, bool *ret_listening)
{
    socket_address address;
    socklen_t length = sizeof(address), size = sizeof(int);
    int protocol = 0, listening = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0 || protocol != IPPROTO_TCP)
        return false;
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
    *ret_listening = listening != 0;
    return getsockname(fd, &address.any, &length) == 0 && port_of(&address) == port;
}

static void each_socket(uint16_t port, bool listening, void (*visit)(int fd, void *arg), void *arg)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        int fd = atoi(entry->d_name);
        bool is_listening;

        if (entry->d_name[0] != '.' && is_ours(fd, port, &is_listening) && is_listening == listening)
            visit(fd, arg);
    }
    if (folder != NULL)
        closedir(folder);
}

static void defer_accept(int fd, void *arg)
{
    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, arg, sizeof(int));
}

void sockets_defer_accept(uint16_t port, int seconds)
{
    each_socket(port, true, defer_accept, &seconds);
}

/*
 * civetweb polls the number until it is stopped, and would spin on a socket that was shut down: something that is not
 * ready takes its place. The socket itself stays open, for a poll(2) that began on it can only be woken through it.
 */
static void stop_listening(int fd, void *arg)
{
    sockets_stopped *stopped = arg;

    if (stopped->listener >= 0)
        return;
    stopped->listener = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    shutdown(stopped->listener, SHUT_RDWR);
    dup3(stopped->in_place, fd, O_CLOEXEC);
}

void sockets_stop_listening(uint16_t port, sockets_stopped *ret_stopped)
{
    *ret_stopped = (sockets_stopped){-1, eventfd(0, EFD_CLOEXEC)};
    if (ret_stopped->in_place >= 0)
        each_socket(port, true, stop_listening, ret_stopped);
}

void sockets_wake(sockets_stopped *stopped)
{
    if (stopped->in_place < 0)
        return;
    eventfd_write(stopped->in_place, 1);
    shutdown(stopped->listener, SHUT_RDWR);
    close(stopped->in_place);
    close(stopped->listener);
}

typedef struct peer_to_find {
    const socket_peer *peer;
    int fd;
} peer_to_find;

typedef struct peers_to_end {
    const socket_peer *peers;
    size_t count;
    sockets_ending ending;
} peers_to_end;

static bool is_from(const socket_address *address, const socket_peer *peer)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (port_of(address) != peer->port)
        return false;
    if (address->any.sa_family == AF_INET)
        inet_ntop(AF_INET, &address->v4.sin_addr, text, sizeof(text));
    else
        inet_ntop(AF_INET6, &address->v6.sin6_addr, text, sizeof(text));
    return strcmp(text, peer->address) == 0;
}

static void find_if_wanted(int fd, void *arg)
{
    peer_to_find *wanted = arg;
    socket_address address;
    socklen_t length = sizeof(address);

    if (getpeername(fd, &address.any, &length) == 0 && is_from(&address, wanted->peer))
        wanted->fd = fd;
}

int sockets_find(uint16_t port, const socket_peer *peer)
{
    peer_to_find wanted = {peer, -1};

    each_socket(port, false, find_if_wanted, &wanted);
    return wanted.fd;
}

static void end_if_wanted(int fd, void *arg)
{
    const peers_to_end *wanted = arg;
    socket_address address;
    socklen_t length = sizeof(address);

    if (getpeername(fd, &address.any, &length) != 0)
        return;
    for (size_t i = 0; i < wanted->count; i++)
        if (is_from(&address, &wanted->peers[i]))
            shutdown(fd, wanted->ending == SOCKETS_END_ALL ? SHUT_RDWR : SHUT_RD);
}

void sockets_end(uint16_t port, const socket_peer *peers, size_t count, sockets_ending ending)
{
    peers_to_end wanted = {peers, count, ending};

    each_socket(port, false, end_if_wanted, &wanted);
}

static void stop_reading(int fd, void *arg)
{
    (void)arg;
    shutdown(fd, SHUT_RD);
}

void sockets_stop_reading(uint16_t port)
{
    each_socket(port, false, stop_reading, NULL);
}

#if defined(__SANITIZE_THREAD__)
/*
 * civetweb is not instrumented: that it closes the number only after it was told to stop, and so long after
 * stop_listening, the sanitizer can't see.
 */
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
    return "race:stop_listening\nrace:sockets_stop_listening\nrace:sockets_wake\n";
}
#endif

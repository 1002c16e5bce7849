#include "sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
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

/* Splits "HOST:PORT" or "[ADDRESS]:PORT"; false when the host is too long. */
static bool split(const char *address, char *host, size_t size, const char **ret_port)
{
    const char *colon = strrchr(address, ':');
    bool bracketed = address[0] == '[';
    int length = (int)(colon - address) - 2 * bracketed;

    *ret_port = colon + 1;
    return snprintf(host, size, "%.*s", length, address + bracketed) < (int)size;
}

static int bind_one(const struct addrinfo *to, bool listens)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, problem;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, to->ai_addr, to->ai_addrlen) == 0 && (!listens || listen(fd, SOMAXCONN) == 0))
        return fd;
    problem = errno;
    close(fd);
    errno = problem;
    return -1;
}

int sockets_bind(const char *address, bool listens, const char **ret_reason)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[256];
    const char *port;
    int fd, problem;

    if (!split(address, host, sizeof(host), &port)) {
        *ret_reason = "the host is too long";
        return -1;
    }
    problem = getaddrinfo(host, port, &hints, &found);
    if (problem != 0) {
        *ret_reason = gai_strerror(problem);
        return -1;
    }
    fd = bind_one(found, listens);
    if (fd < 0)
        *ret_reason = strerror(errno);
    freeaddrinfo(found);
    return fd;
}

uint16_t sockets_port(int fd)
{
    socket_address address;
    socklen_t length = sizeof(address);

    return getsockname(fd, &address.any, &length) == 0 ? port_of(&address) : 0;
}

static void keep_number(int fd, void *arg)
{
    *(int *)arg = fd;
}

/* Connects to a socket that listens, and closes the connection. One that listens on all addresses does so on the loopback. */
static void knock(int listener)
{
    socket_address to;
    socklen_t length = sizeof(to);
    int fd;

    if (getsockname(listener, &to.any, &length) != 0)
        return;
    if (to.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&to.v6.sin6_addr))
        to.v6.sin6_addr = in6addr_loopback;
    fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)connect(fd, &to.any, length);
    close(fd);
}

bool sockets_replace_listener(uint16_t port, int listener)
{
    int number = -1, old;

    each_socket(port, true, keep_number, &number);
    if (number < 0)
        return false;
    old = fcntl(number, F_DUPFD_CLOEXEC, 0);
    if (old < 0 || dup3(listener, number, O_CLOEXEC) < 0) {
        close(old);
        return false;
    }
    close(listener);
    /* A poll(2) that began before sleeps on the old socket, but then looks at the number: at the new one. */
    knock(number);
    knock(old);
    close(old);
    return true;
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

static socket_peer peer_from(const socket_address *address, uint32_t age_ms)
{
    socket_peer peer = {"", port_of(address), age_ms};

    if (address->any.sa_family == AF_INET)
        inet_ntop(AF_INET, &address->v4.sin_addr, peer.address, sizeof(peer.address));
    else
        inet_ntop(AF_INET6, &address->v6.sin6_addr, peer.address, sizeof(peer.address));
    return peer;
}

static bool is_from(const socket_address *address, const socket_peer *peer)
{
    /* Debian's civetweb does not know IPv6, and tells the port alone. */
    bool port_alone = address->any.sa_family != AF_INET && peer->address[0] == '\0';

    return port_of(address) == peer->port &&
           (port_alone || strcmp(peer_from(address, 0).address, peer->address) == 0);
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

typedef struct silent_list {
    uint32_t age_ms;
    socket_peer *peers;
    size_t count, size;
} silent_list;

static bool grow(silent_list *list)
{
    size_t size = list->size > 0 ? list->size * 2 : 64;
    socket_peer *larger;

    if (list->count < list->size)
        return true;
    larger = realloc(list->peers, size * sizeof(*larger));
    if (larger == NULL)
        return false;
    list->size = size;
    list->peers = larger;
    return true;
}

/* Until something is sent, the kernel counts from the connection's beginning when that was last done. */
static void add_if_silent(int fd, void *arg)
{
    silent_list *list = arg;
    struct tcp_info info = {0};
    socket_address address;
    socklen_t size = sizeof(info), length = sizeof(address);
    int unread = 0;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_data_segs_out > 0 ||
        info.tcpi_last_data_sent < list->age_ms || ioctl(fd, FIONREAD, &unread) != 0 || unread > 0 ||
        getpeername(fd, &address.any, &length) != 0 || !grow(list))
        return;
    list->peers[list->count++] = peer_from(&address, info.tcpi_last_data_sent);
}

socket_peer *sockets_silent(uint16_t port, uint32_t age_ms, size_t *ret_count)
{
    silent_list list = {.age_ms = age_ms};

    each_socket(port, false, add_if_silent, &list);
    *ret_count = list.count;
    return list.peers;
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

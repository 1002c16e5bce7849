#include "sockets.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whether it is a TCP socket with this local port; `ret_listening` tells of which kind. */
static bool is_ours(int fd, uint16_t port, bool *ret_listening)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t length = sizeof(address), size = sizeof(int);
    int protocol = 0, listening = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0 || protocol != IPPROTO_TCP)
        return false;
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
    *ret_listening = listening != 0;
    if (getsockname(fd, &address.any, &length) != 0)
        return false;
    if (address.any.sa_family == AF_INET)
        return address.v4.sin_port == htons(port);
    return address.any.sa_family == AF_INET6 && address.v6.sin6_port == htons(port);
}

static void each_socket(uint16_t port, bool listening, void (*visit)(int fd, unsigned arg), unsigned arg)
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

static void defer_accept(int fd, unsigned arg)
{
    int seconds = (int)arg;

    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
}

void sockets_defer_accept(uint16_t port, unsigned seconds)
{
    each_socket(port, true, defer_accept, seconds);
}

/*
 * civetweb polls this number until it is stopped, and would spin on a socket that was shut down: something that never
 * becomes ready takes its place.
 */
static void stop_listening(int fd, unsigned arg)
{
    int never_ready = eventfd(0, EFD_CLOEXEC);

    (void)arg;
    if (never_ready < 0)
        return;
    shutdown(fd, SHUT_RDWR);
    dup3(never_ready, fd, O_CLOEXEC);
    close(never_ready);
}

void sockets_stop_listening(uint16_t port)
{
    each_socket(port, true, stop_listening, 0);
}

static void stop_reading(int fd, unsigned arg)
{
    (void)arg;
    shutdown(fd, SHUT_RD);
}

void sockets_stop_reading(uint16_t port)
{
    each_socket(port, false, stop_reading, 0);
}

#if defined(__SANITIZE_THREAD__)
/*
 * civetweb is not instrumented: that it closes the number only after it was told to stop, and so long after
 * stop_listening, the sanitizer can't see.
 */
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
    return "race:stop_listening\n";
}
#endif

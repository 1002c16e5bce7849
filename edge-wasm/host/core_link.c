#include "core_link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MAX_MS 3000 /* shorter than any server keeps an idle connection */
#define PROVEN_MS   20
#define IDLE_MAX    256 /* connections */

static struct {
    pthread_mutex_t mutex;
    struct core_link *first; /* the one used last first */
    size_t count;
} idle = {.mutex = PTHREAD_MUTEX_INITIALIZER};

int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nothing has come, not even the end. */
static bool is_alive(const struct core_link *link)
{
    char byte;

    return clock_ms() - link->idle_since < IDLE_MAX_MS &&
           recv(link->wire.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* It was used twice, or waits for long already: a core that closes after an answer without having said so would have. */
static bool is_proven(const struct core_link *link)
{
    return link->served > 1 || clock_ms() - link->idle_since > PROVEN_MS;
}

/* Takes the one used last, so that those which are not needed grow old. */
static struct core_link *pop(const char *authority, bool proven)
{
    struct core_link *link, **at = &idle.first;

    pthread_mutex_lock(&idle.mutex);
    while (*at != NULL && (strcmp((*at)->authority, authority) != 0 || (proven && !is_proven(*at))))
        at = &(*at)->next;
    link = *at;
    if (link != NULL) {
        *at = link->next;
        idle.count--;
    }
    pthread_mutex_unlock(&idle.mutex);
    return link;
}

static struct core_link *take_idle(const char *authority, bool proven)
{
    struct core_link *link;

    while ((link = pop(authority, proven)) != NULL) {
        if (is_alive(link))
            return link;
        core_link_close(link);
    }
    return NULL;
}

static int connect_within(const struct addrinfo *address, int timeout_ms, enum core_link_error *ret_error)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0, one = 1;
    socklen_t size = sizeof(error);

    *ret_error = CORE_LINK_REFUSED;
    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        struct pollfd wait = {fd, POLLOUT, 0};
        int ready = errno == EINPROGRESS ? poll(&wait, 1, timeout_ms) : -1;
        if (ready == 0)
            *ret_error = CORE_LINK_TIMEOUT;
        if (ready != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            close(fd);
            return -1;
        }
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    *ret_error = CORE_LINK_OK;
    return fd;
}

/* HOST, [HOST] or either with :PORT, into two strings. */
static bool split(const char *authority, char host[256], char port[8])
{
    size_t length = authority[0] == '[' ? strcspn(authority, "]") : strcspn(authority, ":");
    const char *rest = authority + length + (authority[0] == '[' && authority[length] == ']');
    size_t skip = authority[0] == '[';

    if (length - skip == 0 || length >= 256 || (*rest != '\0' && (*rest != ':' || strlen(rest + 1) > 5)))
        return false;
    memcpy(host, authority + skip, length - skip);
    host[length - skip] = '\0';
    strcpy(port, *rest == ':' ? rest + 1 : "80");
    return true;
}

static enum core_link_error make(const char *authority, int timeout_ms, int *ret_fd)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *addresses;
    enum core_link_error error = CORE_LINK_REFUSED;
    char host[256], port[8];

    if (!split(authority, host, port) || getaddrinfo(host, port, &hints, &addresses) != 0)
        return CORE_LINK_NAME;
    *ret_fd = -1;
    for (struct addrinfo *at = addresses; at != NULL && *ret_fd < 0; at = at->ai_next)
        *ret_fd = connect_within(at, timeout_ms, &error);
    freeaddrinfo(addresses);
    return error;
}

enum core_link_error core_link_take(const char *authority, enum core_link_choice choice, int timeout_ms,
                                    struct core_link **ret_link)
{
    struct core_link *link =
        choice == CORE_LINK_FRESH ? NULL : take_idle(authority, choice == CORE_LINK_PROVEN);
    enum core_link_error error;
    int fd;

    *ret_link = link;
    if (link != NULL)
        return CORE_LINK_OK;
    error = strlen(authority) < sizeof(link->authority) ? make(authority, timeout_ms, &fd) : CORE_LINK_NAME;
    if (error != CORE_LINK_OK)
        return error;
    link = malloc(sizeof(*link));
    if (link == NULL) {
        close(fd);
        return CORE_LINK_MEMORY;
    }
    wire_open(&link->wire, fd, true);
    link->served = 0;
    strcpy(link->authority, authority);
    *ret_link = link;
    return CORE_LINK_OK;
}

void core_link_give(struct core_link *link)
{
    wire_next(&link->wire);
    link->served++;
    link->idle_since = clock_ms();
    pthread_mutex_lock(&idle.mutex);
    bool room = idle.count < IDLE_MAX && !wire_has_bytes(&link->wire);
    if (room) {
        link->next = idle.first;
        idle.first = link;
        idle.count++;
    }
    pthread_mutex_unlock(&idle.mutex);
    if (!room)
        core_link_close(link);
}

void core_link_close(struct core_link *link)
{
    close(link->wire.fd);
    free(link);
}

void core_link_reap(bool all)
{
    struct core_link *link, **at = &idle.first;
    int64_t limit = clock_ms() - IDLE_MAX_MS;

    /* The last used come first: behind one that is old there are only older ones. */
    pthread_mutex_lock(&idle.mutex);
    while (*at != NULL && !all && (*at)->idle_since > limit)
        at = &(*at)->next;
    link = *at;
    *at = NULL;
    for (struct core_link *each = link; each != NULL; each = each->next)
        idle.count--;
    pthread_mutex_unlock(&idle.mutex);
    while (link != NULL) {
        struct core_link *next = link->next;
        core_link_close(link);
        link = next;
    }
}

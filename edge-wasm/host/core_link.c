#include "core_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls.h"

#define IDLE_MAX_MS 3000 /* shorter than any server keeps an idle connection */
#define PROVEN_MS   20
#define IDLE_MAX    128 /* connections of a loop */

static void go_on(struct core_link *link);

/* It was used twice, or waits for long already: a core that closes after an answer without having said so would have. */
static bool is_proven(const struct core_link *link)
{
    return link->served > 1 || link->links->loop->now - link->idle_since > PROVEN_MS;
}

static void unlist(struct core_link *link)
{
    struct core_links *links = link->links;

    *(link->previous != NULL ? &link->previous->next : &links->first) = link->next;
    *(link->next != NULL ? &link->next->previous : &links->last) = link->previous;
    links->idle--;
}

/* The one used last, so that those which are not needed grow old. */
static struct core_link *take_idle(struct core_links *links, const struct core_link_target *target,
                                   bool proven)
{
    struct core_link *link = links->first;

    while (link != NULL && (strcmp(link->authority, target->authority) != 0 ||
                            link->secure != target->secure || (proven && !is_proven(link))))
        link = link->next;
    if (link != NULL) {
        unlist(link);
        timer_set(&links->loop->timers, &link->timer, TIMER_NEVER);
    }
    return link;
}

static void fail(struct core_link *link, enum core_link_error error)
{
    link->state = CORE_LINK_FAILED;
    link->error = error;
}

/* Starts to connect to one address. False when that failed at once. */
static bool try_address(struct core_link *link, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

    link->error = fd < 0 ? CORE_LINK_LIMIT : CORE_LINK_REFUSED;
    if (fd < 0)
        return false;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if ((connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) ||
        !loop_watch(link->links->loop, fd, &link->watch)) {
        close(fd);
        return false;
    }
    transport_open(&link->transport, fd, NULL);
    link->transport.readable = link->transport.writable = false;
    return true;
}

/* Connects to the next of the name's addresses that can be tried. */
static void connect_next(struct core_link *link)
{
    const struct addrinfo *at = NULL;
    enum name_state found =
        names_find(&link->links->names, link->authority, link->secure ? "443" : "80", &link->waiter, &at);

    link->state = CORE_LINK_NAMING;
    if (found == NAME_PENDING)
        return;
    if (found == NAME_UNKNOWN) {
        fail(link, CORE_LINK_NAME_UNKNOWN);
        return;
    }
    for (unsigned i = 0; i < link->address && at != NULL; i++)
        at = at->ai_next;
    for (; at != NULL; at = at->ai_next) {
        link->address++;
        if (try_address(link, at)) {
            link->state = CORE_LINK_CONNECTING;
            return;
        }
    }
    fail(link, link->error);
}

static void disconnect(struct core_link *link)
{
    if (link->transport.fd >= 0)
        transport_close(&link->transport);
    link->transport.fd = -1;
    link->transport.tls = NULL;
}

/* The connection is there, or the next address is tried. */
static void end_connect(struct core_link *link)
{
    int error = 0;
    socklen_t size = sizeof(error);

    if (!link->transport.writable)
        return;
    if (getsockopt(link->transport.fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0 &&
        !link->transport.failed) {
        link->state = link->secure ? CORE_LINK_SECURING : CORE_LINK_OPEN;
        if (link->secure && (link->transport.tls = tls_to_server(link->links->tls, link->authority,
                                                                 link->transport.fd)) == NULL)
            fail(link, CORE_LINK_TLS);
        return;
    }
    disconnect(link);
    link->error = CORE_LINK_REFUSED;
    connect_next(link);
}

static void secure(struct core_link *link)
{
    int result = SSL_connect(link->transport.tls), error = SSL_get_error(link->transport.tls, result);

    ERR_clear_error();
    if (result == 1)
        link->state = CORE_LINK_OPEN;
    else if (SSL_get_verify_result(link->transport.tls) != X509_V_OK)
        fail(link, CORE_LINK_CERTIFICATE);
    else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        fail(link, CORE_LINK_TLS);
}

static void go_on(struct core_link *link)
{
    if (link->state == CORE_LINK_NAMING)
        connect_next(link);
    if (link->state == CORE_LINK_CONNECTING)
        end_connect(link);
    if (link->state == CORE_LINK_SECURING)
        secure(link);
    if (link->state >= CORE_LINK_OPEN)
        timer_set(&link->links->loop->timers, &link->timer, TIMER_NEVER);
}

static void on_event(struct watch *watch, uint32_t events)
{
    struct core_link *link = (struct core_link *)watch;

    transport_note(&link->transport, events);
    if (link->state < CORE_LINK_OPEN)
        go_on(link);
    if (link->changed != NULL) {
        link->changed(link);
    } else if (events & ~(uint32_t)EPOLLOUT) { /* idle: nothing may come, not even the end */
        unlist(link);
        core_link_close(link);
    }
}

static void on_named(struct job *job)
{
    struct core_link *link = (struct core_link *)((char *)job - offsetof(struct core_link, waiter.job));

    if (link->state == CORE_LINK_NAMING)
        go_on(link);
    if (link->changed != NULL)
        link->changed(link);
}

/* It took too long to open, or was idle for long. */
static void on_time(struct timer *timer)
{
    struct core_link *link = (struct core_link *)((char *)timer - offsetof(struct core_link, timer));

    if (link->state >= CORE_LINK_OPEN) {
        unlist(link);
        core_link_close(link);
        return;
    }
    names_forget(&link->waiter);
    fail(link, link->state == CORE_LINK_NAMING ? CORE_LINK_NAME_TIMEOUT : CORE_LINK_TIMEOUT);
    if (link->changed != NULL)
        link->changed(link);
}

struct core_link *core_link_take(struct core_links *links, const struct core_link_target *target,
                                 enum core_link_choice choice)
{
    struct core_link *link =
        choice == CORE_LINK_FRESH ? NULL : take_idle(links, target, choice == CORE_LINK_PROVEN);

    if (link != NULL)
        return link;
    link = calloc(1, sizeof(*link));
    if (link == NULL)
        return NULL;
    link->watch.ready = on_event;
    link->links = links;
    link->secure = target->secure;
    link->timer.run = on_time;
    link->timer.due = TIMER_NEVER;
    link->waiter.job.run = on_named;
    link->transport.fd = -1;
    strcpy(link->authority, target->authority);
    wire_open(&link->wire, &link->transport, true);
    timer_set(&links->loop->timers, &link->timer, links->loop->now + target->timeout_ms);
    if (link->secure && links->tls == NULL)
        fail(link, CORE_LINK_TLS);
    else
        connect_next(link);
    return link;
}

void core_link_give(struct core_link *link)
{
    struct core_links *links = link->links;

    wire_next(&link->wire);
    link->served++;
    link->changed = NULL;
    if (links->idle == IDLE_MAX || wire_has_bytes(&link->wire) || link->transport.hung_up) {
        core_link_close(link);
        return;
    }
    link->idle_since = links->loop->now;
    link->next = links->first;
    link->previous = NULL;
    *(links->first != NULL ? &links->first->previous : &links->last) = link;
    links->first = link;
    links->idle++;
    timer_set(&links->loop->timers, &link->timer, links->loop->now + IDLE_MAX_MS);
}

void core_link_close(struct core_link *link)
{
    names_forget(&link->waiter);
    loop_cancel(link->links->loop, &link->waiter.job);
    timer_remove(&link->links->loop->timers, &link->timer);
    disconnect(link);
    wire_close(&link->wire);
    loop_release(link->links->loop, &link->watch);
}

void core_links_open(struct core_links *links, struct loop *loop, SSL_CTX *tls)
{
    *links = (struct core_links){.loop = loop, .names.loop = loop, .tls = tls};
}

void core_links_close(struct core_links *links)
{
    while (links->first != NULL) {
        struct core_link *link = links->first;
        unlist(link);
        core_link_close(link);
    }
    names_close(&links->names);
}

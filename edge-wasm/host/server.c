#include "server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define BACKLOG    4096
#define ACCEPT_MAX 64         /* connections in a row */
#define STACK_SIZE (1u << 20) /* of a thread */
#define IMBALANCE  4          /* connections that a worker may have more than another */

/* A worker, its thread, and its share of the listener. */
struct seat {
    struct worker worker; /* first */
    struct server *server;
    struct watch listen_watch;
    struct job stop_job;
    pthread_t thread;
};

struct server {
    struct server_options options;
    struct tls_files files;
    const struct host_config *config;
    char address[64];
    int listener;
    pthread_mutex_t mutex;
    SSL_CTX *tls; /* guarded by `mutex` */
    SSL_CTX *tls_core;
    struct quota *quota;
    struct seat *seats;
    unsigned running;
    pthread_cond_t ended;
};

/* A connection on its way to another worker. */
struct handover {
    struct job job;
    struct worker *worker;
    int fd;
    SSL *tls;
    quota_key address;
};

static void take_over(struct job *job)
{
    struct handover *handover = (struct handover *)job;

    client_open(handover->worker, handover->fd, handover->tls, handover->address);
    free(handover);
}

/* The worker that accepted, unless another has less to do. */
static struct worker *choose(struct server *server, struct worker *self)
{
    struct worker *least = self;

    for (unsigned i = 0; i < server->options.threads; i++)
        if (atomic_load(&server->seats[i].worker.connections) < atomic_load(&least->connections))
            least = &server->seats[i].worker;
    return atomic_load(&self->connections) <= atomic_load(&least->connections) + IMBALANCE ? self : least;
}

static SSL *secure(struct server *server)
{
    SSL *tls = NULL;

    pthread_mutex_lock(&server->mutex);
    if (server->tls != NULL)
        tls = tls_from_client(server->tls);
    pthread_mutex_unlock(&server->mutex);
    return tls;
}

static void distribute(struct seat *seat, int fd, const struct sockaddr_storage *peer)
{
    struct server *server = seat->server;
    struct worker *worker = choose(server, &seat->worker);
    quota_key address = server->options.trust_proxy ? 0 : quota_key_of(peer);
    SSL *tls = server->files.certificate != NULL ? secure(server) : NULL;
    struct handover *handover;
    int one = 1;

    atomic_fetch_add(&worker->connections, 1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (worker == &seat->worker) {
        client_open(worker, fd, tls, address);
        return;
    }
    handover = malloc(sizeof(*handover));
    if (handover == NULL) {
        SSL_free(tls);
        close(fd);
        atomic_fetch_sub(&worker->connections, 1);
        return;
    }
    *handover =
        (struct handover){.job.run = take_over, .worker = worker, .fd = fd, .tls = tls, .address = address};
    loop_post(&worker->loop, &handover->job);
}

static void on_listener(struct watch *watch, uint32_t events)
{
    struct seat *seat = (struct seat *)((char *)watch - offsetof(struct seat, listen_watch));
    struct sockaddr_storage peer;

    (void)events;
    for (int i = 0; i < ACCEPT_MAX && !seat->worker.stopping; i++) {
        socklen_t size = sizeof(peer);
        int fd =
            accept4(seat->server->listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            distribute(seat, fd, &peer);
        else if ((errno == EMFILE || errno == ENFILE) && seat->worker.idle.first != NULL)
            client_close(seat->worker.idle.first);
        else
            return;
    }
}

/* Level-triggered, and one worker at a time is woken: it takes what there is. */
static bool watch_listener(struct seat *seat)
{
    struct epoll_event event = {EPOLLIN | EPOLLEXCLUSIVE, {.ptr = &seat->listen_watch}};

    seat->listen_watch.ready = on_listener;
    return epoll_ctl(seat->worker.loop.epoll, EPOLL_CTL_ADD, seat->server->listener, &event) == 0;
}

static void *run_seat(void *argument)
{
    struct seat *seat = argument;
    struct server *server = seat->server;

    loop_run(&seat->worker.loop);
    pthread_mutex_lock(&server->mutex);
    server->running--;
    pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->mutex);
    return NULL;
}

static void on_stop(struct job *job)
{
    struct seat *seat = (struct seat *)((char *)job - offsetof(struct seat, stop_job));

    epoll_ctl(seat->worker.loop.epoll, EPOLL_CTL_DEL, seat->server->listener, NULL);
    worker_stop(&seat->worker);
}

static unsigned share(unsigned all, unsigned threads)
{
    return (all + threads - 1) / threads;
}

static bool open_seat(struct server *server, struct seat *seat, struct guest *guest)
{
    struct worker *worker = &seat->worker;

    seat->server = server;
    seat->stop_job.run = on_stop;
    if (!worker_open(worker))
        return false;
    worker->options = &server->options;
    worker->config = server->config;
    worker->guest = guest;
    worker->quota = server->quota;
    worker->connections_max = share(server->options.connections_max, server->options.threads);
    worker->requests_max = share(server->options.requests_max, server->options.threads);
    core_links_open(&worker->links, &worker->loop, server->tls_core);
    return true;
}

static bool start_seat(struct seat *seat)
{
    struct server *server = seat->server;
    pthread_attr_t attributes;
    bool started;

    if (!watch_listener(seat))
        return false;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_mutex_lock(&server->mutex);
    started = pthread_create(&seat->thread, &attributes, run_seat, seat) == 0;
    server->running += started;
    pthread_mutex_unlock(&server->mutex);
    pthread_attr_destroy(&attributes);
    return started;
}

/* A worker hands connections to the others as soon as it runs: all are open by then. */
static bool start_all(struct server *server, struct guest *guest)
{
    for (unsigned i = 0; i < server->options.threads; i++)
        if (!open_seat(server, &server->seats[i], guest))
            return false;
    for (unsigned i = 0; i < server->options.threads; i++)
        if (!start_seat(&server->seats[i]))
            return false;
    return true;
}

/* HOST:PORT, [HOST]:PORT or :PORT, into two strings. */
static bool split(const char *text, char *ret_host, size_t size, const char **ret_port)
{
    const char *colon = strrchr(text, ':');
    size_t skip = text[0] == '[', length = colon == NULL ? 0 : (size_t)(colon - text);

    if (colon == NULL || colon[1] == '\0' || length >= size || (skip && (length < 2 || colon[-1] != ']')))
        return false;
    snprintf(ret_host, size, "%.*s", (int)(length - 2 * skip), text + skip);
    *ret_port = colon + 1;
    return true;
}

static int open_listener(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, zero = 0;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static bool name_listener(int fd, char *ret_address, size_t size)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof(bound);
    char host[256], port[16];

    if (getsockname(fd, (struct sockaddr *)&bound, &length) != 0 ||
        getnameinfo((struct sockaddr *)&bound, length, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    snprintf(ret_address, size, bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    return true;
}

/* Without a host all addresses are meant: first those of IPv6, which take IPv4 too. */
static int listen_on(const char *text, char *ret_address, size_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found = NULL;
    char host[256];
    const char *port, *reason;
    int fd = -1, error;

    if (!split(text, host, sizeof(host), &port)) {
        fprintf(stderr, "todo-edge: --addr must be HOST:PORT, [HOST]:PORT or :PORT, not %s\n", text);
        return -1;
    }
    error = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &found);
    reason = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
    if (error == 0) {
        for (int six = 1; six >= 0 && fd < 0; six--)
            for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
                if ((at->ai_family == AF_INET6) == six || host[0] != '\0')
                    fd = open_listener(at);
        reason = strerror(errno);
        freeaddrinfo(found);
    }
    if (fd < 0 || !name_listener(fd, ret_address, size))
        fprintf(stderr, "todo-edge: cannot listen on %s: %s\n", text, reason);
    return fd;
}

static bool prepare(struct server *server)
{
    server->tls_core = tls_for_core(&server->files);
    if (server->tls_core == NULL)
        return false;
    if (server->files.certificate != NULL && (server->tls = tls_for_listener(&server->files)) == NULL)
        return false;
    server->quota = quota_new(server->options.each_max);
    server->seats = calloc(server->options.threads, sizeof(*server->seats));
    server->listener = listen_on(server->options.address, server->address, sizeof(server->address));
    return server->quota != NULL && server->seats != NULL && server->listener >= 0;
}

struct server *server_start(const struct server_options *options, const struct tls_files *files,
                            struct guest *guest, const struct host_config *config)
{
    struct server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        return NULL;
    server->options = *options;
    server->files = *files;
    server->config = config;
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->ended, NULL);
    if (!prepare(server))
        return NULL;
    if (!start_all(server, guest)) {
        fputs("todo-edge: cannot start a thread\n", stderr);
        return NULL;
    }
    return server;
}

const char *server_address(const struct server *server)
{
    return server->address;
}

void server_reload(struct server *server)
{
    SSL_CTX *fresh = server->files.certificate != NULL ? tls_for_listener(&server->files) : NULL;

    if (fresh == NULL)
        return;
    pthread_mutex_lock(&server->mutex);
    SSL_CTX_free(server->tls); /* connections hold it for as long as they last */
    server->tls = fresh;
    pthread_mutex_unlock(&server->mutex);
}

bool server_stop(struct server *server)
{
    struct timespec until;
    bool all;

    for (unsigned i = 0; i < server->options.threads; i++)
        loop_post(&server->seats[i].worker.loop, &server->seats[i].stop_job);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += server->options.stop_ms / 1000;
    pthread_mutex_lock(&server->mutex);
    /* In the backlog of a closed listener nobody waits for an answer that never comes. */
    close(server->listener);
    while (server->running > 0 && pthread_cond_timedwait(&server->ended, &server->mutex, &until) == 0)
        continue;
    all = server->running == 0;
    pthread_mutex_unlock(&server->mutex);
    return all;
}

void server_free(struct server *server)
{
    for (unsigned i = 0; i < server->options.threads; i++) {
        pthread_join(server->seats[i].thread, NULL);
        worker_close(&server->seats[i].worker);
    }
    free(server->seats);
    quota_free(server->quota);
    SSL_CTX_free(server->tls);
    SSL_CTX_free(server->tls_core);
    pthread_mutex_destroy(&server->mutex);
    pthread_cond_destroy(&server->ended);
    free(server);
}

#include "server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "request.h"

#define BACKLOG    4096
#define STACK_SIZE (1 << 20) /* of a thread: wasmtime gives a guest half of it */

/* A thread, and the connection that it serves. */
struct worker {
    struct server *server;
    atomic_int fd;    /* -1 without one */
    atomic_bool busy; /* a request has begun, so that the connection must not be ended */
    struct wire wire;
    struct call call;
    struct worker *next; /* of all */
};

struct server {
    struct server_options options;
    struct guest *guest;
    const struct host_config *config;
    char address[64];
    int listener, wake;
    atomic_bool stopping;
    pthread_mutex_t mutex;
    pthread_cond_t work, ended;
    struct worker *workers;
    unsigned threads, idle;
    int *queue; /* sockets that wait for a thread: at most as many as there are idle ones */
    unsigned queued;
};

/* Lets a guest answer. Whether the connection can serve another request. */
static bool serve(struct worker *worker)
{
    struct server *server = worker->server;
    struct call *call = &worker->call;
    const struct request_fault *fault;
    struct guest_instance *instance;
    bool sound, keeps;
    char *message;

    call_begin(call, &worker->wire, server->config);
    fault = request_read(call);
    if (fault != NULL) {
        answer_fault(worker->wire.fd, fault->status, fault->code, fault->message);
        call_end(call);
        return false;
    }
    if (atomic_load(&server->stopping))
        call->keep_alive = false;
    instance = guest_take(server->guest);
    if (instance == NULL) {
        answer_fault(worker->wire.fd, 503, "overloaded", "no instance is free");
        call_end(call);
        return false;
    }
    sound = guest_run(instance, call, &message);
    if (!sound)
        fprintf(stderr, "todo-edge: the component failed: %s\n", message);
    free(message);
    keeps = call->answered && answer_end(call);
    if (!call->answered)
        answer_fault(worker->wire.fd, 500, "edge_failed", "the edge failed");
    /* The answer is on its way: only now come the costs of the next one. */
    sound = call_end(call) && sound;
    guest_give(server->guest, instance, sound);
    return keeps;
}

/* Waits for a request. WIRE_READY when its head is there; else how it failed, WIRE_WAIT if it never came or WIRE_BROKEN. */
static enum wire_event await_request(struct worker *worker)
{
    const struct server_options *options = &worker->server->options;
    int64_t begun = clock_ms();

    for (;;) {
        enum wire_event event = wire_read_head(&worker->wire, 0);
        if (event != WIRE_WAIT)
            return event;
        if (!wire_has_bytes(&worker->wire))
            return WIRE_WAIT;
        atomic_store(&worker->busy, true);
        if (clock_ms() - begun > options->head_ms + options->keep_alive_ms) {
            answer_fault(worker->wire.fd, 408, "request_timeout", "the request did not arrive in time");
            return WIRE_WAIT;
        }
    }
}

static void refuse(struct worker *worker, enum wire_event event)
{
    int fd = worker->wire.fd;

    if (event == WIRE_LARGE)
        answer_fault(fd, 431, "fields_too_large", "request header fields too large");
    else if (event == WIRE_VERSION)
        answer_fault(fd, 505, "version_unsupported", "HTTP version not supported");
    else if (event == WIRE_BROKEN)
        answer_fault(fd, 400, "request_malformed", "malformed request");
    else
        return;
    answer_linger(&worker->wire);
}

static void serve_connection(struct worker *worker, int fd)
{
    int wait = worker->server->options.keep_alive_ms, one = 1;
    struct timeval timeout = {wait / 1000, wait % 1000 * 1000};

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    wire_open(&worker->wire, fd, false);
    for (;;) {
        enum wire_event event = await_request(worker);
        atomic_store(&worker->busy, true);
        if (event != WIRE_READY) {
            refuse(worker, event);
            return;
        }
        if (!serve(worker)) {
            answer_linger(&worker->wire);
            return;
        }
        wire_next(&worker->wire);
        atomic_store(&worker->busy, false);
        if (atomic_load(&worker->server->stopping))
            return;
    }
}

/* The next socket from the queue; -1 when the server stops. */
static int next_connection(struct server *server)
{
    int fd = -1;

    pthread_mutex_lock(&server->mutex);
    server->idle++;
    while (server->queued == 0 && !atomic_load(&server->stopping))
        pthread_cond_wait(&server->work, &server->mutex);
    server->idle--;
    if (server->queued > 0)
        fd = server->queue[--server->queued];
    pthread_mutex_unlock(&server->mutex);
    return fd;
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    struct server *server = worker->server;
    int fd;

    while ((fd = next_connection(server)) >= 0) {
        atomic_store(&worker->busy, false);
        atomic_store(&worker->fd, fd);
        serve_connection(worker, fd);
        atomic_store(&worker->fd, -1);
        close(fd);
    }
    pthread_mutex_lock(&server->mutex);
    server->threads--;
    pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->mutex);
    return NULL;
}

/* With the mutex held. */
static bool add_worker(struct server *server)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    pthread_attr_t attributes;
    pthread_t thread;

    if (worker == NULL)
        return false;
    worker->server = server;
    atomic_store(&worker->fd, -1);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    bool made = pthread_create(&thread, &attributes, run_worker, worker) == 0;
    pthread_attr_destroy(&attributes);
    if (!made) {
        free(worker);
        return false;
    }
    worker->next = server->workers;
    server->workers = worker;
    server->threads++;
    return true;
}

/* Whether there is, or can be, a thread for one more connection. */
static bool has_room(struct server *server)
{
    pthread_mutex_lock(&server->mutex);
    bool room = server->queued < server->idle || server->threads < server->options.connections_max;
    pthread_mutex_unlock(&server->mutex);
    return room;
}

static void hand_over(struct server *server, int fd)
{
    pthread_mutex_lock(&server->mutex);
    if (server->queued >= server->idle && !add_worker(server) &&
        (server->threads == 0 || server->queued == server->options.connections_max)) {
        pthread_mutex_unlock(&server->mutex);
        close(fd);
        return;
    }
    server->queue[server->queued++] = fd;
    pthread_cond_signal(&server->work);
    pthread_mutex_unlock(&server->mutex);
}

static int listen_on(const char *text, char *ret_address, size_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    struct sockaddr_storage bound;
    socklen_t length = sizeof(bound);
    char host[256], port[16];
    const char *colon = strrchr(text, ':');
    size_t skip = text[0] == '[', end;
    int fd = -1, one = 1;

    if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
        return -1;
    end = (size_t)(colon - text) - skip;
    snprintf(host, sizeof(host), "%.*s", (int)(end - skip), text + skip);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &length) != 0 ||
        getnameinfo((struct sockaddr *)&bound, length, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        if (fd >= 0)
            close(fd);
        fd = -1;
    } else {
        snprintf(ret_address, size, found->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    }
    freeaddrinfo(found);
    return fd;
}

struct server *server_start(const struct server_options *options, struct guest *guest,
                            const struct host_config *config)
{
    struct server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        return NULL;
    server->options = *options;
    server->guest = guest;
    server->config = config;
    server->queue = calloc(options->connections_max + 1, sizeof(*server->queue));
    server->wake = eventfd(0, EFD_CLOEXEC);
    server->listener = listen_on(options->address, server->address, sizeof(server->address));
    if (server->listener < 0 || server->wake < 0 || server->queue == NULL) {
        fprintf(stderr, "todo-edge: cannot listen on %s: %s\n", options->address, strerror(errno));
        free(server->queue);
        free(server);
        return NULL;
    }
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->work, NULL);
    pthread_cond_init(&server->ended, NULL);
    return server;
}

const char *server_address(const struct server *server)
{
    return server->address;
}

void server_run(struct server *server)
{
    while (!atomic_load(&server->stopping)) {
        struct pollfd sockets[2] = {{server->wake, POLLIN, 0}, {server->listener, POLLIN, 0}};
        bool room = has_room(server);
        if (poll(sockets, room ? 2 : 1, room ? -1 : 10) <= 0 || !(sockets[1].revents & POLLIN))
            continue;
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            hand_over(server, fd);
        else if (errno == EMFILE || errno == ENFILE)
            poll(NULL, 0, 10);
    }
}

void server_stop(struct server *server)
{
    atomic_store(&server->stopping, true);
    eventfd_write(server->wake, 1);
}

void server_free(struct server *server)
{
    struct timespec until;

    close(server->listener);
    pthread_mutex_lock(&server->mutex);
    pthread_cond_broadcast(&server->work);
    /* Who waits for a request waits no longer; what has begun goes on. */
    for (struct worker *worker = server->workers; worker != NULL; worker = worker->next)
        if (atomic_load(&worker->fd) >= 0 && !atomic_load(&worker->busy))
            shutdown(atomic_load(&worker->fd), SHUT_RD);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += server->options.stop_ms / 1000;
    while (server->threads > 0 && pthread_cond_timedwait(&server->ended, &server->mutex, &until) == 0)
        continue;
    bool all = server->threads == 0;
    pthread_mutex_unlock(&server->mutex);
    close(server->wake);
    if (!all) /* their memory is in use until the process ends */
        return;
    while (server->workers != NULL) {
        struct worker *next = server->workers->next;
        free(server->workers);
        server->workers = next;
    }
    free(server->queue);
    free(server);
}

#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <civetweb.h>

#include "config.h"
#include "head.h"
#include "http.h"
#include "http_body.h"
#include "http_error.h"
#include "middleware.h"
#include "router.h"
#include "waiting/parking.h"
#include "waiting/sockets.h"
#include "waiting/watch.h"

#define BUFFER_SIZE      "32768" /* of a connection: a head of HEAD_MAX is told from a longer one in it */
#define QUEUE_LENGTH     "1024"  /* connections accepted that wait for a worker */
#define BACKLOG          "4096"  /* connections that wait in the kernel */
#define DEFER_SECONDS    30
#define CROWDED_PAUSE_US 50000 /* a client that pauses longer between requests does not need its worker */
#define CROWDED_ANSWERS  1000  /* then others have their turn */
#define SOCKET_FROM      4     /* requests of a connection until its socket is looked for */

struct server {
    app *app;
    struct mg_context *context;
    _Atomic uint16_t port; /* 0: not known yet */
    sockets_stopped stopped;
    char last_message[256]; /* of civetweb, as long as it starts */
};

/* civetweb makes its threads from one thread, before the first request. */
static void *init_thread(const struct mg_context *context, int kind)
{
    server *self = mg_get_user_data(context);

    return kind == 1 ? workers_take(&self->app->workers) : NULL;
}

static app *app_of(const struct mg_connection *connection)
{
    server *self = mg_get_user_data(mg_get_context(connection));

    return self->app;
}

static int init_connection(const struct mg_connection *connection, void **ret_data)
{
    worker *thread = mg_get_thread_pointer(connection);

    *ret_data = NULL;
    thread->answers = 0;
    thread->park_fd = -1;
    atomic_store_explicit(&thread->client_late, false, memory_order_relaxed);
    worker_wait_for_client(thread, 0);
    atomic_fetch_add_explicit(&app_of(connection)->workers.connections, 1, memory_order_relaxed);
    return 0;
}

static void connection_closed(const struct mg_connection *connection)
{
    worker *thread = mg_get_thread_pointer(connection);

    worker_go_on(thread);
    worker_set_peer(thread, "", 0);
    atomic_store_explicit(&thread->idle_since, 0, memory_order_relaxed);
    atomic_fetch_sub_explicit(&app_of(connection)->workers.connections, 1, memory_order_relaxed);
}

static void log_request(http_request *request, int64_t duration_us)
{
    log_level level = request->status >= 500 ? LOG_ERROR : LOG_INFO;
    worker *thread = request->worker;
    log_line line;

    if (!log_enabled(level))
        return;
    pthread_mutex_lock(&thread->mutex);
    line = log_begin(thread->log, level, "request");
    log_text(&line, "request_id", request->id);
    log_text(&line, "method", request->info->request_method);
    log_text(&line, "path", request->path);
    log_number(&line, "status", request->status);
    log_number(&line, "duration_us", duration_us);
    log_text(&line, "code", request->code[0] != '\0' ? request->code : NULL);
    log_text(&line, "detail", request->detail[0] != '\0' ? request->detail : NULL);
    log_end(&line);
    /* Each write costs as much as a small request, so lines are gathered; but not those that explain a failure. */
    if (level == LOG_ERROR || todo_buffer_length(thread->log) > WORKER_LOG_MAX)
        worker_write_log(thread);
    else
        atomic_store_explicit(&thread->has_log, true, memory_order_relaxed);
    pthread_mutex_unlock(&thread->mutex);
}

/* The thread is free for the next request. */
static void rest(worker *thread)
{
    atomic_store_explicit(&thread->idle_since, thread->answered, memory_order_relaxed);
    atomic_store(&thread->busy, false);
}

/*
 * A request that is parked waits at its connection's socket. Which that is takes a while to find out: it is only done
 * for connections that last.
 */
static void look_for_socket(const server *self, worker *thread)
{
    if (self->app->fiber_threads == NULL || thread->answers != SOCKET_FROM)
        return;
    if (thread->fiber == NULL)
        thread->fiber = parking_new(self->app->fiber_threads);
    if (thread->fiber != NULL)
        thread->park_fd = sockets_find(atomic_load(&self->port), &thread->peer);
}

/* When few workers are free, a connection is kept only for a client that asks again at once, and at times not even then. */
static bool is_crowded_out(const http_request *request)
{
    const worker *thread = request->worker;

    return watch_is_crowded(&request->app->workers) &&
           (thread->answers % CROWDED_ANSWERS == 0 || thread->pause > CROWDED_PAUSE_US);
}

/* Takes up a request: what it brings, how long its calls may take, whether its connection stays. */
static void begin(http_request *request, struct mg_connection *connection, const struct mg_request_info *info)
{
    app *app_state = app_of(connection);

    http_begin(request, connection, info, app_state, mg_get_thread_pointer(connection));
    request->call.deadline = request->begun + (int64_t)app_state->config->call_timeout_ms * 1000;
    request->closes = request->closes || is_crowded_out(request);
}

static void send_answer(http_request *request)
{
    if (!http_body_can_skip(request) || atomic_load(&request->app->phase) != APP_RUNNING)
        request->closes = true;
    http_send(request);
}

/* Leaves the connection so that the next request can be read, or closed. */
static void end(http_request *request)
{
    http_body_skip(request);
    if (!request->closes)
        return;
    http_body_drain(request);
    mg_disable_connection_keep_alive(request->connection);
}

/* Answers 503 to a client with too many connections, and closes this one. */
static bool is_surplus(http_request *request)
{
    uint32_t limit = request->app->config->client_connections;

    if (limit == 0 || request->worker->answers > 0 ||
        watch_count_client(&request->app->workers, request->info->remote_addr) <= limit)
        return false;
    http_error_answer(request, 503, "too_many_connections", "too many connections from this address");
    http_add_field(request, "Retry-After", "1");
    request->closes = true;
    return true;
}

static void dispatch(http_request *request)
{
    route_match match;

    router_find(request, &match);
    if (middleware_run(request, match.guard))
        router_dispatch(request, &match);
}

static int serve(http_request *request)
{
    if (!is_surplus(request))
        dispatch(request);
    /* Before the answer, so that who has it and asks for the figures finds it among them. */
    worker_count(request->worker, request->status, app_clock() - request->begun);
    send_answer(request);
    log_request(request, request->worker->answered - request->begun);
    todo_json_free(request->json);
    worker_shrink(request->worker);
    rest(request->worker);
    parking_end(request->worker->fiber, request->closes);
    end(request);
    return request->status;
}

/* Called for each request whose head civetweb could parse. Answers all of them. */
static int begin_request(struct mg_connection *connection)
{
    worker *thread = mg_get_thread_pointer(connection);
    app *app_state = app_of(connection);
    http_request request;
    int status = 503;

    /* First busy, then the look at the phase: who stops the server does it the other way round. */
    atomic_store_explicit(&thread->busy_since, app_clock(), memory_order_relaxed);
    atomic_store_explicit(&thread->idle_since, 0, memory_order_relaxed);
    atomic_store(&thread->busy, true);
    worker_go_on(thread);
    if (atomic_load(&app_state->phase) == APP_STOPPED) {
        mg_disable_connection_keep_alive(connection);
    } else {
        look_for_socket(mg_get_user_data(mg_get_context(connection)), thread);
        begin(&request, connection, mg_get_request_info(connection));
        if (thread->park_fd >= 0 && !request.closes)
            request.call.parking = parking_begin(thread->fiber, thread->park_fd);
        status = serve(&request);
    }
    rest(thread);
    return status;
}

/*
 * civetweb refuses methods that it does not know, before it reads the fields. Such a request is answered as any other
 * that has a method without a handler.
 */
static bool is_unknown_method(const struct mg_request_info *info)
{
    return info->request_method != NULL && info->http_version != NULL && info->num_headers == 0 &&
           head_is_token(info->request_method) && info->request_uri[0] == '/' &&
           (strcmp(info->http_version, "1.1") == 0 || strcmp(info->http_version, "1.0") == 0);
}

/* What civetweb itself refuses: it closes the connection after this. */
static int http_error(struct mg_connection *connection, int status, const char *message)
{
    const struct mg_request_info *given = mg_get_request_info(connection);
    worker *thread = mg_get_thread_pointer(connection);
    struct mg_request_info info;
    http_request request;

    (void)message;
    atomic_store_explicit(&thread->busy_since, app_clock(), memory_order_relaxed);
    atomic_store_explicit(&thread->idle_since, 0, memory_order_relaxed);
    atomic_store(&thread->busy, true);
    if (status == 400 && given != NULL && is_unknown_method(given)) {
        info = *given;
        head_read_fields(&info);
        head_split_uri(&info);
        begin(&request, connection, &info);
    } else {
        begin(&request, connection, NULL);
        if (status == 505)
            request.fault = &framing_bad_version;
    }
    request.closes = true;
    request.body_done = true;
    serve(&request);
    rest(thread);
    return 0;
}

/* What civetweb has to say. */
static int take_message(const struct mg_connection *connection, const char *message)
{
    server *self = mg_get_user_data(mg_get_context(connection));

    if (self->context == NULL)
        snprintf(self->last_message, sizeof(self->last_message), "%s", message);
    else
        log_message(LOG_WARN, "civetweb", "detail", message);
    return 1;
}

/* As many connections as the system allows without asking. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* `address`: where civetweb is to listen, in its own form. */
static struct mg_context *start(server *self, const char *address)
{
    const server_config *config = self->app->config;
    struct mg_callbacks callbacks = {
        .begin_request = begin_request,
        .http_error = http_error,
        .log_message = take_message,
        .init_thread = init_thread,
        .init_connection = init_connection,
        .connection_closed = connection_closed,
    };
    char threads[16], keep_alive[16], request_timeout[16];
    /* No document root, no forms, no authorization files: every request ends in begin_request. */
    const char *options[] = {"listening_ports",
                             address,
                             "num_threads",
                             threads,
                             "enable_keep_alive",
                             "yes",
                             "keep_alive_timeout_ms",
                             keep_alive,
                             "request_timeout_ms",
                             request_timeout,
                             "tcp_nodelay",
                             "1",
                             "max_request_size",
                             BUFFER_SIZE,
                             "connection_queue",
                             QUEUE_LENGTH,
                             "listen_backlog",
                             BACKLOG,
                             "decode_url",
                             "no",
                             "enable_auth_domain_check",
                             "no",
                             NULL};

    snprintf(threads, sizeof(threads), "%u", config->threads);
    snprintf(keep_alive, sizeof(keep_alive), "%u", config->keep_alive_ms);
    snprintf(request_timeout, sizeof(request_timeout), "%u", config->request_timeout_ms);
    return mg_start(&callbacks, self, options);
}

/*
 * civetweb, as Debian has it, knows no IPv6. It is given a port on the loopback address then, whose place a socket takes that
 * listens where it should.
 */
static struct mg_context *start_ipv6(server *self, const char **ret_reason)
{
    struct mg_server_port port = {0};
    struct mg_context *context;
    int listener = sockets_bind(self->app->config->address, true, ret_reason);

    if (listener < 0)
        return NULL;
    self->port = sockets_port(listener);
    *ret_reason = self->last_message;
    context = start(self, "127.0.0.1:0");
    if (context != NULL && mg_get_server_ports(context, 1, &port) == 1 &&
        sockets_replace_listener((uint16_t)port.port, listener))
        return context;
    close(listener);
    if (context != NULL)
        mg_stop(context);
    return NULL;
}

static struct mg_context *start_ipv4(server *self, const char **ret_reason)
{
    struct mg_server_port port = {0};
    struct mg_context *context = start(self, self->app->config->address);
    int probe;

    *ret_reason = self->last_message;
    if (context == NULL) {
        /* civetweb does not say why: binding the address again does. */
        probe = sockets_bind(self->app->config->address, true, ret_reason);
        if (probe >= 0)
            close(probe);
        return NULL;
    }
    mg_get_server_ports(context, 1, &port);
    self->port = (uint16_t)port.port;
    return context;
}

server *server_start(app *app_state)
{
    server *self = calloc(1, sizeof(*self));
    const char *reason = "";

    if (self == NULL) {
        fputs("todo-server: out of memory\n", stderr);
        return NULL;
    }
    self->app = app_state;
    self->stopped = (sockets_stopped){-1, -1};
    raise_descriptor_limit();
    mg_init_library(0);
    self->context = (app_state->config->address[0] == '[' ? start_ipv6 : start_ipv4)(self, &reason);
    if (self->context == NULL) {
        fprintf(stderr, "todo-server: cannot listen on %s: %s\n", app_state->config->address, reason);
        mg_exit_library();
        free(self);
        return NULL;
    }
    sockets_defer_accept(self->port, DEFER_SECONDS);
    return self;
}

uint16_t server_port(const server *running)
{
    return running->port;
}

void server_drain(server *running)
{
    atomic_store(&running->app->phase, APP_DRAINING);
    sockets_stop_listening(running->port, &running->stopped);
}

void server_stop(server *running)
{
    atomic_store(&running->app->phase, APP_STOPPED);
    sockets_stop_reading(running->port);
    sockets_wake(&running->stopped);
    mg_stop(running->context);
    /* Only now: a caller may have woken a request that did not wait for it any more. */
    for (uint32_t i = 0; i < running->app->workers.count; i++)
        parking_free(running->app->workers.each[i].fiber);
    mg_exit_library();
    free(running);
}

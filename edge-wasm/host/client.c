#include "client_list.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "fault.h"
#include "forwarded.h"
#include "serve.h"

#define LINGER_MS      2000
#define LINGER_MAX     (8 << 20) /* bytes */
#define RATE_WINDOW_MS 20000
#define QUEUE_MS       10000
#define EVICT_MS \
    1000 /* for which a client may be in the middle of a request before it must give way to another */
#define REFUSALS_MAX 256 /* clients beyond the limit that are told so at a time */

static const struct request_fault too_large = {431, "fields_too_large", "request header fields too large"},
                                  bad_version = {505, "version_unsupported", "HTTP version not supported"},
                                  malformed = {400, "request_malformed", "malformed request"},
                                  bad_body = {400, "body_invalid", "invalid body"},
                                  too_slow = {408, "request_timeout", "the request did not arrive in time"},
                                  too_many = {503, "overloaded", "too many connections"},
                                  too_busy = {503, "overloaded", "too many requests"};

static void advance(struct client *client);

static int64_t now(const struct client *client)
{
    return client->worker->loop.now;
}

static void set_timer(struct client *client, int64_t due)
{
    timer_set(&client->worker->loop.timers, &client->timer, due);
}

static void enter(struct client *client, enum client_state state, struct client_list *list, int64_t due)
{
    client->state = state;
    client->began = now(client);
    client->moves = false;
    client_list_move(client, list);
    set_timer(client, due);
}

static int64_t rate_window(const struct client *client)
{
    int64_t idle = client->worker->options->idle_ms;

    return idle < RATE_WINDOW_MS ? idle : RATE_WINDOW_MS;
}

void client_close(struct client *client)
{
    struct worker *worker = client->worker;

    if (client->call != NULL)
        serve_abort(client);
    client_list_move(client, NULL);
    timer_remove(&worker->loop.timers, &client->timer);
    loop_cancel(&worker->loop, &client->job);
    quota_give(worker->quota, client->address);
    quota_give(worker->quota, client->forwarded);
    sink_free(&client->answer);
    transport_close(&client->transport);
    wire_close(&client->wire);
    loop_release(&worker->loop, &client->watch);
    if (atomic_fetch_sub(&worker->connections, 1) == 1 && worker->stopping)
        loop_end(&worker->loop);
}

void client_drain(struct client *client)
{
    enter(client, CLIENT_DRAINING, NULL, now(client) + rate_window(client));
}

bool client_refuse(struct client *client, const struct request_fault *fault)
{
    client->closes = true;
    fault_answer(&client->answer, &client->transport, fault,
                 client->wire.fields == NULL ? NULL : &client->wire);
    client_drain(client);
    return true;
}

/* Hands the request to a guest, now or as soon as one is free. */
static bool start(struct client *client)
{
    struct worker *worker = client->worker;
    bool changed;

    if (worker->requests >= worker->requests_max) {
        if (client->state != CLIENT_QUEUED)
            enter(client, CLIENT_QUEUED, &worker->queued, now(client) + QUEUE_MS);
        return false;
    }
    enter(client, CLIENT_RUNNING, NULL, now(client) + rate_window(client));
    return serve_start(client, &changed) ? changed : client_refuse(client, &too_busy);
}

void client_gather(struct client *client)
{
    enter(client, CLIENT_GATHER, &client->worker->pending, TIMER_NEVER);
}

static bool gather(struct client *client)
{
    const struct server_options *options = client->worker->options;
    enum wire_event event = wire_gather(&client->wire, options->gather_max);
    int64_t whole = client->began + options->body_ms, next = now(client) + options->idle_ms;

    if (event == WIRE_WAIT)
        set_timer(client, whole < next ? whole : next);
    if (event == WIRE_BROKEN && client->transport.failed)
        client_close(client);
    else if (event == WIRE_BROKEN)
        return client_refuse(client, &bad_body);
    return event == WIRE_READY && start(client);
}

/* With a proxy in front it is the client that the proxy names that counts, for as long as its request lasts. */
static bool count_forwarded(struct client *client)
{
    quota_key key = client->worker->options->trust_proxy ? forwarded_client(&client->wire) : 0;

    if (!quota_take(client->worker->quota, key))
        return false;
    client->forwarded = key;
    return true;
}

static bool take_request(struct client *client)
{
    const struct request_fault *fault = request_read(&client->wire, &client->request);

    if (client->worker->stopping)
        client->request.keep_alive = false;
    if (fault != NULL)
        return client_refuse(client, fault);
    if (!count_forwarded(client))
        return client_refuse(client, &too_busy);
    if (client->wire.body.complete || client->request.awaits_100)
        return start(client);
    client_gather(client);
    return true;
}

static bool read_request(struct client *client)
{
    const struct server_options *options = client->worker->options;
    enum wire_event event = wire_read_head(&client->wire);

    switch (event) {
    case WIRE_READY:
        return take_request(client);
    case WIRE_WAIT:
        if (client->state == CLIENT_IDLE && wire_has_bytes(&client->wire))
            enter(client, CLIENT_HEAD, &client->worker->pending, now(client) + options->head_ms);
        return false;
    case WIRE_LARGE:
        return client_refuse(client, &too_large);
    case WIRE_VERSION:
        return client_refuse(client, &bad_version);
    default:
        if (event == WIRE_BROKEN && wire_has_bytes(&client->wire) && !client->transport.failed)
            return client_refuse(client, &malformed);
        client_close(client);
        return false;
    }
}

static bool next_request(struct client *client)
{
    struct worker *worker = client->worker;

    quota_give(worker->quota, client->forwarded);
    client->forwarded = 0;
    sink_free(&client->answer);
    wire_next(&client->wire);
    if (worker->stopping) {
        client_close(client);
        return false;
    }
    enter(client, CLIENT_IDLE, &worker->idle, now(client) + worker->options->keep_alive_ms);
    /* Others first: a client may have sent many requests at once. */
    if (wire_has_bytes(&client->wire))
        loop_later(&worker->loop, &client->job);
    return client->transport.readable && !wire_has_bytes(&client->wire);
}

static bool linger(struct client *client)
{
    char bytes[16384];
    ssize_t got;

    while ((got = transport_receive(&client->transport, bytes, sizeof(bytes))) > 0)
        client->moved += (uint64_t)got;
    if (got != TRANSPORT_WAIT || client->moved > LINGER_MAX)
        client_close(client);
    return false;
}

static bool drain(struct client *client)
{
    if (!sink_flush(&client->answer))
        return false;
    if (client->answer.broken || client->cut) {
        client_close(client);
        return false;
    }
    if (!client->closes)
        return next_request(client);
    if (client->transport.tls != NULL && SSL_is_init_finished(client->transport.tls))
        SSL_shutdown(client->transport.tls);
    shutdown(client->transport.fd, SHUT_WR);
    enter(client, CLIENT_LINGERING, &client->worker->pending, now(client) + LINGER_MS);
    client->moved = 0;
    return true;
}

/* Takes it one step further. Whether it may go on at once; if not, it may be closed. */
static bool step(struct client *client)
{
    switch (client->state) {
    case CLIENT_GATHER:
        return gather(client);
    case CLIENT_QUEUED:
        return start(client);
    case CLIENT_RUNNING:
        return serve_resume(client);
    case CLIENT_DRAINING:
        return drain(client);
    case CLIENT_LINGERING:
        return linger(client);
    default:
        return read_request(client);
    }
}

static void advance(struct client *client)
{
    while (step(client))
        continue;
}

void client_advance(struct client *client)
{
    advance(client);
}

static void on_event(struct watch *watch, uint32_t events)
{
    struct client *client = (struct client *)watch;

    transport_note(&client->transport, events);
    /* Without a client there is no use in the rest of its request. */
    if (client->transport.failed && (client->state == CLIENT_RUNNING || client->state == CLIENT_QUEUED))
        client_close(client);
    else
        advance(client);
}

static void on_job(struct job *job)
{
    advance((struct client *)((char *)job - offsetof(struct client, job)));
}

/* Whether it is the client's turn to send or to take something. */
static bool is_expected(const struct client *client, uint64_t confirmed)
{
    return confirmed < client->transport.transmitted || client->answer.pending != NULL ||
           serve_awaits_body(client);
}

/* Whether it sends and takes as much as it must. */
static bool is_fast_enough(struct client *client)
{
    uint64_t confirmed = transport_confirmed(&client->transport),
             moved = confirmed + client->transport.received;
    uint64_t least = (uint64_t)client->worker->options->rate_min * (uint64_t)rate_window(client) / 1000;
    bool expected = is_expected(client, confirmed);
    bool enough = !expected || !client->moves || moved - client->moved >= least;

    client->moves = expected;
    client->moved = moved;
    return enough;
}

static void check_rate(struct client *client)
{
    if (is_fast_enough(client)) {
        set_timer(client, now(client) + rate_window(client));
    } else if (client->state == CLIENT_RUNNING && !client->call->answered) {
        serve_abort(client);
        client_refuse(client, &too_slow);
        advance(client);
    } else {
        client_close(client);
    }
}

static void on_time(struct timer *timer)
{
    struct client *client = (struct client *)((char *)timer - offsetof(struct client, timer));

    switch (client->state) {
    case CLIENT_RUNNING:
    case CLIENT_DRAINING:
        check_rate(client);
        break;
    case CLIENT_HEAD:
    case CLIENT_GATHER:
    case CLIENT_QUEUED:
        client_refuse(client, client->state == CLIENT_QUEUED ? &too_busy : &too_slow);
        advance(client);
        break;
    default:
        client_close(client);
    }
}

/* Room for one more: the longest idle goes first, then a client that takes its time in the middle of a request. */
static bool make_room(struct worker *worker)
{
    struct client *oldest = worker->pending.first;

    if (atomic_load(&worker->connections) <= worker->connections_max)
        return true;
    if (worker->idle.first != NULL)
        client_close(worker->idle.first);
    else if (oldest != NULL && worker->loop.now - oldest->began >= EVICT_MS)
        client_close(oldest);
    else
        return false;
    return true;
}

void client_open(struct worker *worker, int fd, SSL *tls, quota_key address)
{
    bool fits = make_room(worker), counted = quota_take(worker->quota, address);
    struct client *client = NULL;

    if (atomic_load(&worker->connections) <= worker->connections_max + REFUSALS_MAX)
        client = calloc(1, sizeof(*client));
    if (client == NULL || !loop_watch(&worker->loop, fd, &client->watch)) {
        struct transport transport;
        transport_open(&transport, fd, tls);
        transport_close(&transport);
        quota_give(worker->quota, counted ? address : 0);
        free(client);
        atomic_fetch_sub(&worker->connections, 1);
        return;
    }
    client->worker = worker;
    client->watch.ready = on_event;
    client->timer = (struct timer){.run = on_time, .due = TIMER_NEVER};
    client->job.run = on_job;
    client->address = counted ? address : 0;
    transport_open(&client->transport, fd, tls);
    client->transport.readable = tls != NULL; /* an event tells */
    wire_open(&client->wire, &client->transport, false);
    enter(client, CLIENT_IDLE, &worker->idle, worker->loop.now + worker->options->keep_alive_ms);
    if (worker->stopping)
        client_close(client);
    else if (!fits || !counted) {
        client_refuse(client, &too_many);
        advance(client);
    }
}

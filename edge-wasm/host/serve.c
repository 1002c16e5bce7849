#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "head.h"
#include "wait.h"

#define SKIP_MAX 65536 /* bytes of an unwanted body that are worth keeping the connection for */

static const struct request_fault edge_failed = {500, "edge_failed", "the edge failed"};

static void on_wake(struct call *call)
{
    client_advance(call->owner);
}

/* Gives guest and call back. */
static void end(struct client *client, bool sound)
{
    struct worker *worker = client->worker;
    struct call *call = client->call;
    struct client *queued = worker->queued.first;

    sound = call_end(call) && sound;
    client->call = NULL;
    worker_give_call(worker, call);
    worker->requests--;
    guest_give(worker->guest, &worker->shelf, client->instance, sound);
    client->instance = NULL;
    if (queued != NULL)
        loop_later(&worker->loop, &queued->job);
}

void serve_abort(struct client *client)
{
    sink_flush(&client->answer); /* its head lies in the call */
    end(client, false);
}

bool serve_awaits_body(const struct client *client)
{
    return client->call != NULL && !client->wire.body.complete && client->wire.part_length == 0 &&
           !client->transport.readable && call_reads_client(client->call);
}

/* Reads a body that nobody wants, as far as it has come. */
static void skip_body(struct wire *client)
{
    size_t skipped = 0;

    while (skipped < SKIP_MAX && wire_read_body(client) == WIRE_READY) {
        skipped += client->part_length;
        wire_consume(client, client->part_length);
    }
}

/* What the guest writes into this body is the client's from now on: its rest outlives the call. */
static void redirect(struct call *call, const struct sink *from, struct sink *to)
{
    for (uint32_t i = 0; i < call->resources_end; i++) {
        struct resource *resource = &call->resources[i];
        if ((resource->type == RESOURCE_OUTGOING_BODY || resource->type == RESOURCE_OUTPUT_STREAM) &&
            resource->sink == from)
            resource->sink = to;
        if (resource->type == RESOURCE_POLLABLE && resource->pollable.kind == POLL_SINK &&
            resource->pollable.sink == from)
            resource->pollable.sink = to;
    }
}

bool call_answer(struct call *call, struct outgoing *outgoing)
{
    struct head head;

    if (!call_reads_client(call))
        skip_body(call->client);
    call->request->keep_alive = call->request->keep_alive && wire_is_read(call->client);
    if (!head_of_answer(call, outgoing, &head))
        return false;
    call->answered = true;
    sink_attach(call->answer, call->client->transport, head.text, head.length, head.framing,
                head.body_length);
    if (outgoing->body == NULL)
        sink_finish(call->answer);
    else
        redirect(call, outgoing->body, call->answer);
    return true;
}

/* What the guest left of the answer is sent. */
static bool finish(struct client *client, bool sound)
{
    bool answered = client->call->answered;

    if (!sound) {
        char *message = guest_message(client->instance);
        fprintf(stderr, "todo-edge: the component failed: %s\n", message == NULL ? "" : message);
        free(message);
    }
    sink_flush(&client->answer);
    bool whole = client->answer.finished || client->answer.framing == SINK_NONE;
    client->closes = !whole || !client->request.keep_alive || !wire_is_read(&client->wire);
    /* Without a length or chunks only a reset can tell the client that its answer is cut short. */
    client->cut = answered && !whole && client->answer.framing == SINK_UNTIL_CLOSE;
    if (client->cut)
        setsockopt(client->transport.fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0},
                   sizeof(struct linger));
    end(client, sound);
    if (!answered)
        return client_refuse(client, &edge_failed);
    client_drain(client);
    return true;
}

/* The client that asked first waits for this before it sends its body (RFC 9110, 10.1.1). */
static void say_continue(struct client *client)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct iovec part = {(void *)go_on, sizeof(go_on) - 1};

    client->request.awaits_100 = false;
    client->call->wants_body = false;
    if (!client->call->answered)
        transport_send(&client->transport, &part, 1);
}

/*
 * The guest has come as far as it can without the body of a client that waits for its 100. While that comes, nothing is held: the
 * guest is broken off, and another one starts when the body is gathered. One that has talked to the core already goes on.
 */
static bool ask_for_body(struct client *client)
{
    bool again = client->call->exchanges_count == 0 && !client->call->answered;

    say_continue(client);
    if (!again) {
        wait_suspend(client->call);
        return false;
    }
    end(client, false);
    sink_free(&client->answer);
    client_gather(client);
    return true;
}

static bool go_on(struct client *client, enum guest_state state)
{
    if (client->call->wants_body && (state == GUEST_WAITS || state == GUEST_FAILED))
        return ask_for_body(client);
    switch (state) {
    case GUEST_WAITS:
        wait_suspend(client->call);
        return false;
    case GUEST_COMPUTES:
        loop_later(&client->worker->loop, &client->job);
        return false;
    default:
        return finish(client, state == GUEST_DONE);
    }
}

bool serve_start(struct client *client, bool *ret_changed)
{
    struct worker *worker = client->worker;
    struct call *call = worker_take_call(worker);

    client->instance = call == NULL ? NULL : guest_take(worker->guest, &worker->shelf);
    if (client->instance == NULL) {
        if (call != NULL)
            worker_give_call(worker, call);
        return false;
    }
    call->loop = &worker->loop;
    call->links = &worker->links;
    call->config = worker->config;
    call->client = &client->wire;
    call->request = &client->request;
    call->answer = &client->answer;
    call->wake = on_wake;
    call->owner = client;
    client->call = call;
    worker->requests++;
    if (!call_begin(call)) {
        end(client, true);
        return false;
    }
    *ret_changed = go_on(client, guest_start(client->instance, call));
    return true;
}

bool serve_resume(struct client *client)
{
    struct call *call = client->call;

    if (call->waiting.finish != NULL && !wait_look(call)) {
        call->waiting.looked = false;
        if (call->wants_body)
            return ask_for_body(client);
        wait_suspend(call);
        return false;
    }
    return go_on(client, guest_resume(client->instance));
}

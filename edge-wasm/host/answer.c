#include "answer.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "head.h"

#define SKIP_MAX   65536     /* bytes of an unwanted body that are worth keeping the connection for */
#define LINGER_MAX (8 << 20) /* bytes */
#define LINGER_MS  2000

/* Reads a body that nobody wants, as far as it has come. */
static void skip_body(struct wire *client)
{
    size_t skipped = 0;

    while (skipped < SKIP_MAX && wire_read_body(client) == WIRE_READY) {
        skipped += client->body_length;
        wire_consume(client, client->body_length);
    }
}

/* Whether the guest took the client's body over. */
static bool reads_body(const struct call *call)
{
    for (uint32_t i = 0; i < call->resources_end; i++) {
        const struct resource *resource = &call->resources[i];
        if ((resource->type == RESOURCE_INCOMING_BODY || resource->type == RESOURCE_INPUT_STREAM) &&
            resource->source.exchange == NULL)
            return true;
    }
    return false;
}

bool call_answer(struct call *call, struct outgoing *outgoing)
{
    struct head head;

    if (!reads_body(call))
        skip_body(call->client);
    call->keep_alive = call->keep_alive && wire_is_read(call->client);
    call->answer = outgoing->body != NULL ? outgoing->body : call_sink(call);
    if (call->answer == NULL || !head_of_answer(call, outgoing, &head))
        return false;
    call->answered = true;
    sink_attach(call->answer, call->client->fd, head.text, head.length, head.framing, head.body_length);
    if (outgoing->body == NULL)
        sink_finish(call->answer);
    return true;
}

void answer_fault(int fd, unsigned status, const char *code, const char *message)
{
    char text[512], body[256];
    int length = snprintf(body, sizeof(body), "{\"error\":\"%s\",\"code\":\"%s\"}", message, code);

    length = snprintf(text, sizeof(text),
                      "HTTP/1.1 %u %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
                      "connection: close\r\n\r\n%s",
                      status, message, length, body);
    send(fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool answer_end(struct call *call)
{
    struct sink *answer = call->answer;

    if (!call_drain(call, answer))
        return false;
    if (!answer->finished && answer->framing != SINK_NONE) {
        /* Cut short: without a length or chunks only a reset can tell the client. */
        struct linger reset = {1, 0};
        if (answer->framing == SINK_UNTIL_CLOSE)
            setsockopt(call->client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        return false;
    }
    return call->keep_alive && wire_is_read(call->client);
}

void answer_linger(struct wire *client)
{
    int64_t until = clock_ms() + LINGER_MS;
    size_t read = 0;

    shutdown(client->fd, SHUT_WR);
    for (int64_t left; read < LINGER_MAX && (left = until - clock_ms()) > 0;) {
        struct pollfd wait = {client->fd, POLLIN, 0};
        if (poll(&wait, 1, (int)left) <= 0)
            return;
        ssize_t got = recv(client->fd, client->bytes, sizeof(client->bytes), MSG_DONTWAIT);
        if (got <= 0)
            return;
        read += (size_t)got;
    }
}

#include "sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 4

void sink_attach(struct sink *sink, struct transport *transport, const char *head, size_t head_length,
                 enum sink_framing framing, uint64_t length)
{
    sink->transport = transport;
    sink->head = head;
    sink->head_length = head_length;
    sink->framing = framing;
    sink->left = length;
}

void sink_free(struct sink *sink)
{
    free(sink->pending);
    memset(sink, 0, sizeof(*sink));
}

static size_t waiting(const struct sink *sink)
{
    return sink->pending_end - sink->pending_start;
}

/* Room behind what waits. */
static bool reserve(struct sink *sink, size_t more)
{
    size_t rest = waiting(sink);

    if (more <= sink->pending_size - sink->pending_end)
        return true;
    if (rest > 0 && sink->pending_start > 0)
        memmove(sink->pending, sink->pending + sink->pending_start, rest);
    sink->pending_start = 0;
    sink->pending_end = rest;
    if (more <= sink->pending_size - rest)
        return true;
    char *bytes = realloc(sink->pending, rest + more);
    if (bytes == NULL)
        return false;
    sink->pending = bytes;
    sink->pending_size = rest + more;
    return true;
}

/* What is left of the parts after `sent` bytes waits for the socket. */
static void keep(struct sink *sink, const struct iovec *parts, size_t count, size_t sent)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += parts[i].iov_len;
    if (sent == total)
        return;
    if (!reserve(sink, total - sent)) {
        sink->broken = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        memcpy(sink->pending + sink->pending_end, (char *)parts[i].iov_base + skip, parts[i].iov_len - skip);
        sink->pending_end += parts[i].iov_len - skip;
        sent -= skip;
    }
}

static size_t send_parts(struct sink *sink, struct iovec *parts, size_t count)
{
    ssize_t sent = transport_send(sink->transport, parts, count);

    sink->broken = sink->broken || sent == TRANSPORT_BROKEN;
    return sent > 0 ? (size_t)sent : 0;
}

/* Sends these parts behind the head, if that is still to be sent, and behind what waits. */
static bool put(struct sink *sink, const struct iovec *parts, size_t count)
{
    struct iovec all[PARTS_MAX];
    size_t total = 0;

    if (sink->head_length > 0)
        all[total++] = (struct iovec){(void *)sink->head, sink->head_length};
    for (size_t i = 0; i < count; i++)
        all[total++] = parts[i];
    sink->head_length = 0;
    size_t sent = waiting(sink) > 0 ? 0 : send_parts(sink, all, total);
    if (!sink->broken)
        keep(sink, all, total, sent);
    return !sink->broken;
}

/* Sends what waits, and gives its memory back when all is gone. */
static void send_waiting(struct sink *sink)
{
    struct iovec rest = {sink->pending + sink->pending_start, waiting(sink)};

    sink->pending_start += send_parts(sink, &rest, 1);
    if (waiting(sink) > 0)
        return;
    free(sink->pending);
    sink->pending = NULL;
    sink->pending_start = sink->pending_end = sink->pending_size = 0;
}

bool sink_flush(struct sink *sink)
{
    if (sink->broken)
        return true;
    if (sink->transport == NULL)
        return false;
    if (waiting(sink) > 0)
        send_waiting(sink);
    if (sink->head_length > 0)
        put(sink, NULL, 0);
    return sink->broken || waiting(sink) == 0;
}

bool sink_takes(struct sink *sink)
{
    return sink->transport != NULL &&
           (waiting(sink) < SINK_ROOM || sink_flush(sink) || waiting(sink) < SINK_ROOM);
}

bool sink_write(struct sink *sink, const char *bytes, size_t length)
{
    char size[20];
    struct iovec parts[3] = {{size, 0}, {(void *)bytes, length}, {(char *)"\r\n", 2}};

    if (length == 0 || sink->broken)
        return !sink->broken;
    if (sink->framing == SINK_CHUNKED) {
        parts[0].iov_len = (size_t)snprintf(size, sizeof(size), "%zx\r\n", length);
        return put(sink, parts, 3);
    }
    if (sink->framing == SINK_NONE || (sink->framing == SINK_LENGTH && length > sink->left)) {
        sink->broken = true;
        return false;
    }
    sink->left -= sink->framing == SINK_LENGTH ? length : 0;
    return put(sink, parts + 1, 1);
}

bool sink_finish(struct sink *sink)
{
    const struct iovec end = {(char *)"0\r\n\r\n", 5};

    if (sink->framing == SINK_LENGTH && sink->left > 0)
        return false;
    sink->finished = true;
    if (sink->framing == SINK_CHUNKED && !sink->broken)
        put(sink, &end, 1);
    return true;
}

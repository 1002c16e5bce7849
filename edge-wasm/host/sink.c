#include "sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PARTS_MAX 4

void sink_init(struct sink *sink)
{
    memset(sink, 0, sizeof(*sink));
    sink->fd = -1;
}

void sink_attach(struct sink *sink, int fd, const char *head, size_t head_length, enum sink_framing framing,
                 uint64_t length)
{
    sink->fd = fd;
    sink->head = head;
    sink->head_length = head_length;
    sink->framing = framing;
    sink->left = length;
}

void sink_free(struct sink *sink)
{
    free(sink->pending);
    sink_init(sink);
}

/* What is left of the parts after `sent` bytes waits for the socket. */
static void keep(struct sink *sink, const struct iovec *parts, size_t count, size_t sent)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += parts[i].iov_len;
    if (sent == total)
        return;
    if (sink->pending_size < total - sent) {
        free(sink->pending);
        sink->pending = malloc(total - sent);
        sink->pending_size = sink->pending == NULL ? 0 : total - sent;
        sink->broken |= sink->pending == NULL;
    }
    sink->pending_start = sink->pending_end = 0;
    for (size_t i = 0; i < count && !sink->broken; i++) {
        size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        memcpy(sink->pending + sink->pending_end, (char *)parts[i].iov_base + skip, parts[i].iov_len - skip);
        sink->pending_end += parts[i].iov_len - skip;
        sent -= skip;
    }
}

static ssize_t send_parts(struct sink *sink, struct iovec *parts, size_t count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    ssize_t sent;

    do
        sent = sendmsg(sink->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    sink->broken |= sent < 0;
    return sent;
}

/* Sends these parts behind the head, if that is still to be sent. */
static bool put(struct sink *sink, struct iovec *parts, size_t count)
{
    struct iovec all[PARTS_MAX];
    size_t total = 0;

    if (sink->head_length > 0)
        all[total++] = (struct iovec){(void *)sink->head, sink->head_length};
    for (size_t i = 0; i < count; i++)
        all[total++] = parts[i];
    sink->head_length = 0;
    ssize_t sent = send_parts(sink, all, total);
    if (sent >= 0)
        keep(sink, all, total, (size_t)sent);
    return !sink->broken;
}

bool sink_flush(struct sink *sink)
{
    if (sink->broken)
        return true;
    if (sink->fd < 0)
        return false;
    if (sink->pending_end > sink->pending_start) {
        struct iovec rest = {sink->pending + sink->pending_start, sink->pending_end - sink->pending_start};
        ssize_t sent = send_parts(sink, &rest, 1);
        if (sent > 0)
            sink->pending_start += (size_t)sent;
    } else if (sink->head_length > 0) {
        put(sink, NULL, 0);
    }
    return sink->broken || sink->pending_end == sink->pending_start;
}

bool sink_takes(struct sink *sink)
{
    return sink->fd >= 0 && (sink->pending_end == sink->pending_start || sink_flush(sink));
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
    struct iovec end = {(char *)"0\r\n\r\n", 5};

    if (sink->framing == SINK_LENGTH && sink->left > 0)
        return false;
    sink->finished = true;
    if (sink->framing != SINK_CHUNKED || sink->broken)
        return true;
    if (sink->pending_end == sink->pending_start) {
        put(sink, &end, 1);
        return true;
    }
    /* Behind what is still waiting. */
    size_t rest = sink->pending_end - sink->pending_start;
    char *more = malloc(rest + end.iov_len);
    if (more == NULL) {
        sink->broken = true;
        return true;
    }
    memcpy(more, sink->pending + sink->pending_start, rest);
    memcpy(more + rest, end.iov_base, end.iov_len);
    free(sink->pending);
    sink->pending = more;
    sink->pending_start = 0;
    sink->pending_end = sink->pending_size = rest + end.iov_len;
    return true;
}

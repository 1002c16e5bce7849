#include "upstream.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 65536

/* A buffered reader of one connection. */
struct reader {
    int socket;
    char buffer[CHUNK];
    size_t start, end;
};

static bool refill(struct reader *reader)
{
    ssize_t count = recv(reader->socket, reader->buffer, sizeof(reader->buffer), 0);

    reader->start = 0;
    reader->end = count > 0 ? (size_t)count : 0;
    return count > 0;
}

static int next_byte(struct reader *reader)
{
    if (reader->start == reader->end && !refill(reader))
        return -1;
    return (unsigned char)reader->buffer[reader->start++];
}

static bool read_head(struct reader *reader, char *head, size_t size)
{
    size_t length = 0;
    int byte;

    while (length + 1 < size && (byte = next_byte(reader)) >= 0) {
        head[length++] = (char)byte;
        head[length] = '\0';
        if (length >= 4 && strcmp(head + length - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

static bool read_counted(struct upstream *upstream, struct reader *reader, uint64_t length)
{
    while (length > 0) {
        if (reader->start == reader->end && !refill(reader))
            return false;
        size_t part = reader->end - reader->start;
        if (part > length)
            part = (size_t)length;
        for (size_t i = 0; i < part; i++) {
            if ((unsigned char)reader->buffer[reader->start + i] != upstream_byte(upstream->body_length + i))
                upstream->body_as_expected = false;
        }
        reader->start += part;
        upstream->body_length += part;
        length -= part;
    }
    return true;
}

static bool read_line(struct reader *reader, char *line, size_t size)
{
    size_t length = 0;
    int byte;

    while ((byte = next_byte(reader)) >= 0 && length + 1 < size) {
        if (byte == '\n') {
            line[length] = '\0';
            return true;
        }
        if (byte != '\r')
            line[length++] = (char)byte;
    }
    return false;
}

static bool read_chunked(struct upstream *upstream, struct reader *reader)
{
    char line[64];

    while (read_line(reader, line, sizeof(line))) {
        uint64_t length = strtoull(line, NULL, 16);
        if (length == 0)
            return read_line(reader, line, sizeof(line));
        if (!read_counted(upstream, reader, length) || !read_line(reader, line, sizeof(line)))
            return false;
    }
    return false;
}

/* Finds a field in a head; see upstream_field. */
static unsigned find_field(const char *head, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    unsigned count = 0;

    for (const char *line = strstr(head, "\r\n"); line != NULL && line[2] != '\0';
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
            const char *start = line + 2 + length + 1 + strspn(line + 2 + length + 1, " ");
            snprintf(value, size, "%.*s", (int)strcspn(start, "\r"), start);
            count++;
        }
    }
    return count;
}

static void read_body(struct upstream *upstream, struct reader *reader)
{
    char value[64];

    if (find_field(upstream->head, "transfer-encoding", value, sizeof(value)) > 0)
        upstream->body_whole = read_chunked(upstream, reader);
    else if (find_field(upstream->head, "content-length", value, sizeof(value)) > 0)
        upstream->body_whole = read_counted(upstream, reader, strtoull(value, NULL, 10));
    else
        upstream->body_whole = true;
}

static bool send_all(int socket, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t sent = send(socket, at, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

static void send_answer(int socket, const char *answer, uint64_t download)
{
    unsigned char chunk[CHUNK];

    if (!send_all(socket, answer, strlen(answer)))
        return;
    for (uint64_t sent = 0; sent < download;) {
        size_t part = sizeof(chunk);
        if (part > download - sent)
            part = (size_t)(download - sent);
        for (size_t i = 0; i < part; i++)
            chunk[i] = upstream_byte(sent + i);
        if (!send_all(socket, chunk, part))
            return;
        sent += part;
    }
}

static void serve(struct upstream *upstream, int socket)
{
    struct reader reader = {.socket = socket};
    char head[sizeof(upstream->head)];

    if (!read_head(&reader, head, sizeof(head)))
        return;
    /* What to do was settled when the request began: the test may be planning the next one already. */
    unsigned delay = upstream->delay, stall = upstream->stall;
    const char *answer = upstream->answer;
    uint64_t download = upstream->download;
    pthread_mutex_lock(&upstream->lock);
    memcpy(upstream->head, head, sizeof(head));
    upstream->requests++;
    upstream->body_length = 0;
    upstream->body_whole = false;
    upstream->body_as_expected = true;
    if (!upstream->answer_early)
        read_body(upstream, &reader);
    upstream->whole_requests += upstream->body_whole;
    pthread_mutex_unlock(&upstream->lock);
    usleep(delay * 1000);
    send_answer(socket, answer, download);
    usleep(stall * 1000);
    /* A lingering close: what goes on arriving is read until the sender has understood. */
    while (upstream->answer_early && refill(&reader))
        continue;
    shutdown(socket, SHUT_WR);
}

static void *run(void *argument)
{
    struct upstream *upstream = argument;
    int socket;

    while ((socket = accept(upstream->listener, NULL, NULL)) >= 0) {
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){30, 0}, sizeof(struct timeval));
        serve(upstream, socket);
        close(socket);
    }
    return NULL;
}

void upstream_reset(struct upstream *upstream)
{
    upstream->answer = UPSTREAM_OK;
    upstream->download = 0;
    upstream->answer_early = false;
    upstream->delay = 0;
    upstream->stall = 0;
}

void upstream_start(struct upstream *upstream)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    memset(upstream, 0, sizeof(*upstream));
    upstream_reset(upstream);
    pthread_mutex_init(&upstream->lock, NULL);
    upstream->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (upstream->listener < 0 || bind(upstream->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(upstream->listener, 64) != 0 ||
        getsockname(upstream->listener, (struct sockaddr *)&address, &length) != 0 ||
        pthread_create(&upstream->thread, NULL, run, upstream) != 0)
        abort();
    upstream->port = ntohs(address.sin_port);
}

void upstream_stop(struct upstream *upstream)
{
    shutdown(upstream->listener, SHUT_RDWR);
    pthread_join(upstream->thread, NULL);
    close(upstream->listener);
    pthread_mutex_destroy(&upstream->lock);
}

unsigned upstream_field(struct upstream *upstream, const char *name, char *value, size_t size)
{
    pthread_mutex_lock(&upstream->lock);
    unsigned count = find_field(upstream->head, name, value, size);
    pthread_mutex_unlock(&upstream->lock);
    return count;
}

unsigned upstream_requests(struct upstream *upstream)
{
    pthread_mutex_lock(&upstream->lock);
    unsigned requests = upstream->requests;
    pthread_mutex_unlock(&upstream->lock);
    return requests;
}

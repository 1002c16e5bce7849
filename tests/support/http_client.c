#include "http_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HEAD_MAX 65536

struct http_client {
    int fd;
    size_t start; /* what was received and not yet used is bytes[start..end) */
    size_t end;
    char bytes[HEAD_MAX];
};

http_client *http_connect(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval timeout = {HTTP_TIMEOUT_MS / 1000, 0};
    http_client *client = calloc(1, sizeof(*client));
    int on = 1;

    if (client == NULL)
        return NULL;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return client;
    http_close(client);
    return NULL;
}

void http_close(http_client *client)
{
    if (client == NULL)
        return;
    close(client->fd);
    free(client);
}

bool http_send(http_client *client, const void *bytes, size_t length)
{
    const char *next = bytes;

    while (length > 0) {
        ssize_t sent = send(client->fd, next, length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        next += sent;
        length -= (size_t)sent;
    }
    return true;
}

bool http_send_text(http_client *client, const char *text)
{
    return http_send(client, text, strlen(text));
}

void http_shutdown_write(http_client *client)
{
    shutdown(client->fd, SHUT_WR);
}

/* Receives more bytes behind those there are. */
static ssize_t fill(http_client *client)
{
    ssize_t got;

    if (client->start > 0) {
        memmove(client->bytes, client->bytes + client->start, client->end - client->start);
        client->end -= client->start;
        client->start = 0;
    }
    if (client->end == sizeof(client->bytes))
        return -1;
    do
        got = recv(client->fd, client->bytes + client->end, sizeof(client->bytes) - client->end, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        client->end += (size_t)got;
    return got;
}

bool http_is_closed(http_client *client)
{
    if (client->start != client->end)
        return false;
    ssize_t got = fill(client);

    return got == 0 || (got < 0 && errno == ECONNRESET);
}

/* Takes everything up to and with `mark`; NULL when it does not come. */
static char *take_until(http_client *client, const char *mark)
{
    for (;;) {
        char *start = client->bytes + client->start;
        char *found = memmem(start, client->end - client->start, mark, strlen(mark));

        if (found != NULL) {
            size_t length = (size_t)(found - start) + strlen(mark);

            char *text = calloc(1, length + 1);

            if (text != NULL)
                memcpy(text, start, length);
            client->start += length;
            return text;
        }
        if (fill(client) <= 0)
            return NULL;
    }
}

/* Appends exactly `length` bytes to the body. */
static bool take_bytes(http_client *client, size_t length, http_response *response)
{
    char *body = realloc(response->body, response->body_length + length + 1);

    if (body == NULL)
        return false;
    response->body = body;
    while (length > 0) {
        size_t ready = client->end - client->start;

        if (ready == 0 && fill(client) <= 0)
            return false;
        ready = client->end - client->start;
        if (ready > length)
            ready = length;
        memcpy(body + response->body_length, client->bytes + client->start, ready);
        client->start += ready;
        response->body_length += ready;
        length -= ready;
    }
    body[response->body_length] = '\0';
    return true;
}

static bool take_chunks(http_client *client, http_response *response)
{
    for (;;) {
        char *line = take_until(client, "\r\n"), *end = NULL;
        size_t length = line == NULL ? 0 : strtoul(line, &end, 16);
        bool valid = line != NULL && end != line && (*end == '\r' || *end == ';');

        free(line);
        if (!valid)
            return false;
        if (length > 0 && !take_bytes(client, length, response))
            return false;
        line = take_until(client, "\r\n");
        valid = line != NULL && strcmp(line, "\r\n") == 0;
        free(line);
        if (!valid || length == 0)
            return valid;
    }
}

static bool take_rest(http_client *client, http_response *response)
{
    for (;;) {
        if (!take_bytes(client, client->end - client->start, response))
            return false;
        ssize_t got = fill(client);

        if (got <= 0)
            return got == 0;
    }
}

static bool take_body(http_client *client, bool to_head, http_response *response)
{
    char value[64], *end;

    if (to_head || response->status == 204 || response->status == 304 || response->status / 100 == 1)
        return take_bytes(client, 0, response);
    if (!take_bytes(client, 0, response))
        return false;
    if (http_field(response, "Transfer-Encoding", value, sizeof(value)) != NULL)
        return strcasecmp(value, "chunked") == 0 && take_chunks(client, response);
    if (http_field(response, "Content-Length", value, sizeof(value)) == NULL)
        return take_rest(client, response);
    size_t length = strtoul(value, &end, 10);

    return end != value && *end == '\0' && take_bytes(client, length, response);
}

bool http_receive(http_client *client, bool to_head, http_response *response)
{
    memset(response, 0, sizeof(*response));
    response->head = take_until(client, "\r\n\r\n");
    if (response->head == NULL || sscanf(response->head, "HTTP/1.1 %3d ", &response->status) != 1 ||
        !take_body(client, to_head, response)) {
        http_response_clear(response);
        return false;
    }
    return true;
}

bool http_request(http_client *client, const char *method, const char *path, const char *fields,
                  const char *body)
{
    char *text;
    int length;
    bool sent;

    if (fields == NULL)
        fields = "";
    if (body == NULL)
        length = asprintf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", method, path, fields);
    else
        length = asprintf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n%s%s\r\n%s",
                          method, path, strlen(body),
                          strcasestr(fields, "content-type:") ? "" : "Content-Type: application/json\r\n",
                          fields, body);
    if (length < 0)
        return false;
    sent = http_send(client, text, (size_t)length);
    free(text);
    return sent;
}

bool http_exchange(http_client *client, const char *method, const char *path, const char *fields,
                   const char *body, http_response *response)
{
    return http_request(client, method, path, fields, body) &&
           http_receive(client, strcmp(method, "HEAD") == 0, response);
}

const char *http_field(const http_response *response, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);

    for (const char *line = strstr(response->head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        line += length + 1;
        line += strspn(line, " \t");
        snprintf(value, size, "%.*s", (int)strcspn(line, "\r"), line);
        return value;
    }
    return NULL;
}

void http_response_clear(http_response *response)
{
    free(response->head);
    free(response->body);
    memset(response, 0, sizeof(*response));
}

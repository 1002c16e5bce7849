/*
 * A small HTTP/1.1 client for tests, over one TCP connection to loopback. It sends exactly the bytes it is told to,
 * malformed ones too, and reads answers strictly. Every wait ends after HTTP_TIMEOUT_MS: then the call fails.
 */
#ifndef TODO_TESTS_HTTP_CLIENT_H
#define TODO_TESTS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_TIMEOUT_MS 60000

typedef struct http_client http_client;

/* One answer. Released by http_response_clear. */
typedef struct http_response {
    int status;
    char *head; /* the status line and the fields, NUL-terminated */
    char *body; /* decoded if it was chunked; followed by a NUL that does not count */
    size_t body_length;
} http_response;

/* Connects to 127.0.0.1; NULL when nobody listens. */
http_client *http_connect(uint16_t port);

/* Closes the connection. NULL is fine. */
void http_close(http_client *client);

/* Sends bytes; false when the peer has closed. */
bool http_send(http_client *client, const void *bytes, size_t length);

/* Sends a text. */
bool http_send_text(http_client *client, const char *text);

/* No more bytes will come from here; answers can still be read. */
void http_shutdown_write(http_client *client);

/* Reads one answer. `to_head`: it answers HEAD, so it has no body. False when it is no whole, valid answer. */
bool http_receive(http_client *client, bool to_head, http_response *response);

/* Whether the peer closes the connection without sending another byte. */
bool http_is_closed(http_client *client);

/*
 * Sends a request; false when the peer has closed. `fields`: more header lines, each ended by CRLF, or NULL. With a
 * `body`, its Content-Length is added, and Content-Type: application/json unless `fields` has one.
 */
bool http_request(http_client *client, const char *method, const char *path, const char *fields,
                  const char *body);

/* The same, and reads the answer. */
bool http_exchange(http_client *client, const char *method, const char *path, const char *fields,
                   const char *body, http_response *response);

/* The value of a field of the answer into `value`, or NULL when it is not there. The first of several. */
const char *http_field(const http_response *response, const char *name, char *value, size_t size);

void http_response_clear(http_response *response);

#endif

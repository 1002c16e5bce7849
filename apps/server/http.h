/* One request and its answer. */
#ifndef TODO_SERVER_HTTP_H
#define TODO_SERVER_HTTP_H

#include <civetweb.h>

#include "framing.h"
#include "route.h"
#include "waiting/clock.h"
#include "waiting/worker.h"

#define HTTP_BODY_MAX    1048576u /* bytes of a request's body */
#define HTTP_HEAD_ROOM   WORKER_HEAD_ROOM
#define HTTP_FIELDS_SIZE 768u /* of that, what handlers may add */
#define HTTP_ID_SIZE     65u  /* a request id and its NUL */

typedef struct http_request {
    struct mg_connection *connection;
    const struct mg_request_info *info;
    struct app *app;
    worker *worker;
    http_method method;
    const char *path; /* as it came, without the query */
    char id[HTTP_ID_SIZE];
    todo_sequence at_least; /* of the request's X-Consistency-Token */
    todo_sequence shown;    /* of the answer's; {0, 0} for none */
    int64_t begun;
    todo_call call;    /* what goes down to the store with each call */
    todo_uuid user;    /* who asks; only behind the edge */
    todo_uuid path_id; /* what {id} in the path stands for */
    todo_json *json;   /* the body, for handlers that take one */
    bool body_done;    /* nothing of the body is left to be read */
    bool awaits_100;   /* the client waits for "100 Continue" before it sends the body */
    bool closes;       /* the connection ends with this request */
    bool broken;       /* the answer could not be built */

    const framing_fault *fault;        /* of the request's head; NULL when it is sound */
    text_slice fields_in[FIELD_COUNT]; /* of the request */

    int status; /* of the answer; 0 as long as there is none */
    const char *content_type;
    const char *cache_control; /* "no-store" unless a handler says otherwise */
    text_out fields;           /* of the answer, beyond those that each has */
    char field_bytes[HTTP_FIELDS_SIZE];
    char code[40]; /* of an error, for the log */
    char detail[256];
} http_request;

/* Takes up a request whose head was parsed into `info`, which outlives it. NULL: the head can't be read, a fault. */
void http_begin(http_request *request, struct mg_connection *connection, const struct mg_request_info *info,
                struct app *app_state, worker *thread);

/* A field of the request, trimmed. False when it is not there. */
bool http_field(const http_request *request, framing_name name, text_slice *ret_value);

/*
 * A member of the query, percent-decoded and NUL-terminated, into `value` of `size` bytes. False when it is not there.
 * One that does not fit, or with a NUL in it, is no valid value of anything: it becomes "".
 */
bool http_query(const http_request *request, const char *name, char *value, size_t size);

/* The body of the answer, to append to. Emptied at the beginning of the request. */
todo_buffer *http_body(const http_request *request);

/* Throws away what the body holds so far. */
void http_reset_body(http_request *request);

/* Adds a field to the answer. */
void http_add_field(http_request *request, const char *name, const char *value);

/* Takes all added fields back. */
void http_reset_fields(http_request *request);

/* Sends the answer with one write. */
void http_send(http_request *request);

#endif

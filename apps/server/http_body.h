/* The body of a request: bounded, whatever the client announces or sends. */
#ifndef TODO_SERVER_HTTP_BODY_H
#define TODO_SERVER_HTTP_BODY_H

#include "http.h"

/*
 * Reads the whole body as JSON into request->json. False when it can't: the request has been answered then, with
 * 400, 408, 413 or 415.
 */
bool http_body_read_json(http_request *request);

/* Looks at what is announced: 417, 413 and 415 can be told before a byte is read. False when it was answered. */
bool http_body_expect(http_request *request);

/* Whether what is left of the body is little enough for civetweb to read it away after the answer. */
bool http_body_can_skip(const http_request *request);

/* Reads what is left of a body that is little enough, so that the next request begins behind it. */
void http_body_skip(http_request *request);

/*
 * Reads on for a while before the connection is closed: closing it over unread bytes would reset it, and the client
 * might never see the answer.
 */
void http_body_drain(http_request *request);

#endif

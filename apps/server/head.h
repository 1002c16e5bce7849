/* The head of a request that civetweb gave up on: what it did not read of it. */
#ifndef TODO_SERVER_HEAD_H
#define TODO_SERVER_HEAD_H

#include <stdbool.h>

#include <civetweb.h>

/* Whether it is a token (RFC 9110, 5.6.2), as a method is. */
bool head_is_token(const char *text);

/*
 * Reads the fields that follow the request line in civetweb's buffer, and leaves buffer and `info` as civetweb does when it
 * reads them. What it does not understand ends them.
 */
void head_read_fields(struct mg_request_info *info);

/* Sets the path and the query from the request target, in place. */
void head_split_uri(struct mg_request_info *info);

#endif

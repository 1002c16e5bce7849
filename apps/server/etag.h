/* Entity tags (RFC 9110, 8.8.3): the version of a todo, strong. */
#ifndef TODO_SERVER_ETAG_H
#define TODO_SERVER_ETAG_H

#include "http.h"

/* A browser may keep todos for their user, and asks each time whether they are still the same. */
#define TODOS_CACHE_CONTROL "private, no-cache"

/* Adds the ETag of a todo to the answer. */
void etag_add(http_request *request, const todo_item *item);

/* Whether If-None-Match names the todo's version, so that 304 is the answer. */
bool etag_none_match(const http_request *request, const todo_item *item);

/*
 * The version that If-Match allows the request's todo to have: 0 for any, one that none has when nothing matches.
 * INVALID ("if_match_invalid") when the field can't be read; reads the todo when several versions are named.
 */
todo_status etag_if_match(http_request *request, int64_t *ret_version, todo_error *error);

/* The same for a todo in the trash. */
todo_status etag_if_match_in_trash(http_request *request, int64_t *ret_version, todo_error *error);

#endif

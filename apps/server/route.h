/* Which route a path and a method lead to, and what a request for it must bring. */
#ifndef TODO_SERVER_ROUTE_H
#define TODO_SERVER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include <todo/types.h>

/* Bits, so that a set of them is a number. */
typedef enum http_method {
    HTTP_OTHER = 0,
    HTTP_GET = 1,
    HTTP_HEAD = 2,
    HTTP_POST = 4,
    HTTP_PATCH = 8,
    HTTP_DELETE = 16,
    HTTP_OPTIONS = 32
} http_method;

/* What a request must bring, the most first: a route that declares nothing needs the edge and a user. */
typedef enum route_guard {
    ROUTE_NEEDS_USER, /* the edge's proof (else 403), and the user's id (else 401) */
    ROUTE_NEEDS_EDGE, /* the edge's proof */
    ROUTE_IS_OPEN     /* nothing */
} route_guard;

struct http_request;

/* Fills the answer, or fails with the error that becomes the answer. */
typedef todo_status (*route_handler)(struct http_request *request, todo_error *error);

typedef struct route {
    const char *path; /* "{id}" stands for a UUID; "..." at its end: no handler, only a guard of all below */
    http_method method;
    route_handler handle;
    bool takes_json; /* the body is JSON, and has been parsed when the handler is called */
    route_guard guard;
} route;

/* What a path leads to. */
typedef struct route_match {
    const route *route; /* NULL: there is none for this method */
    unsigned allowed;   /* the set of methods that the path has */
    route_guard guard;  /* without a route: the strictest of those that the path has; open if it has none */
    todo_uuid id;       /* what {id} in the path stands for */
} route_match;

/* Finds the route of a request in a table. HEAD is answered by GET's. */
void route_find(const route *table, size_t count, http_method method, const char *path,
                route_match *ret_match);

#endif

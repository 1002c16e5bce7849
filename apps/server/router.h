/* From a path and a method to a handler. To add an endpoint, add a line to the table in router.c. */
#ifndef TODO_SERVER_ROUTER_H
#define TODO_SERVER_ROUTER_H

#include "http.h"

/* Finds the route of a request, and so what it must bring. */
void router_find(const http_request *request, route_match *ret_match);

/* Answers the request: by its handler, or with 404, 405 and Allow, or what OPTIONS asks for. */
void router_dispatch(http_request *request, const route_match *match);

#endif

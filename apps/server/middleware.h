/* What each request passes before it reaches a handler. */
#ifndef TODO_SERVER_MIDDLEWARE_H
#define TODO_SERVER_MIDDLEWARE_H

#include "http.h"

/*
 * In this order: a request id; a sound head (400, 431); then what the guard of its route asks for: the proof that it
 * comes from the edge (403), and the user that it speaks for (401). False when the request has been answered.
 */
bool middleware_run(http_request *request, route_guard guard);

#endif

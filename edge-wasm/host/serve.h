/* The guest that serves a client's request, from its start to its end. */
#ifndef EDGE_HOST_SERVE_H
#define EDGE_HOST_SERVE_H

#include "client.h"

/* Starts one. False, and nothing started, when there is none. `ret_changed`: whether the client's state has changed since. */
bool serve_start(struct client *client, bool *ret_changed);

/* Lets it go on if what it waits for is there. Whether the client's state has changed. */
bool serve_resume(struct client *client);

/* Breaks it off. */
void serve_abort(struct client *client);

/* Whether it waits for the client's body. */
bool serve_awaits_body(const struct client *client);

#endif

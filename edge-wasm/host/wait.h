/* Waiting for sockets and time, while everything of this request that can move does. */
#ifndef EDGE_HOST_WAIT_H
#define EDGE_HOST_WAIT_H

#include "call.h"

#define WAIT_MAX 8

/* Looks, without waiting, whether more of a body has come; too late is broken. */
enum wire_event wait_source(struct call *call, const struct source *source);

/* Waits until at least one is ready. */
void wait_for_any(struct call *call, const struct pollable *const pollables[], size_t count, bool ready[]);

#endif

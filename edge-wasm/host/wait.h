/* Waiting: a guest is suspended until something that it waits for is ready. */
#ifndef EDGE_HOST_WAIT_H
#define EDGE_HOST_WAIT_H

#include "call.h"

/* Looks whether more of a body has come; too late is broken. */
enum wire_event wait_source(struct call *call, const struct source *source);

/* Whether something that the guest waits for is ready; sets `waiting.ready` and `waiting.until`. */
bool wait_look(struct call *call);

/* Before the guest is left alone: sends what can be sent, and sets the time to look again. */
void wait_suspend(struct call *call);

#endif

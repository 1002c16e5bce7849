/* What the main thread looks after while the workers serve. */
#ifndef TODO_SERVER_WATCH_H
#define TODO_SERVER_WATCH_H

#include "worker.h"

#define WATCH_TICK_MS 100 /* how often watch_tick should be called */

/*
 * Looks at all workers once, those of a server that listens on `port`. A request that takes longer than
 * `request_limit_us` is ended.
 */
void watch_tick(workers *all, uint16_t port, int64_t request_limit_us);

/* Whether so many workers hold a connection that few are left for new ones. */
bool watch_is_crowded(const workers *all);

#endif

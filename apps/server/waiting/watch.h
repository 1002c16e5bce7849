/* What the main thread looks after while the workers serve. */
#ifndef TODO_SERVER_WATCH_H
#define TODO_SERVER_WATCH_H

#include "worker.h"

#define WATCH_TICK_MS 100 /* how often watch_tick should be called */

/* How long a client may keep a worker. */
typedef struct watch_limits {
    int64_t request_us;          /* for a request, all in all */
    int64_t head_us;             /* for the head of the first one */
    uint32_t min_rate;           /* bytes per second of a body and an answer, on the average */
    uint32_t client_connections; /* of one address, beyond which heads have less time; 0: any number */
} watch_limits;

/* Looks at all workers once, those of a server that listens on `port`, and ends what is over a limit. */
void watch_tick(workers *all, uint16_t port, const watch_limits *limits);

/* How many connections come from an address. Those whose first head has not come do not count. 0 for an empty address. */
uint32_t watch_count_client(workers *all, const char *address);

/* Whether so many workers hold a connection that few are left for new ones. */
bool watch_is_crowded(const workers *all);

#endif

/* What the main thread looks after while the others serve. */
#ifndef TODO_SERVER_WATCH_H
#define TODO_SERVER_WATCH_H

#include "app.h"

#define WATCH_TICK_MS 100 /* how often watch_tick should be called */

/* Looks at all workers once, those of a server that listens on `port`. */
void watch_tick(app *app_state, uint16_t port);

/* Whether so many workers hold a connection that few are left for others. */
bool watch_is_crowded(app *app_state);

#endif

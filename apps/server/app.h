/* What all requests share. */
#ifndef TODO_SERVER_APP_H
#define TODO_SERVER_APP_H

#include <stdatomic.h>

#include <todo/todo.h>

#include "waiting/clock.h"
#include "waiting/worker.h"

typedef enum app_phase {
    APP_RUNNING,
    APP_DRAINING, /* requests are served, but each connection is closed after its answer */
    APP_STOPPED   /* requests are not served any more */
} app_phase;

typedef struct app {
    const struct server_config *config;
    todo_store *store;
    todo_commands *commands;
    todo_queries *queries;
    todo_token_key *token_key;
    int64_t started; /* todo_time_now() at the start */
    workers workers;
    struct fiber_threads *fiber_threads; /* NULL: requests wait in their workers */
    _Atomic app_phase phase;
} app;

#endif

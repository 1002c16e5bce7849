/* What all requests share. */
#ifndef TODO_SERVER_APP_H
#define TODO_SERVER_APP_H

#include <stdatomic.h>

#include <todo/todo.h>

#include "carriers.h"
#include "config.h"
#include "worker.h"

typedef enum app_phase {
    APP_RUNNING,
    APP_DRAINING, /* requests are served, but each connection is closed after its answer */
    APP_STOPPED   /* requests are not served any more */
} app_phase;

typedef struct app {
    const server_config *config;
    todo_store *store;
    todo_commands *commands;
    todo_queries *queries;
    todo_token_key *token_key;
    int64_t started;    /* todo_time_now() at the start */
    worker *workers;    /* config->threads of them */
    carriers *carriers; /* NULL: requests wait in their threads */
    atomic_uint workers_taken;
    atomic_uint connections; /* that a worker serves, idle ones included */
    _Atomic app_phase phase;
} app;

/* CLOCK_MONOTONIC in microseconds, as deadlines are measured. */
int64_t app_clock(void);

/* Makes the workers of an app. NOMEM, INTERNAL. */
todo_status app_make_workers(app *app_state, todo_error *error);

void app_free_workers(app *app_state);

/* Whether any request is under way. */
bool app_is_busy(app *app_state);

/* Writes what the workers have logged. */
void app_flush_logs(app *app_state);

#endif

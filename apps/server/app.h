/* What all requests share, and what each thread that serves them has for itself. */
#ifndef TODO_SERVER_APP_H
#define TODO_SERVER_APP_H

#include <stdalign.h>
#include <stdatomic.h>
#include <time.h>

#include <todo/todo.h>

#include "config.h"

typedef enum app_phase {
    APP_RUNNING,
    APP_DRAINING, /* requests are served, but each connection is closed after its answer */
    APP_STOPPED   /* requests are not served any more */
} app_phase;

#define WORKER_ALIGNMENT 128 /* two cache lines: neighbours are prefetched in pairs */

/* One thread of civetweb, which serves one connection at a time. Only it touches what is not atomic. */
typedef struct worker {
    alignas(WORKER_ALIGNMENT) atomic_bool busy; /* from a request's head to the last byte of its answer */
    atomic_llong busy_since;                    /* CLOCK_MONOTONIC in microseconds */
    todo_buffer *answer;                        /* room for the head, then the body of the answer */
    todo_buffer *log;
    time_t date_second; /* the second that `date` tells */
    char date[32];
    uint32_t answers;      /* on this connection */
    int64_t last_answered; /* when the last answer on this connection was sent */
} worker;

typedef struct app {
    const server_config *config;
    todo_store *store;
    todo_commands *commands;
    todo_queries *queries;
    todo_token_key *token_key;
    worker *workers; /* config->threads of them */
    atomic_uint workers_taken;
    atomic_uint connections; /* that a worker serves, idle ones included */
    _Atomic app_phase phase;
} app;

/* CLOCK_MONOTONIC in microseconds, as deadlines are measured. */
int64_t app_clock(void);

/* Makes the workers of an app; NOMEM. */
todo_status app_make_workers(app *app_state, todo_error *error);

void app_free_workers(app *app_state);

/* Whether any request is under way. */
bool app_is_busy(app *app_state);

#endif

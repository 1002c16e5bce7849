/* What each thread that serves requests has for itself, so that requests share no lock. */
#ifndef TODO_SERVER_WORKER_H
#define TODO_SERVER_WORKER_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <time.h>

#include <todo/todo.h>

#include "parking.h"
#include "sockets.h"

#define WORKER_ALIGNMENT    128  /* two cache lines: neighbours are prefetched in pairs */
#define WORKER_BUCKETS      14   /* of the histogram of durations, the last one without a bound */
#define WORKER_LOG_MAX      4096 /* bytes of log that a worker keeps back */
#define WORKER_STATUS_KINDS 6    /* 1xx to 5xx, at their hundreds */

/* The bounds of the histogram, in microseconds. */
extern const int64_t worker_bucket_bounds[WORKER_BUCKETS - 1];

/* One thread of civetweb, which serves one connection at a time. Only it writes here, except to the log. */
typedef struct worker {
    alignas(WORKER_ALIGNMENT) atomic_bool busy; /* from a request's head to the last byte of its answer */
    atomic_llong busy_since;                    /* CLOCK_MONOTONIC in microseconds */
    atomic_llong idle_since;                    /* the like, between two requests of a connection; else 0 */

    todo_buffer *answer; /* room for the head, then the body of the answer */
    char *input;         /* the body of a request, kept from one to the next */
    size_t input_size;
    time_t date_second; /* the second that `date` tells */
    char date[32];
    todo_uuid next_id; /* of a request that brings none */
    uint32_t answers;  /* on this connection */
    int64_t pause;     /* how long the client of this connection waited before its request */
    int64_t answered;  /* when the last answer was sent */
    parking parking;   /* without carriers: not in use */
    bool may_park;     /* requests of this connection */

    atomic_ullong statuses[WORKER_STATUS_KINDS];
    atomic_ullong buckets[WORKER_BUCKETS];
    atomic_ullong duration_us; /* of all requests together */

    pthread_mutex_t mutex; /* of what follows */
    todo_buffer *log;      /* lines that are not written yet */
    atomic_bool has_log;   /* whether there are any; may be read without the mutex */
    socket_peer peer;
} worker;

/* Fills a zeroed worker. NOMEM, INTERNAL. */
todo_status worker_init(worker *self, todo_error *error);

/* Releases what it holds. */
void worker_clear(worker *self);

/* Remembers where the connection that it serves came from. */
void worker_set_peer(worker *self, const char *peer, int port);

/* A fresh request id, unique but no secret: made without a system call. */
void worker_make_id(worker *self, char text[TODO_UUID_TEXT_SIZE]);

/* Counts a request. */
void worker_count(worker *self, int status, int64_t duration_us);

/* Makes `input` at least so large, keeping its content. False when out of memory; it stays as it is then. */
bool worker_grow_input(worker *self, size_t size);

/* Gives back memory that a large request or answer took. */
void worker_shrink(worker *self);

/* Writes the lines of its log. The mutex is held by the caller. */
void worker_write_log(worker *self);

#endif

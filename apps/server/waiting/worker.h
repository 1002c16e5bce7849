/*
 * A worker: what each thread that serves requests has for itself, so that requests share no lock. All of them are made
 * together.
 */
#ifndef TODO_SERVER_WORKER_H
#define TODO_SERVER_WORKER_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <time.h>

#include <todo/todo.h>

#include "sockets.h"

#define WORKER_ALIGNMENT    128   /* two cache lines: neighbours are prefetched in pairs */
#define WORKER_BUCKETS      14    /* of the histogram of durations, the last one without a bound */
#define WORKER_LOG_MAX      4096  /* bytes of log that a worker keeps back */
#define WORKER_HEAD_ROOM    1536u /* bytes kept free in front of an answer's body, for its head */
#define WORKER_STATUS_KINDS 6     /* 1xx to 5xx, at their hundreds */

/* The bounds of the histogram, in microseconds. */
extern const int64_t worker_bucket_bounds[WORKER_BUCKETS - 1];

/* One thread of civetweb, which serves one connection at a time. Only it writes here, except to the log. */
typedef struct worker {
    alignas(WORKER_ALIGNMENT) atomic_bool busy; /* from a request's head to the last byte of its answer */
    atomic_llong busy_since;                    /* CLOCK_MONOTONIC in microseconds */
    atomic_llong idle_since;                    /* the like, between two requests of a connection; else 0 */
    atomic_llong client_since;  /* the like, since when it waits for its client to send or to take; else 0 */
    atomic_ullong client_bytes; /* that the client has sent since, or is to take; 0 for a head */
    atomic_bool client_late;    /* and the connection was ended for it */

    todo_buffer *answer; /* room for the head, then the body of the answer */
    char *input;         /* the body of a request, kept from one to the next */
    size_t input_size;
    time_t date_second; /* the second that `date` tells */
    char date[32];
    todo_uuid next_id;   /* of a request that brings none */
    uint32_t answers;    /* on this connection */
    int64_t pause;       /* how long the client of this connection waited before its request */
    int64_t answered;    /* when the last answer was sent */
    struct fiber *fiber; /* what its requests are when they may park; NULL: they never did */
    int park_fd;         /* the socket of this connection, if its requests may park, or -1 */

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

/* From now on it waits for its client: to take so many bytes, or, with 0, to send. */
void worker_wait_for_client(worker *self, size_t to_take);

/* The client has sent so many bytes more. */
void worker_got(worker *self, size_t bytes);

/* It waits for its client no more. */
void worker_go_on(worker *self);

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

typedef struct workers {
    worker *each;
    uint32_t count;
    atomic_uint taken;       /* by threads of civetweb */
    atomic_uint connections; /* that a worker serves, idle ones included */
} workers;

/* Makes so many. NOMEM, INTERNAL: workers_free is due all the same. */
todo_status workers_make(workers *self, uint32_t count, todo_error *error);

void workers_free(workers *self);

/* One for a thread that begins; NULL: all are taken. */
worker *workers_take(workers *self);

/* Whether any request is under way. */
bool workers_are_busy(const workers *self);

/* Writes what the workers have logged. */
void workers_flush_logs(workers *self);

#endif

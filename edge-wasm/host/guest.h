/* The component: compiled once, and an instance of it for each request or for many. Thread-safe but for one instance. */
#ifndef EDGE_HOST_GUEST_H
#define EDGE_HOST_GUEST_H

#include "call.h"

struct guest;

struct guest_options {
    unsigned instances_max; /* at a time */
    unsigned reuse_max;     /* requests that one instance serves */
};

struct guest_instance;

/*
 * Loads `path`, a component or what guest_compile made of one, and tries an instance of it. NULL, with a line on standard error,
 * when that cannot be.
 */
struct guest *guest_open(const char *path, const struct guest_options *options);
void guest_close(struct guest *guest);

/* Compiles for this machine and this version of wasmtime. False, with a line on standard error. */
bool guest_compile(const char *from, const char *to);

/* An instance that nobody uses, one that is ready if there is one; NULL when there are too many. */
struct guest_instance *guest_take(struct guest *guest);

/* Lets it serve a request. False when it trapped: `ret_message` is for a log, to be freed. */
bool guest_run(struct guest_instance *instance, struct call *call, char **ret_message);

/* Gives it back after a request: it waits for the next one if it is `sound` and has not served too many, and otherwise is replaced. */
void guest_give(struct guest *guest, struct guest_instance *instance, bool sound);

/* Time passes for guests that compute: to be called every EPOCH_MS. */
void guest_tick(struct guest *guest);

#endif

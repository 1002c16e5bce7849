/* The component: compiled once, and an instance of it for each request or for many. */
#ifndef EDGE_HOST_GUEST_H
#define EDGE_HOST_GUEST_H

#include "call.h"

struct guest;

struct guest_options {
    unsigned instances_max; /* at a time */
    unsigned reuse_max;     /* requests that one instance serves */
};

struct guest_instance;

/* Instances that wait for a request. Belongs to one loop. */
struct guest_shelf {
    struct guest_instance *first; /* the one used last: its memory is warm */
    unsigned count;
};

enum guest_state {
    GUEST_WAITS,    /* for what call->waiting says */
    GUEST_COMPUTES, /* and was interrupted, so that others get their turn */
    GUEST_DONE,
    GUEST_FAILED /* it trapped, or computed for too long */
};

/*
 * Loads `path`, a component or what guest_compile made of one, and tries an instance of it. NULL, with a line on standard error,
 * when that cannot be. Thread-safe from then on.
 */
struct guest *guest_open(const char *path, const struct guest_options *options);
void guest_close(struct guest *guest);

/*
 * Compiles for this version of wasmtime and this machine, or with `baseline` for every processor of its architecture. False, with a
 * line on standard error.
 */
bool guest_compile(const char *from, const char *to, bool baseline);

/* An instance, one that is ready if there is one; NULL when there are too many. */
struct guest_instance *guest_take(struct guest *guest, struct guest_shelf *shelf);

/* Lets it serve a request, until it waits. */
enum guest_state guest_start(struct guest_instance *instance, struct call *call);

/* Lets it go on. */
enum guest_state guest_resume(struct guest_instance *instance);

/* What it trapped with, for a log; NULL when there is no text. To be freed. */
char *guest_message(struct guest_instance *instance);

/*
 * Gives it back after a request: it waits for the next one if it is `sound` and has not served too many, and otherwise is replaced.
 * One that has not come to its end is broken off.
 */
void guest_give(struct guest *guest, struct guest_shelf *shelf, struct guest_instance *instance, bool sound);

void guest_shelf_clear(struct guest_shelf *shelf);

/* Time passes for guests that compute: to be called every GUEST_TICK_MS. */
#define GUEST_TICK_MS 20
void guest_tick(struct guest *guest);

#endif

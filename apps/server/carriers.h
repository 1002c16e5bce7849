/* The threads that go on with parked requests (parking.h). */
#ifndef TODO_SERVER_CARRIERS_H
#define TODO_SERVER_CARRIERS_H

#include <pthread.h>

#include "parking.h"

struct carrier {
    stack_context home;
    carriers *all;
    pthread_cond_t work;
    bool called; /* to come to work */
    SLIST_ENTRY(carrier) next;
};

/* Starts so many threads. NULL: out of memory or threads. */
carriers *carriers_start(unsigned count);

/* No request may be parked any more. NULL is fine. */
void carriers_stop(carriers *self);

/* Puts a request that is PARKED on the list: it is READY then. False: it is not parked (any more). */
bool carriers_push(carriers *self, parking *request);

/* Puts a request that is nobody's at this moment behind those on the list: it is READY then. False: there are none. */
bool carriers_push_behind(carriers *self, parking *request);

/* Takes one that is READY off again: it is RUNNING then. False: a carrier has it. */
bool carriers_take_back(carriers *self, parking *request);

/* The carrier's thread is about to block, or goes on. */
void carriers_blocking(carriers *self, bool begins);

#endif

/*
 * How the requests of a worker wait: parked (todo_parking).
 *
 * When a request waits for the store, its worker leaves it for the small stack and waits there for the client's next
 * request. The caller that has what the request waits for puts it on a list; one of a few fiber threads goes on with it
 * and sends the answer. So a request costs one change of threads, the one that the client's data causes, instead of two;
 * and the answers of many requests that one statement carried are sent one after the other by a thread that is awake.
 *
 * The worker takes its request back when it comes to an end, or when no fiber thread goes on with it in time.
 */
#ifndef TODO_SERVER_PARKING_H
#define TODO_SERVER_PARKING_H

#include "fiber_threads.h"

/* Makes the fiber of the worker that calls. NULL: out of memory. */
fiber *parking_new(fiber_threads *threads);

/* NULL is fine. */
void parking_free(fiber *self);

/* A request of the connection with this socket begins, on its worker. Gives how its calls are to wait. */
const todo_parking *parking_begin(fiber *self, int fd);

/*
 * The answer is sent (by a request that parked or did not; NULL is fine): goes back to the request's worker, which comes when the client sends something; with `at_once`,
 * now.
 */
void parking_end(fiber *self, bool at_once);

#endif

#include "worker.h"

#include <stdlib.h>

#include "client.h"

bool worker_open(struct worker *worker)
{
    return loop_open(&worker->loop);
}

void worker_close(struct worker *worker)
{
    core_links_close(&worker->links);
    guest_shelf_clear(&worker->shelf);
    while (worker->free_calls != NULL) {
        struct call *next = worker->free_calls->owner;
        free(worker->free_calls);
        worker->free_calls = next;
    }
    loop_close(&worker->loop);
}

struct call *worker_take_call(struct worker *worker)
{
    struct call *call = worker->free_calls;

    if (call == NULL)
        return malloc(sizeof(*call));
    worker->free_calls = call->owner;
    return call;
}

void worker_give_call(struct worker *worker, struct call *call)
{
    call->owner = worker->free_calls;
    worker->free_calls = call;
}

void worker_stop(struct worker *worker)
{
    worker->stopping = true;
    while (worker->idle.first != NULL)
        client_close(worker->idle.first);
    if (atomic_load(&worker->connections) == 0)
        loop_end(&worker->loop);
}

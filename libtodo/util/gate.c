#include "util/gate.h"

#include <errno.h>
#include <time.h>

void todo__gate_init(todo__gate *gate, unsigned slots, unsigned queue)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&gate->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&gate->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    gate->free_slots = slots;
    gate->waiting = 0;
    gate->queue = queue;
}

void todo__gate_destroy(todo__gate *gate)
{
    pthread_cond_destroy(&gate->freed);
    pthread_mutex_destroy(&gate->mutex);
}

/* Waits until a slot is free or the deadline has passed; true when a slot is free. */
static bool wait_for_slot(todo__gate *gate, const todo_call *call)
{
    struct timespec until = {0, 0};
    int failure = 0;

    if (call != NULL) {
        until.tv_sec = call->deadline / 1000000;
        until.tv_nsec = call->deadline % 1000000 * 1000;
    }
    gate->waiting++;
    while (gate->free_slots == 0 && failure != ETIMEDOUT) {
        if (todo_call_remaining(call) < 0)
            pthread_cond_wait(&gate->freed, &gate->mutex);
        else
            failure = pthread_cond_timedwait(&gate->freed, &gate->mutex, &until);
    }
    gate->waiting--;
    return gate->free_slots > 0;
}

todo_status todo__gate_enter(todo__gate *gate, const todo_call *call, const char *code, todo_error *error)
{
    todo_status status = TODO_OK;

    pthread_mutex_lock(&gate->mutex);
    if (gate->free_slots == 0 && gate->waiting >= gate->queue)
        status = TODO_ERR_RATE_LIMITED;
    else if (gate->free_slots == 0 && !wait_for_slot(gate, call))
        status = TODO_ERR_TIMEOUT;
    else
        gate->free_slots--;
    pthread_mutex_unlock(&gate->mutex);
    if (status == TODO_ERR_RATE_LIMITED)
        return todo_error_set(error, status, code, NULL, "too many requests of this kind at once");
    return status == TODO_OK ? TODO_OK : todo_error_set(error, status, NULL, NULL, NULL);
}

void todo__gate_leave(todo__gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->free_slots++;
    pthread_cond_signal(&gate->freed);
    pthread_mutex_unlock(&gate->mutex);
}

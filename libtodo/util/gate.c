#include "util/gate.h"

void todo__gate_init(todo__gate *gate, unsigned slots, unsigned limit)
{
    todo__queue_init(&gate->queue, &(todo__queue_rules){.leaders = slots}, NULL);
    gate->limit = limit;
}

void todo__gate_destroy(todo__gate *gate)
{
    todo__queue_destroy(&gate->queue);
}

todo_status todo__gate_enter(todo__gate *gate, const todo_call *call, const char *code, todo_error *error)
{
    bool limited = call != NULL && call->deadline != 0;
    todo__waiter waiter;

    todo__waiter_init(&waiter, todo__parking_of(call), limited ? call->deadline : TODO__NO_DEADLINE);
    todo__queue_lock(&gate->queue);
    if (gate->queue.leaders == gate->queue.rules.leaders && gate->queue.length >= gate->limit) {
        todo__queue_unlock(&gate->queue);
        return todo_error_set(error, TODO_ERR_RATE_LIMITED, code, NULL,
                              "too many requests of this kind at once");
    }
    if (todo__queue_wait(&gate->queue, &waiter) == TODO__TURN_LATE)
        return todo_error_set(error, TODO_ERR_TIMEOUT, NULL, NULL, NULL);
    todo__blocking(todo__parking_of(call), true);
    return TODO_OK;
}

void todo__gate_leave(todo__gate *gate, const todo_call *call)
{
    todo__blocking(todo__parking_of(call), false);
    todo__queue_lock(&gate->queue);
    todo__queue_hand_over(&gate->queue);
}

#include "domain/consistency.h"

#include "util/guard.h"

void todo__consistency_give(const todo_call *call, uint64_t position)
{
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = (todo_sequence){(uint64_t)todo_time_now(), position};
}

const todo_call *todo__consistency_want(const todo_call *call, todo_call *room, todo_sequence *sequence)
{
    if (call != NULL && call->ret_sequence != NULL)
        return call;
    *room = call != NULL ? *call : (todo_call)TODO_CALL_INIT;
    room->ret_sequence = sequence;
    *sequence = (todo_sequence){0, 0};
    return room;
}

static todo_sequence asked(const todo_call *call)
{
    return call != NULL && call->at_least != NULL ? *call->at_least : (todo_sequence){0, 0};
}

bool todo__consistency_followed(const todo_call *call)
{
    return call != NULL && call->at_least != NULL && call->ret_sequence != NULL;
}

void todo__consistency_follow(const todo_call *call, uint64_t position, todo_time at)
{
    todo_sequence brought = asked(call);

    if (todo__guarded("follow") && todo__consistency_followed(call))
        *call->ret_sequence = (todo_sequence){at > (todo_time)brought.epoch ? (uint64_t)at : brought.epoch,
                                              position > brought.number ? position : brought.number};
}

bool todo__consistency_young(todo_time at)
{
    return at > todo_time_now() - TODO__COHERENCE_US;
}

uint64_t todo__consistency_position(const todo_call *call)
{
    return asked(call).number;
}

void todo__consistency_raise(todo_call *call, uint64_t position, todo_sequence *sequence)
{
    todo_sequence brought = asked(call);

    if (position <= brought.number)
        return;
    *sequence = (todo_sequence){brought.epoch, position};
    if (call->at_least == NULL)
        call->ret_sequence = NULL;
    call->at_least = sequence;
}

bool todo__consistency_fresh(const todo_call *call)
{
    return asked(call).epoch != 0;
}

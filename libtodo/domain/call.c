#include <todo/call.h>

#include <limits.h>

#include "domain/call.h"
#include "util/monotonic.h"
#include "util/structs.h"

void todo_call_init(todo_call *call, size_t size)
{
    todo__struct_init(call, size);
}

void todo_call_set_timeout(todo_call *call, uint32_t milliseconds)
{
    if (call != NULL)
        call->deadline = todo__monotonic_us() + (int64_t)milliseconds * 1000;
}

int todo_call_remaining(const todo_call *call)
{
    int64_t left;

    if (call == NULL || call->deadline == 0)
        return -1;
    left = call->deadline - todo__monotonic_us();
    if (left <= 0)
        return 0;
    left = (left + 999) / 1000;
    return left > INT_MAX ? INT_MAX : (int)left;
}

todo_status todo__take_call(const todo_call **call, todo_call *room, todo_error *error)
{
    todo_status status;

    if (*call == NULL || (*call)->size == sizeof(**call))
        return TODO_OK;
    status = todo__struct_take(room, sizeof(*room), *call, error);
    if (status == TODO_OK)
        *call = room;
    return status;
}

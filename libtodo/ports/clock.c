#include <todo/port/clock.h>

#include "ports/port.h"

static todo_status complete(todo_clock_ops *ops, todo_error *error)
{
    if (ops->now == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "port_function_missing", "now", NULL);
    return TODO_OK;
}

TODO__DEFINE_PORT(todo_clock, ret_clock);

todo_time todo_clock_now(todo_clock *clock)
{
    return clock != NULL ? clock->ops.now(clock->self) : todo_time_now();
}

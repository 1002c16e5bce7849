/**
 * @file port/clock.h
 * TodoClock: the port through which use cases learn the time, so that a test can set it.
 */
#ifndef TODO_PORT_CLOCK_H
#define TODO_PORT_CLOCK_H

#include <todo/types.h>

TODO_BEGIN_DECLS

/** A handle on a clock: opaque and reference-counted. */
typedef struct todo_clock todo_clock;

/** An implementation's functions; todo_clock_new takes them. Zero-initialize it. */
typedef struct todo_clock_ops {
    size_t
        size; /**< sizeof(todo_clock_ops) as the implementer compiled it; functions beyond it count as absent */

    /** Releases `self` when the last reference goes. NULL when there is nothing to release. */
    void (*destroy)(void *self);

    /** The time now. Never blocks; any thread may call it. */
    todo_time (*now)(void *self);
} todo_clock_ops;

/** As todo_reader_new. `now` is required: INVALID without it. */
TODO_API todo_status todo_clock_new(const todo_clock_ops *ops, void *self, todo_clock **ret_clock,
                                    todo_error *error);

/** As todo_reader_ref. Thread-safe. */
TODO_API todo_clock *todo_clock_ref(todo_clock *clock);

/** As todo_reader_unref. Thread-safe. */
TODO_API void todo_clock_unref(todo_clock *clock);

/** The time of this clock; of the system's clock when given NULL. */
TODO_API todo_time todo_clock_now(todo_clock *clock);

TODO_END_DECLS

#endif

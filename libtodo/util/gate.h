/* A gate that lets few in at a time and few wait: for work so heavy that it would starve everything else. */
#ifndef TODO_UTIL_GATE_H
#define TODO_UTIL_GATE_H

#include "util/queue.h"

typedef struct todo__gate {
    todo__queue queue; /* a caller inside leads */
    unsigned limit;    /* how many may wait */
} todo__gate;

void todo__gate_init(todo__gate *gate, unsigned slots, unsigned limit);
void todo__gate_destroy(todo__gate *gate);

/* Takes a slot; until todo__gate_leave the call counts as waiting (todo_parking's `blocking`). RATE_LIMITED, `code`, when as many wait as may; TIMEOUT when the deadline passes first. */
todo_status todo__gate_enter(todo__gate *gate, const todo_call *call, const char *code, todo_error *error);

/* Gives the slot back. */
void todo__gate_leave(todo__gate *gate, const todo_call *call);

#endif

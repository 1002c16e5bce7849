/* A gate that lets few in at a time and few wait: for work so heavy that it would starve everything else. */
#ifndef TODO_UTIL_GATE_H
#define TODO_UTIL_GATE_H

#include <pthread.h>

#include <todo/call.h>

typedef struct todo__gate {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    unsigned free_slots;
    unsigned waiting;
    unsigned queue; /* how many may wait */
} todo__gate;

void todo__gate_init(todo__gate *gate, unsigned slots, unsigned queue);
void todo__gate_destroy(todo__gate *gate);

/* Takes a slot. RATE_LIMITED, `code`, when as many wait as may; TIMEOUT when the deadline passes first. */
todo_status todo__gate_enter(todo__gate *gate, const todo_call *call, const char *code, todo_error *error);

/* Gives the slot back. */
void todo__gate_leave(todo__gate *gate);

#endif

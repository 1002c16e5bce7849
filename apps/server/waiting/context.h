/* A stack that execution can leave and come back to, on whichever thread. */
#ifndef TODO_SERVER_CONTEXT_H
#define TODO_SERVER_CONTEXT_H

#include <stddef.h>
#include <ucontext.h>

typedef struct stack_context {
    ucontext_t registers;
    void *stack; /* its lowest byte */
    size_t stack_size;
    void (*run)(void *arg);
    void *arg;
    /* What the sanitizers know it by. */
    void *shadow;
    void *fiber;
} stack_context;

/* Describes the stack that the calling thread is on, which it may leave then. */
void context_of_thread(stack_context *self);

/* Prepares a context that calls `run` on the given stack when it is first come to; `run` never returns. */
void context_make(stack_context *self, void *stack, size_t stack_size, void (*run)(void *arg), void *arg);

/* What a context that was made holds. */
void context_clear(stack_context *self);

/* Leaves `from`, where this returns when it is come back to, for `to`. */
void context_switch(stack_context *from, stack_context *to);

#endif

#include "context.h"

#include <pthread.h>
#include <stdint.h>

#if defined(__has_feature)
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || HAS(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#define LEAVE(from, to) __sanitizer_start_switch_fiber(&(from)->shadow, (to)->stack, (to)->stack_size)
#define ARRIVE(shadow)  __sanitizer_finish_switch_fiber(shadow, NULL, NULL)
#else
#define LEAVE(from, to) (void)(from)
#define ARRIVE(shadow)  (void)(shadow)
#endif

#if defined(__SANITIZE_THREAD__) || HAS(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define FIBER_OF_THREAD() __tsan_get_current_fiber()
#define FIBER_NEW()       __tsan_create_fiber(0)
#define FIBER_FREE(fiber) __tsan_destroy_fiber(fiber)
#define FIBER_GO(fiber)   __tsan_switch_to_fiber(fiber, 0)
#else
#define FIBER_OF_THREAD() NULL
#define FIBER_NEW()       NULL
#define FIBER_FREE(fiber) (void)(fiber)
#define FIBER_GO(fiber)   (void)(fiber)
#endif

void context_of_thread(stack_context *self)
{
    pthread_attr_t attributes;

    self->stack = NULL;
    self->stack_size = 0;
    self->fiber = FIBER_OF_THREAD();
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    pthread_attr_getstack(&attributes, &self->stack, &self->stack_size);
    pthread_attr_destroy(&attributes);
}

/* makecontext(3) hands on nothing but ints. */
static void begin(unsigned low, unsigned high)
{
    stack_context *self = (stack_context *)((uintptr_t)high << 32 | low);

    ARRIVE(self->shadow);
    self->run(self->arg);
}

void context_make(stack_context *self, void *stack, size_t stack_size, void (*run)(void *arg), void *arg)
{
    uintptr_t address = (uintptr_t)self;

    self->run = run;
    self->arg = arg;
    getcontext(&self->registers);
    self->stack = stack;
    self->stack_size = stack_size;
    self->fiber = FIBER_NEW();
    self->registers.uc_stack.ss_sp = stack;
    self->registers.uc_stack.ss_size = stack_size;
    self->registers.uc_link = NULL;
    makecontext(&self->registers, (void (*)(void))begin, 2, (unsigned)address, (unsigned)(address >> 32));
}

void context_clear(stack_context *self)
{
    if (self->fiber != NULL)
        FIBER_FREE(self->fiber);
    self->fiber = NULL;
}

void context_switch(stack_context *from, stack_context *to)
{
    LEAVE(from, to);
    FIBER_GO(to->fiber);
    swapcontext(&from->registers, &to->registers);
    ARRIVE(from->shadow);
}

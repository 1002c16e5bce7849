#include "fiber_threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_SIZE 65536

struct fiber_thread {
    stack_context home;
    fiber_threads *all;
    pthread_cond_t work;
    bool called; /* to come to work */
    SLIST_ENTRY(fiber_thread) next;
};

struct fiber_threads {
    pthread_mutex_t lock; /* guards what follows */
    TAILQ_HEAD(, fiber) ready;
    SLIST_HEAD(, fiber_thread) idle; /* the last one in front: what it needs is still in the caches */
    unsigned awake;                  /* threads at work that do not block */
    bool stopping;
    unsigned count;
    pthread_t *threads;
};

/* One at work is enough, unless it is blocked; more would only get in each other's way. The lock is held. */
static void wake_one(fiber_threads *self)
{
    fiber_thread *first = SLIST_FIRST(&self->idle);

    if (TAILQ_EMPTY(&self->ready) || first == NULL || self->awake > 0)
        return;
    SLIST_REMOVE_HEAD(&self->idle, next);
    self->awake++;
    first->called = true;
    pthread_cond_signal(&first->work);
}

/* The lock is held. */
static void append(fiber_threads *self, fiber *request)
{
    TAILQ_INSERT_TAIL(&self->ready, request, next);
    wake_one(self);
}

bool fiber_threads_push(fiber_threads *self, fiber *request)
{
    bool ready;

    pthread_mutex_lock(&self->lock);
    ready = fiber_change(request, FIBER_PARKED, FIBER_READY);
    if (ready)
        append(self, request);
    pthread_mutex_unlock(&self->lock);
    return ready;
}

/* Puts a fiber that no thread runs at this moment behind those on the list: it is READY then. False: there are none. */
static bool push_behind(fiber_threads *self, fiber *request)
{
    bool others;

    pthread_mutex_lock(&self->lock);
    others = !TAILQ_EMPTY(&self->ready);
    if (others) {
        atomic_store(&request->state, FIBER_READY);
        append(self, request);
    }
    pthread_mutex_unlock(&self->lock);
    return others;
}

bool fiber_threads_take_back(fiber_threads *self, fiber *request)
{
    bool ready;

    pthread_mutex_lock(&self->lock);
    ready = atomic_load(&request->state) == FIBER_READY;
    if (ready) {
        TAILQ_REMOVE(&self->ready, request, next);
        atomic_store(&request->state, FIBER_RUNNING);
    }
    pthread_mutex_unlock(&self->lock);
    return ready;
}

void fiber_threads_blocking(fiber_threads *self, bool begins)
{
    pthread_mutex_lock(&self->lock);
    if (begins) {
        self->awake--;
        wake_one(self);
    } else {
        self->awake++;
    }
    pthread_mutex_unlock(&self->lock);
}

stack_context *fiber_threads_home(const fiber *running)
{
    return &running->thread->home;
}

bool fiber_threads_settle(fiber *left)
{
    if (left->yields) {
        left->yields = false;
        return !push_behind(left->threads, left);
    }
    if (fiber_change(left, FIBER_RUNNING, FIBER_PARKED))
        return false;
    atomic_store(&left->state, FIBER_RUNNING); /* it was expected */
    return true;
}

/* Waits until there is work for this one. The lock is held. */
static void wait_for_work(fiber_threads *all, fiber_thread *self)
{
    all->awake--;
    SLIST_INSERT_HEAD(&all->idle, self, next);
    self->called = false;
    while (!self->called && !all->stopping)
        pthread_cond_wait(&self->work, &all->lock);
}

/* The next request to go on with; NULL: the threads are to stop. */
static fiber *take(fiber_threads *all, fiber_thread *self)
{
    fiber *request = NULL;

    pthread_mutex_lock(&all->lock);
    while (!all->stopping && (request = TAILQ_FIRST(&all->ready)) == NULL)
        wait_for_work(all, self);
    if (request != NULL) {
        TAILQ_REMOVE(&all->ready, request, next);
        atomic_store(&request->state, FIBER_RUNNING);
    }
    pthread_mutex_unlock(&all->lock);
    return request;
}

/* Leaves a request that has ended to its worker. */
static void give_back(fiber *request)
{
    atomic_store(&request->state, FIBER_ENDED);
    if (atomic_load(&request->worker_sleeping))
        syscall(SYS_futex, &request->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Goes on with a request until it has ended or waits again. */
static void go_on(fiber_thread *self, fiber *request)
{
    request->thread = self;
    do {
        context_switch(&self->home, &request->request);
        if (request->ended) {
            give_back(request);
            return;
        }
    } while (fiber_threads_settle(request));
}

static void *run(void *arg)
{
    fiber_thread self = {.all = arg};
    fiber *request;

    context_of_thread(&self.home);
    pthread_cond_init(&self.work, NULL);
    while ((request = take(self.all, &self)) != NULL)
        go_on(&self, request);
    pthread_cond_destroy(&self.work);
    return NULL;
}

static bool start_thread(fiber_threads *self)
{
    pthread_attr_t attributes;
    bool started;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    started = pthread_create(&self->threads[self->count], &attributes, run, self) == 0;
    pthread_attr_destroy(&attributes);
    if (started)
        self->count++;
    return started;
}

fiber_threads *fiber_threads_start(unsigned count)
{
    fiber_threads *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    pthread_mutex_init(&self->lock, NULL);
    TAILQ_INIT(&self->ready);
    SLIST_INIT(&self->idle);
    self->awake = count;
    self->threads = calloc(count, sizeof(*self->threads));
    for (unsigned i = 0; self->threads != NULL && i < count; i++)
        if (!start_thread(self))
            break;
    if (self->count == count)
        return self;
    fiber_threads_stop(self);
    return NULL;
}

void fiber_threads_stop(fiber_threads *self)
{
    fiber_thread *idle;

    if (self == NULL)
        return;
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    SLIST_FOREACH(idle, &self->idle, next)
    pthread_cond_signal(&idle->work);
    pthread_mutex_unlock(&self->lock);
    for (unsigned i = 0; i < self->count; i++)
        pthread_join(self->threads[i], NULL);
    pthread_mutex_destroy(&self->lock);
    free(self->threads);
    free(self);
}

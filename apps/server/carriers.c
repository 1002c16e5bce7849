#include "carriers.h"

#include <pthread.h>
#include <stdlib.h>

#define STACK_SIZE 65536

struct carriers {
    pthread_mutex_t lock; /* guards what follows */
    TAILQ_HEAD(, parking) ready;
    SLIST_HEAD(, carrier) idle; /* the last one in front: what it needs is still in the caches */
    unsigned awake;             /* threads at work that do not block */
    bool stopping;
    unsigned count;
    pthread_t *threads;
};

/* One at work is enough, unless it is blocked; more would only get in each other's way. The lock is held. */
static void wake_one(carriers *self)
{
    carrier *first = SLIST_FIRST(&self->idle);

    if (TAILQ_EMPTY(&self->ready) || first == NULL || self->awake > 0)
        return;
    SLIST_REMOVE_HEAD(&self->idle, next);
    self->awake++;
    first->called = true;
    pthread_cond_signal(&first->work);
}

/* The lock is held. */
static void append(carriers *self, parking *request)
{
    TAILQ_INSERT_TAIL(&self->ready, request, next);
    wake_one(self);
}

bool carriers_push(carriers *self, parking *request)
{
    unsigned parked = PARKING_PARKED;
    bool ready;

    pthread_mutex_lock(&self->lock);
    ready = atomic_compare_exchange_strong(&request->state, &parked, PARKING_READY);
    if (ready)
        append(self, request);
    pthread_mutex_unlock(&self->lock);
    return ready;
}

bool carriers_push_behind(carriers *self, parking *request)
{
    bool others;

    pthread_mutex_lock(&self->lock);
    others = !TAILQ_EMPTY(&self->ready);
    if (others) {
        atomic_store(&request->state, PARKING_READY);
        append(self, request);
    }
    pthread_mutex_unlock(&self->lock);
    return others;
}

bool carriers_take_back(carriers *self, parking *request)
{
    bool ready;

    pthread_mutex_lock(&self->lock);
    ready = atomic_load(&request->state) == PARKING_READY;
    if (ready) {
        TAILQ_REMOVE(&self->ready, request, next);
        atomic_store(&request->state, PARKING_RUNNING);
    }
    pthread_mutex_unlock(&self->lock);
    return ready;
}

void carriers_blocking(carriers *self, bool begins)
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

/* Waits until there is work for this one. The lock is held. */
static void wait_for_work(carriers *all, carrier *self)
{
    all->awake--;
    SLIST_INSERT_HEAD(&all->idle, self, next);
    self->called = false;
    while (!self->called && !all->stopping)
        pthread_cond_wait(&self->work, &all->lock);
}

/* The next request to go on with; NULL: the carriers are to stop. */
static parking *take(carriers *all, carrier *self)
{
    parking *request = NULL;

    pthread_mutex_lock(&all->lock);
    while (!all->stopping && (request = TAILQ_FIRST(&all->ready)) == NULL)
        wait_for_work(all, self);
    if (request != NULL) {
        TAILQ_REMOVE(&all->ready, request, next);
        atomic_store(&request->state, PARKING_RUNNING);
    }
    pthread_mutex_unlock(&all->lock);
    return request;
}

/* Goes on with a request until it has ended or waits again. */
static void carry(carrier *self, parking *request)
{
    request->carrier = self;
    do {
        context_switch(&self->home, &request->request);
        if (request->ended) {
            parking_give_back(request);
            return;
        }
    } while (parking_settle(request));
}

static void *run(void *arg)
{
    carrier self = {.all = arg};
    parking *request;

    context_of_thread(&self.home);
    pthread_cond_init(&self.work, NULL);
    while ((request = take(self.all, &self)) != NULL)
        carry(&self, request);
    pthread_cond_destroy(&self.work);
    return NULL;
}

static bool start_thread(carriers *self)
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

carriers *carriers_start(unsigned count)
{
    carriers *self = calloc(1, sizeof(*self));

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
    carriers_stop(self);
    return NULL;
}

void carriers_stop(carriers *self)
{
    carrier *idle;

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

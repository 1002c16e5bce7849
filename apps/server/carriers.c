#include "carriers.h"

#include <pthread.h>
#include <stdlib.h>

#define STACK_SIZE 65536

struct carriers {
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    TAILQ_HEAD(, parking) ready;
    unsigned idle;   /* threads that wait for work */
    unsigned called; /* of those that waited, who are to come */
    unsigned awake;  /* threads at work that do not block */
    bool stopping;
    unsigned count;
    pthread_t *threads;
};

/* One at work is enough, unless it is blocked; more would only get in each other's way. The lock is held. */
static void wake_one(carriers *self)
{
    if (TAILQ_EMPTY(&self->ready) || self->idle == 0 || self->awake > 0)
        return;
    self->idle--;
    self->awake++;
    self->called++;
    pthread_cond_signal(&self->work);
}

bool carriers_push(carriers *self, parking *request)
{
    unsigned parked = PARKING_PARKED;
    bool ready;

    pthread_mutex_lock(&self->lock);
    ready = atomic_compare_exchange_strong(&request->state, &parked, PARKING_READY);
    if (ready) {
        TAILQ_INSERT_TAIL(&self->ready, request, next);
        wake_one(self);
    }
    pthread_mutex_unlock(&self->lock);
    return ready;
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

/* The next request to go on with; NULL: the carriers are to stop. */
static parking *take(carriers *self)
{
    parking *request = NULL;

    pthread_mutex_lock(&self->lock);
    while (!self->stopping && (request = TAILQ_FIRST(&self->ready)) == NULL) {
        self->awake--;
        self->idle++;
        while (self->called == 0 && !self->stopping)
            pthread_cond_wait(&self->work, &self->lock);
        if (!self->stopping)
            self->called--;
    }
    if (request != NULL) {
        TAILQ_REMOVE(&self->ready, request, next);
        atomic_store(&request->state, PARKING_RUNNING);
    }
    pthread_mutex_unlock(&self->lock);
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
    while ((request = take(self.all)) != NULL)
        carry(&self, request);
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
    pthread_cond_init(&self->work, NULL);
    TAILQ_INIT(&self->ready);
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
    if (self == NULL)
        return;
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    pthread_cond_broadcast(&self->work);
    pthread_mutex_unlock(&self->lock);
    for (unsigned i = 0; i < self->count; i++)
        pthread_join(self->threads[i], NULL);
    pthread_cond_destroy(&self->work);
    pthread_mutex_destroy(&self->lock);
    free(self->threads);
    free(self);
}

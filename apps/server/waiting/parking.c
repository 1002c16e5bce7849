#include "parking.h"

#include <linux/futex.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define STACK_SIZE 16384 /* bytes of the small stack: more than poll(2) and a sanitizer take */
#define LOOK_US    10000 /* how often a worker looks whether a fiber thread goes on with its request */

/* Whether a worker goes on with its own request: it has ended, or no fiber thread took it up for too long. */
static bool take_back(fiber *self)
{
    switch (atomic_load(&self->state)) {
    case FIBER_ENDED:
        return true;
    case FIBER_PARKED:
        return app_clock() >= atomic_load(&self->until) && fiber_change(self, FIBER_PARKED, FIBER_RUNNING);
    case FIBER_READY:
        return fiber_threads_take_back(self->threads, self);
    default:
        return false;
    }
}

static int64_t look_until(const fiber *self)
{
    int64_t now = app_clock(), later = now + LOOK_US, until = atomic_load(&self->until);

    return until > now && until < later ? until : later;
}

/* Sleeps until the state changes. */
static void sleep_on_state(fiber *self)
{
    int64_t until = look_until(self);
    struct timespec limit = {until / 1000000, until % 1000000 * 1000};
    unsigned state;

    atomic_store(&self->worker_sleeping, true);
    state = atomic_load(&self->state);
    if (state != FIBER_ENDED)
        syscall(SYS_futex, &self->state, FUTEX_WAIT_BITSET_PRIVATE, state, &limit, NULL,
                FUTEX_BITSET_MATCH_ANY);
    atomic_store(&self->worker_sleeping, false);
}

/* Until the client sends something or goes away (then true), or it is time to look. */
static bool poll_client(const fiber *self)
{
    struct pollfd client = {self->fd, POLLIN, 0};
    int64_t left = look_until(self) - app_clock();

    return poll(&client, 1, (int)((left + 999) / 1000)) != 0;
}

/* Where a worker is that has left its request, for as long as there are requests. */
static void watch_connection(void *arg)
{
    fiber *self = arg;

    for (;;) {
        bool mine = fiber_threads_settle(self), client_waits = false;

        while (!mine) {
            if (client_waits)
                sleep_on_state(self);
            else
                client_waits = poll_client(self);
            mine = take_back(self);
        }
        self->thread = NULL;
        context_switch(&self->watch, &self->request);
    }
}

static void leave(fiber *self)
{
    context_switch(&self->request, self->thread == NULL ? &self->watch : fiber_threads_home(self));
}

static void park(void *arg, int64_t until)
{
    fiber *self = arg;

    if (fiber_change(self, FIBER_EXPECTED, FIBER_RUNNING))
        return;
    atomic_store(&self->until, until);
    leave(self);
}

static void yield(void *arg)
{
    fiber *self = arg;

    self->yields = true;
    leave(self);
}

static void unpark(void *arg)
{
    fiber *self = arg;

    for (;;) {
        switch (atomic_load(&self->state)) {
        case FIBER_RUNNING:
            if (fiber_change(self, FIBER_RUNNING, FIBER_EXPECTED))
                return;
            break;
        case FIBER_PARKED:
            if (fiber_threads_push(self->threads, self))
                return;
            break;
        default:
            return;
        }
    }
}

static void blocking(void *arg, bool begins)
{
    fiber *self = arg;

    if (self->thread != NULL)
        fiber_threads_blocking(self->threads, begins);
}

fiber *parking_new(fiber_threads *threads)
{
    fiber *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->watch_stack = malloc(STACK_SIZE);
    if (self->watch_stack == NULL) {
        free(self);
        return NULL;
    }
    self->ops = (todo_parking){sizeof(self->ops), self, park, unpark, blocking, yield};
    self->threads = threads;
    context_of_thread(&self->request);
    context_make(&self->watch, self->watch_stack, STACK_SIZE, watch_connection, self);
    return self;
}

void parking_free(fiber *self)
{
    if (self == NULL)
        return;
    context_clear(&self->watch);
    free(self->watch_stack);
    free(self);
}

const todo_parking *parking_begin(fiber *self, int fd)
{
    self->fd = fd;
    self->ended = false;
    atomic_store(&self->state, FIBER_RUNNING);
    return &self->ops;
}

void parking_end(fiber *self, bool at_once)
{
    if (self == NULL || self->thread == NULL)
        return;
    /* Its worker waits for the client: now there is nothing more to wait for. */
    if (at_once)
        shutdown(self->fd, SHUT_RD);
    self->ended = true;
    context_switch(&self->request, fiber_threads_home(self));
}

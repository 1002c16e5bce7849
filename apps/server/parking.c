#include "parking.h"

#include <linux/futex.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "carriers.h"

#define LOUNGE_SIZE 16384 /* bytes of stack, more than poll(2) and a sanitizer take */
#define LOOK_US     10000 /* how often a thread looks whether anybody goes on with its request */

static bool change(parking *self, parking_state from, parking_state to)
{
    unsigned expected = from;

    return atomic_compare_exchange_strong(&self->state, &expected, to);
}

bool parking_settle(parking *self)
{
    if (self->yields) {
        self->yields = false;
        return !carriers_push_behind(self->carriers, self);
    }
    if (change(self, PARKING_RUNNING, PARKING_PARKED))
        return false;
    atomic_store(&self->state, PARKING_RUNNING); /* it was expected */
    return true;
}

/* Whether the thread's own request is its to go on with: it ended, or nobody else has taken it up for too long. */
static bool take_back(parking *self)
{
    switch (atomic_load(&self->state)) {
    case PARKING_ENDED:
        return true;
    case PARKING_PARKED:
        return app_clock() >= atomic_load(&self->until) && change(self, PARKING_PARKED, PARKING_RUNNING);
    case PARKING_READY:
        return carriers_take_back(self->carriers, self);
    default:
        return false;
    }
}

static int64_t look_until(const parking *self)
{
    int64_t now = app_clock(), later = now + LOOK_US, until = atomic_load(&self->until);

    return until > now && until < later ? until : later;
}

/* Sleeps until the state changes. */
static void sleep_on_state(parking *self)
{
    int64_t until = look_until(self);
    struct timespec limit = {until / 1000000, until % 1000000 * 1000};
    unsigned state;

    atomic_store(&self->own_sleeping, true);
    state = atomic_load(&self->state);
    if (state != PARKING_ENDED)
        syscall(SYS_futex, &self->state, FUTEX_WAIT_BITSET_PRIVATE, state, &limit, NULL,
                FUTEX_BITSET_MATCH_ANY);
    atomic_store(&self->own_sleeping, false);
}

/* Until the client sends something or goes away (then true), or it is time to look. */
static bool poll_client(const parking *self)
{
    struct pollfd client = {self->fd, POLLIN, 0};
    int64_t left = look_until(self) - app_clock();

    return poll(&client, 1, (int)((left + 999) / 1000)) != 0;
}

/* Where a thread waits that has left its request, for as long as there are requests. */
static void wait_in_lounge(void *arg)
{
    parking *self = arg;

    for (;;) {
        bool mine = parking_settle(self), client_waits = false;

        while (!mine) {
            if (client_waits)
                sleep_on_state(self);
            else
                client_waits = poll_client(self);
            mine = take_back(self);
        }
        self->carrier = NULL;
        context_switch(&self->lounge, &self->request);
    }
}

static void leave(parking *self)
{
    context_switch(&self->request, self->carrier == NULL ? &self->lounge : &self->carrier->home);
}

static void park(void *arg, int64_t until)
{
    parking *self = arg;

    if (change(self, PARKING_EXPECTED, PARKING_RUNNING))
        return;
    atomic_store(&self->until, until);
    leave(self);
}

static void yield(void *arg)
{
    parking *self = arg;

    self->yields = true;
    leave(self);
}

static void unpark(void *arg)
{
    parking *self = arg;

    for (;;) {
        switch (atomic_load(&self->state)) {
        case PARKING_RUNNING:
            if (change(self, PARKING_RUNNING, PARKING_EXPECTED))
                return;
            break;
        case PARKING_PARKED:
            if (carriers_push(self->carriers, self))
                return;
            break;
        default:
            return;
        }
    }
}

static void blocking(void *arg, bool begins)
{
    parking *self = arg;

    if (self->carrier != NULL)
        carriers_blocking(self->carriers, begins);
}

bool parking_prepare(parking *self, carriers *all, int fd)
{
    self->fd = fd;
    if (self->lounge_stack != NULL)
        return true;
    self->lounge_stack = malloc(LOUNGE_SIZE);
    if (self->lounge_stack == NULL)
        return false;
    self->ops = (todo_parking){sizeof(self->ops), self, park, unpark, blocking, yield};
    self->carriers = all;
    context_of_thread(&self->request);
    context_make(&self->lounge, self->lounge_stack, LOUNGE_SIZE, wait_in_lounge, self);
    return true;
}

void parking_clear(parking *self)
{
    context_clear(&self->lounge);
    free(self->lounge_stack);
}

void parking_begin(parking *self)
{
    self->ended = false;
    atomic_store(&self->state, PARKING_RUNNING);
}

void parking_end(parking *self, bool at_once)
{
    if (self->carrier == NULL)
        return;
    /* Its own thread waits for the client: now there is nothing more to wait for. */
    if (at_once)
        shutdown(self->fd, SHUT_RD);
    self->ended = true;
    context_switch(&self->request, &self->carrier->home);
}

void parking_give_back(parking *self)
{
    atomic_store(&self->state, PARKING_ENDED);
    if (atomic_load(&self->own_sleeping))
        syscall(SYS_futex, &self->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

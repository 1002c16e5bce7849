#include "util/queue.h"

#include "util/monotonic.h"

void todo__queue_init(todo__queue *queue, const todo__queue_rules *rules, void *owner)
{
    pthread_mutex_init(&queue->lock, NULL);
    queue->rules = *rules;
    if (queue->rules.leaders_max < rules->leaders)
        queue->rules.leaders_max = rules->leaders;
    queue->owner = owner;
    TAILQ_INIT(&queue->waiting);
    queue->length = 0;
    queue->leaders = 0;
    queue->led_since = 0;
}

void todo__queue_destroy(todo__queue *queue)
{
    pthread_mutex_destroy(&queue->lock);
}

void todo__waiter_init(todo__waiter *waiter, const todo_parking *parking, int64_t deadline)
{
    waiter->parking = parking;
    atomic_init(&waiter->deadline, deadline);
    atomic_init(&waiter->turn, TODO__TURN_NONE);
    waiter->queued = false;
}

static todo__sleeper sleeper_of(todo__waiter *waiter)
{
    return (todo__sleeper){&waiter->turn, waiter->parking};
}

/* Whether more leaders than usual are of use: the latest leads for long, so the others may be as slow. */
static bool is_slow(const todo__queue *queue)
{
    return queue->leaders < queue->rules.leaders_max &&
           todo__monotonic_us() - queue->led_since >= queue->rules.patience;
}

static todo__waiter *elect(todo__queue *queue)
{
    todo__waiter *first = TAILQ_FIRST(&queue->waiting);

    if (queue->rules.elect != NULL)
        return queue->rules.elect(queue->owner);
    todo__queue_take(queue, first);
    return first;
}

/*
 * Makes a waiter the leader, if one may lead, and gives it to be woken: it may be gone as soon as the lock, which this
 * releases, is free.
 */
static todo__sleeper offer_lead(todo__queue *queue)
{
    todo__sleeper chosen = {NULL, NULL};

    if (!TAILQ_EMPTY(&queue->waiting) && (queue->leaders < queue->rules.leaders || is_slow(queue))) {
        todo__waiter *leader = elect(queue);

        queue->leaders++;
        if (queue->rules.leaders_max > queue->rules.leaders)
            queue->led_since = todo__monotonic_us();
        chosen = sleeper_of(leader);
        atomic_store_explicit(&leader->turn, TODO__TURN_LEAD, memory_order_release);
    }
    todo__queue_unlock(queue);
    return chosen;
}

/* The same for a waiter that is awake: it need not be woken. */
static void offer_lead_from(todo__queue *queue, const todo__waiter *self)
{
    todo__sleeper chosen = offer_lead(queue);

    if (chosen.word != &self->turn)
        todo__wake(chosen);
}

void todo__queue_enter(todo__queue *queue, todo__waiter *waiter)
{
    atomic_store_explicit(&waiter->turn, TODO__TURN_WAIT, memory_order_relaxed);
    TAILQ_INSERT_TAIL(&queue->waiting, waiter, next);
    waiter->queued = true;
    queue->length++;
    offer_lead_from(queue, waiter);
}

void todo__queue_take(todo__queue *queue, todo__waiter *waiter)
{
    TAILQ_REMOVE(&queue->waiting, waiter, next);
    waiter->queued = false;
    queue->length--;
}

todo__sleeper todo__queue_end(todo__queue *queue, todo__waiter *waiter)
{
    todo__sleeper sleeper = sleeper_of(waiter);

    if (waiter->queued)
        todo__queue_take(queue, waiter);
    if (atomic_exchange_explicit(&waiter->turn, TODO__TURN_END, memory_order_acq_rel) != TODO__TURN_WAIT)
        sleeper.word = NULL;
    return sleeper;
}

void todo__queue_hand_over(todo__queue *queue)
{
    queue->leaders--;
    todo__wake(offer_lead(queue));
}

/* Leaves the queue, unless it is too late for that, or the deadline was put off. */
static void withdraw(todo__queue *queue, todo__waiter *waiter)
{
    todo__queue_lock(queue);
    if (atomic_load_explicit(&waiter->turn, memory_order_relaxed) == TODO__TURN_WAIT &&
        todo__monotonic_us() >= atomic_load_explicit(&waiter->deadline, memory_order_relaxed) &&
        (waiter->queued || (queue->rules.leave != NULL && queue->rules.leave(queue->owner, waiter)))) {
        if (waiter->queued)
            todo__queue_take(queue, waiter);
        atomic_store_explicit(&waiter->turn, TODO__TURN_LATE, memory_order_relaxed);
    }
    todo__queue_unlock(queue);
}

/* Until when to sleep before the next look at the queue. One that can't leave any more waits for its end. */
static int64_t look_again_at(const todo__queue *queue, const todo__waiter *waiter, int64_t now)
{
    int64_t until = atomic_load_explicit(&waiter->deadline, memory_order_relaxed);

    if (until <= now)
        until = TODO__NO_DEADLINE;
    if (queue->rules.patience != 0 && now + queue->rules.patience < until)
        until = now + queue->rules.patience;
    return until;
}

todo__turn todo__queue_await(todo__queue *queue, todo__waiter *waiter)
{
    unsigned turn;

    while ((turn = atomic_load_explicit(&waiter->turn, memory_order_acquire)) == TODO__TURN_WAIT) {
        int64_t now = todo__monotonic_us();

        if (now >= atomic_load_explicit(&waiter->deadline, memory_order_relaxed)) {
            withdraw(queue, waiter);
            if (atomic_load_explicit(&waiter->turn, memory_order_acquire) != TODO__TURN_WAIT)
                continue;
        }
        todo__sleep(sleeper_of(waiter), TODO__TURN_WAIT, look_again_at(queue, waiter, now));
        if (queue->rules.patience != 0 &&
            atomic_load_explicit(&waiter->turn, memory_order_acquire) == TODO__TURN_WAIT) {
            todo__queue_lock(queue);
            offer_lead_from(queue, waiter);
        }
    }
    return (todo__turn)turn;
}

todo__turn todo__queue_wait(todo__queue *queue, todo__waiter *waiter)
{
    todo__queue_enter(queue, waiter);
    return todo__queue_await(queue, waiter);
}

/* Leader and waiters, with threads that sleep and with callers that park. */
#include "testing.h"

#include <errno.h>
#include <semaphore.h>
#include <unistd.h>

#include "util/monotonic.h"
#include "util/queue.h"

#define THREADS 16
#define ROUNDS  2000
#define GROUP   5

static void set_up(todo__queue *queue, todo__queue_rules rules)
{
    todo__queue_init(queue, &rules, NULL);
}

static void enter(todo__queue *queue, todo__waiter *waiter, const todo_parking *parking, int64_t deadline)
{
    todo__waiter_init(waiter, parking, deadline);
    todo__queue_lock(queue);
    todo__queue_enter(queue, waiter);
}

static void hand_over(todo__queue *queue)
{
    todo__queue_lock(queue);
    todo__queue_hand_over(queue);
}

/* Takes a waiter, as a leader does. */
static void take(todo__queue *queue, todo__waiter *waiter)
{
    todo__queue_lock(queue);
    todo__queue_take(queue, waiter);
    todo__queue_unlock(queue);
}

/* Ends a wait, as a leader does. */
static void end(todo__queue *queue, todo__waiter *waiter)
{
    todo__sleeper sleeper;

    todo__queue_lock(queue);
    sleeper = todo__queue_end(queue, waiter);
    todo__queue_unlock(queue);
    todo__wake(sleeper);
}

static int64_t in_ms(int64_t ms)
{
    return todo__monotonic_us() + ms * 1000;
}

/* ---- one thread, and a parking that does what it is told meanwhile ---- */

typedef struct fake_parking {
    todo_parking ops;
    todo__queue *queue;
    void (*meanwhile)(struct fake_parking *self); /* what other callers do while this one is parked */
    todo__waiter *own, *other;
    unsigned parked, unparked;
    int64_t until; /* of the latest park */
} fake_parking;

static void fake_park(void *arg, int64_t until)
{
    fake_parking *self = arg;

    /* A caller that parks holds no lock: its thread may go on with another one that wants it. */
    assert_int_equal(pthread_mutex_trylock(&self->queue->lock), 0);
    pthread_mutex_unlock(&self->queue->lock);
    self->until = until;
    if (self->parked++ > 100)
        fail_msg("parked over and over");
    if (self->meanwhile != NULL)
        self->meanwhile(self);
}

static void fake_unpark(void *arg)
{
    ((fake_parking *)arg)->unparked++;
}

static void make_parking(fake_parking *self, todo__queue *queue, void (*meanwhile)(fake_parking *self))
{
    *self = (fake_parking){.queue = queue, .meanwhile = meanwhile};
    self->ops =
        (todo_parking){.size = sizeof(self->ops), .arg = self, .park = fake_park, .unpark = fake_unpark};
}

static void the_first_leads_at_once_and_the_next_when_it_hands_over(void **state)
{
    todo__waiter first, second, third;
    fake_parking parking;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1});
    make_parking(&parking, &queue, NULL);
    enter(&queue, &first, NULL, TODO__NO_DEADLINE);
    assert_int_equal(todo__queue_await(&queue, &first), TODO__TURN_LEAD);
    enter(&queue, &second, &parking.ops, TODO__NO_DEADLINE);
    enter(&queue, &third, NULL, TODO__NO_DEADLINE);
    assert_int_equal(second.turn, TODO__TURN_WAIT);
    hand_over(&queue);
    assert_int_equal(parking.unparked, 1);
    assert_int_equal(todo__queue_await(&queue, &second), TODO__TURN_LEAD);
    assert_int_equal(parking.parked, 0);
    assert_int_equal(third.turn, TODO__TURN_WAIT);
    hand_over(&queue);
    assert_int_equal(todo__queue_await(&queue, &third), TODO__TURN_LEAD);
    hand_over(&queue);
    assert_int_equal(queue.leaders, 0);
    assert_int_equal(queue.length, 0);
    todo__queue_destroy(&queue);
}

static void end_own(fake_parking *self)
{
    take(self->queue, self->own);
    end(self->queue, self->own);
}

static void a_parked_waiter_is_woken_by_its_leader(void **state)
{
    todo__waiter leader, waiter;
    fake_parking parking;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1});
    make_parking(&parking, &queue, end_own);
    parking.own = &waiter;
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &waiter, &parking.ops, TODO__NO_DEADLINE);
    assert_int_equal(todo__queue_await(&queue, &waiter), TODO__TURN_END);
    assert_int_equal(parking.parked, 1);
    assert_int_equal(parking.unparked, 1);
    assert_true(parking.until == TODO__NO_DEADLINE);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

static void a_wait_that_ends_before_it_began_wakes_nothing(void **state)
{
    todo__waiter leader, submitted;
    fake_parking parking;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1});
    make_parking(&parking, &queue, NULL);
    todo__waiter_init(&submitted, &parking.ops, TODO__NO_DEADLINE);
    enter(&queue, &leader, &parking.ops, TODO__NO_DEADLINE);
    end(&queue, &submitted);
    end(&queue, &leader);
    assert_int_equal(parking.unparked, 0);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

static void a_late_waiter_leaves_the_queue(void **state)
{
    todo__waiter leader, parked, asleep;
    fake_parking parking;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1});
    make_parking(&parking, &queue, NULL);
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &parked, &parking.ops, todo__monotonic_us() - 1);
    assert_int_equal(todo__queue_await(&queue, &parked), TODO__TURN_LATE);
    enter(&queue, &asleep, NULL, in_ms(10));
    assert_int_equal(todo__queue_await(&queue, &asleep), TODO__TURN_LATE);
    assert_int_equal(queue.length, 0);
    /* It is not there to be chosen, nor woken. */
    hand_over(&queue);
    assert_int_equal(queue.leaders, 0);
    assert_int_equal(parking.unparked, 0);
    todo__queue_destroy(&queue);
}

static void put_off_once(fake_parking *self)
{
    if (self->parked == 1) {
        usleep(2000);
        atomic_store(&self->own->deadline, in_ms(10000));
        return;
    }
    end_own(self);
}

static void a_deadline_may_be_put_off_during_the_wait(void **state)
{
    todo__waiter leader, waiter;
    fake_parking parking;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1});
    make_parking(&parking, &queue, put_off_once);
    parking.own = &waiter;
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &waiter, &parking.ops, in_ms(1));
    assert_int_equal(todo__queue_await(&queue, &waiter), TODO__TURN_END);
    assert_int_equal(parking.parked, 2);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

static void take_then_end(fake_parking *self)
{
    if (self->parked == 1) {
        take(self->queue, self->own);
        usleep(2000);
    } else {
        end(self->queue, self->own);
    }
}

static void a_taken_waiter_stays_to_the_end(void **state)
{
    todo__waiter leader, waiter;
    fake_parking parking;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1});
    make_parking(&parking, &queue, take_then_end);
    parking.own = &waiter;
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &waiter, &parking.ops, in_ms(1));
    assert_int_equal(todo__queue_await(&queue, &waiter), TODO__TURN_END);
    assert_true(parking.until == TODO__NO_DEADLINE);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

static todo__waiter *gone;

static bool may_leave(void *owner, todo__waiter *waiter)
{
    (void)owner;
    gone = waiter;
    return true;
}

static void a_taken_waiter_leaves_if_the_owner_lets_it(void **state)
{
    todo__waiter leader, waiter;
    todo__queue queue;

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1, .leave = may_leave});
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &waiter, NULL, in_ms(1));
    take(&queue, &waiter);
    assert_int_equal(todo__queue_await(&queue, &waiter), TODO__TURN_LATE);
    assert_ptr_equal(gone, &waiter);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

static todo__waiter *elect_last(void *owner)
{
    todo__queue *queue = owner;
    todo__waiter *last = TAILQ_LAST(&queue->waiting, todo__waiters);

    todo__queue_take(queue, last);
    return last;
}

static void the_owner_may_choose_the_leader(void **state)
{
    todo__queue_rules rules = {.leaders = 1, .elect = elect_last};
    todo__waiter leader, second, third;
    todo__queue queue;

    (void)state;
    todo__queue_init(&queue, &rules, &queue);
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &second, NULL, TODO__NO_DEADLINE);
    enter(&queue, &third, NULL, TODO__NO_DEADLINE);
    hand_over(&queue);
    assert_int_equal(second.turn, TODO__TURN_WAIT);
    assert_int_equal(todo__queue_await(&queue, &third), TODO__TURN_LEAD);
    hand_over(&queue);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

static void more_lead_when_the_leader_is_slow(void **state)
{
    todo__waiter leader, waiter;
    fake_parking parking;
    todo__queue queue;
    int64_t begun = todo__monotonic_us();

    (void)state;
    set_up(&queue, (todo__queue_rules){.leaders = 1, .leaders_max = 2, .patience = 5000});
    make_parking(&parking, &queue, NULL);
    enter(&queue, &leader, NULL, TODO__NO_DEADLINE);
    enter(&queue, &waiter, NULL, TODO__NO_DEADLINE);
    assert_int_equal(todo__queue_await(&queue, &waiter), TODO__TURN_LEAD);
    assert_true(todo__monotonic_us() - begun >= 5000);
    assert_int_equal(queue.leaders, 2);
    /* But not more than the most. */
    enter(&queue, &waiter, NULL, in_ms(15));
    assert_int_equal(todo__queue_await(&queue, &waiter), TODO__TURN_LATE);
    hand_over(&queue);
    hand_over(&queue);
    todo__queue_destroy(&queue);
}

/* ---- many threads ---- */

/* A caller, which waits asleep, parked, or parked and coming back before it was woken. */
typedef struct caller {
    todo_parking parking;
    sem_t woken;
    unsigned number, parks;
    unsigned led, served, late;
    pthread_t thread;
} caller;

typedef struct request {
    todo__waiter waiter;
    unsigned seen_to; /* how often */
} request;

static todo__queue shared;
static unsigned shared_sum; /* of what only a leader touches */
static atomic_uint leading;

static void park(void *arg, int64_t until)
{
    caller *self = arg;
    struct timespec limit = {until / 1000000, until % 1000000 * 1000};

    if (self->number % 4 == 2 && ++self->parks % 2 == 0)
        return;
    while (sem_clockwait(&self->woken, CLOCK_MONOTONIC, &limit) != 0 && errno == EINTR)
        ;
}

static void unpark(void *arg)
{
    sem_post(&((caller *)arg)->woken);
}

/* Sees to a few that wait, then to itself. */
static void lead(request *own)
{
    todo__waiter *group[GROUP];
    unsigned count = 0;

    assert_int_equal(atomic_fetch_add(&leading, 1), 0);
    todo__queue_lock(&shared);
    while (count < GROUP && (group[count] = TAILQ_FIRST(&shared.waiting)) != NULL)
        todo__queue_take(&shared, group[count++]);
    todo__queue_unlock(&shared);
    own->seen_to++;
    shared_sum++;
    for (unsigned i = 0; i < count; i++) {
        ((request *)group[i])->seen_to++;
        shared_sum++;
    }
    atomic_fetch_sub(&leading, 1);
    todo__queue_lock(&shared);
    todo__queue_hand_over(&shared);
    for (unsigned i = 0; i < count; i++)
        todo__wake(todo__queue_end(&shared, group[i]));
}

static void *call(void *arg)
{
    caller *self = arg;

    for (int i = 0; i < ROUNDS; i++) {
        bool hurries = (i + (int)self->number) % 7 == 0;
        request own = {.seen_to = 0};

        todo__waiter_init(&own.waiter, self->number % 2 == 0 ? &self->parking : NULL,
                          hurries ? todo__monotonic_us() + 20 : TODO__NO_DEADLINE);
        todo__queue_lock(&shared);
        switch (todo__queue_wait(&shared, &own.waiter)) {
        case TODO__TURN_LEAD:
            lead(&own);
            self->led++;
            break;
        case TODO__TURN_END:
            self->served++;
            break;
        default:
            assert_true(hurries);
            assert_int_equal(own.seen_to, 0);
            self->late++;
            continue;
        }
        assert_int_equal(own.seen_to, 1);
    }
    return NULL;
}

static void each_of_many_is_seen_to_once(void **state)
{
    static caller callers[THREADS];
    unsigned led = 0, served = 0, late = 0;

    (void)state;
    set_up(&shared, (todo__queue_rules){.leaders = 1});
    for (unsigned i = 0; i < THREADS; i++) {
        callers[i] = (caller){.number = i};
        callers[i].parking =
            (todo_parking){.size = sizeof(todo_parking), .arg = &callers[i], .park = park, .unpark = unpark};
        sem_init(&callers[i].woken, 0, 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
        led += callers[i].led;
        served += callers[i].served;
        late += callers[i].late;
    }
    assert_int_equal(led + served + late, THREADS * ROUNDS);
    assert_int_equal(shared_sum, led + served);
    assert_true(led > 0);
    assert_int_equal(shared.length, 0);
    assert_int_equal(shared.leaders, 0);
    todo__queue_destroy(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_leads_at_once_and_the_next_when_it_hands_over),
        cmocka_unit_test(a_parked_waiter_is_woken_by_its_leader),
        cmocka_unit_test(a_wait_that_ends_before_it_began_wakes_nothing),
        cmocka_unit_test(a_late_waiter_leaves_the_queue),
        cmocka_unit_test(a_deadline_may_be_put_off_during_the_wait),
        cmocka_unit_test(a_taken_waiter_stays_to_the_end),
        cmocka_unit_test(a_taken_waiter_leaves_if_the_owner_lets_it),
        cmocka_unit_test(the_owner_may_choose_the_leader),
        cmocka_unit_test(more_lead_when_the_leader_is_slow),
        cmocka_unit_test(each_of_many_is_seen_to_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

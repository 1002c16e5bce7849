/*
 * Callers that wait in their own way (todo_parking): whatever that way is, short of never waking, each call does what it
 * is to do. TODO_TEST_STORE_URL and, where there is one, TODO_TEST_CACHE_URL name the store.
 */
#include "testing.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <todo/port/build.h>
#include <todo/store.h>

#define CALLERS 24
#define ROUNDS  40

/* One caller, and how it waits. */
typedef struct caller {
    todo_parking parking;
    sem_t woken;
    bool impatient; /* comes back before it was woken, now and then */
    unsigned parks;
    unsigned blocks; /* how often it said that it waits for a server */
    int blocked;
    unsigned number;
    todo_uuid user;
    pthread_t thread;
} caller;

static todo_store *store;
static caller callers[CALLERS];

static void park(void *arg, int64_t until)
{
    caller *self = arg;
    struct timespec limit = {until / 1000000, until % 1000000 * 1000};

    self->parks++;
    if (self->impatient && self->parks % 2 == 0)
        return;
    while (sem_clockwait(&self->woken, CLOCK_MONOTONIC, &limit) != 0 && errno == EINTR)
        ;
}

static void unpark(void *arg)
{
    sem_post(&((caller *)arg)->woken);
}

static void blocking(void *arg, bool begins)
{
    caller *self = arg;

    self->blocked += begins ? 1 : -1;
    assert_in_range(self->blocked, 0, 1); /* not nested */
    self->blocks += begins;
}

static void yield(void *arg)
{
    (void)arg;
    sched_yield();
}

static todo_status count(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_OK;
}

/* A todo's life: created, read, changed, listed and removed. */
static void live(caller *self, const todo_call *call)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_commands *commands = todo_store_commands(store);
    todo_queries *queries = todo_store_queries(store);
    todo_list_query query;
    const todo_item *made = NULL, *read = NULL, *changed = NULL;
    unsigned listed = 0;

    draft.title = "parked";
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    todo_list_query_init(&query, sizeof(query));
    assert_int_equal(todo_commands_create(commands, call, &self->user, &draft, &made, NULL), TODO_OK);
    assert_int_equal(todo_queries_get(queries, call, &self->user, &made->id, &read, NULL), TODO_OK);
    assert_int_equal(todo_uuid_compare(&read->id, &made->id), 0);
    assert_int_equal(todo_commands_update(commands, call, &self->user, &made->id, &patch, &changed, NULL),
                     TODO_OK);
    assert_true(changed->completed && changed->version == 2);
    assert_int_equal(todo_queries_each(queries, call, &self->user, &query, count, &listed, NULL, NULL, NULL),
                     TODO_OK);
    assert_int_equal(listed, 1);
    assert_int_equal(todo_commands_remove(commands, call, &self->user, &made->id, 2, NULL), TODO_OK);
    assert_int_equal(todo_commands_remove(commands, call, &self->user, &made->id, 0, NULL),
                     TODO_ERR_NOT_FOUND);
    todo_item_unref(made);
    todo_item_unref(read);
    todo_item_unref(changed);
}

static void *run(void *arg)
{
    caller *self = arg;
    todo_call call = TODO_CALL_INIT;

    for (int i = 0; i < ROUNDS; i++) {
        todo_call_set_timeout(&call, 50000);
        call.parking = self->number % 4 == 3 ? NULL : &self->parking; /* and some as ever */
        live(self, &call);
        /* A wake that comes too late for its call. */
        unpark(self);
    }
    return NULL;
}

static void add_user(caller *self)
{
    todo_user_fields fields;
    const todo_user *user = NULL;
    char email[64];

    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    snprintf(email, sizeof(email), "caller%u@example.org", self->number);
    fields.email = email;
    fields.password_hash = "$y$j9T$not.a.hash";
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(store), NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
    self->user = fields.id;
}

static void each_call_does_what_it_is_to_do(void **state)
{
    unsigned parks = 0, blocks = 0;

    (void)state;
    for (unsigned i = 0; i < CALLERS; i++) {
        caller *self = &callers[i];

        self->parking =
            (todo_parking){sizeof(self->parking),    self, park, unpark, i % 2 == 0 ? blocking : NULL,
                           i % 4 == 0 ? yield : NULL};
        self->impatient = i % 3 == 0;
        self->number = i;
        sem_init(&self->woken, 0, 0);
        add_user(self);
    }
    for (unsigned i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&callers[i].thread, NULL, run, &callers[i]), 0);
    for (unsigned i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].blocked, 0); /* what began has ended */
        parks += callers[i].parks;
        blocks += callers[i].blocks;
    }
    /* So many callers can't but wait, for each other and for the server: in their way, whichever the store is. */
    assert_true(parks > 0);
    assert_true(blocks > 0);
}

static void a_wait_ends_at_the_deadline_whether_woken_or_not(void **state)
{
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;
    const todo_uuid nothing = {{0}};

    (void)state;
    call.deadline = 1; /* long ago */
    call.parking = &callers[0].parking;
    assert_int_equal(
        todo_queries_get(todo_store_queries(store), &call, &callers[0].user, &nothing, &item, NULL),
        TODO_ERR_TIMEOUT);
}

static int open_store(void **state)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;

    (void)state;
    options.url = getenv("TODO_TEST_STORE_URL");
    options.cache_url = getenv("TODO_TEST_CACHE_URL");
    options.background_threads = true;
    return todo_store_open(&options, &store, NULL) == TODO_OK ? 0 : -1;
}

static int close_store(void **state)
{
    (void)state;
    todo_store_close(store);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_does_what_it_is_to_do),
        cmocka_unit_test(a_wait_ends_at_the_deadline_whether_woken_or_not),
    };

    return cmocka_run_group_tests_name("parking", tests, open_store, close_store);
}

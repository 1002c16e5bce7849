/*
 * Ports kept in memory, for tests of what stands on ports. They do what the port headers ask of an implementation, are
 * made through the public API alone, and can be told to fail. Each belongs to the test, on its stack for instance, and
 * must outlive the handles made of it.
 */
#ifndef TODO_TESTS_FAKES_H
#define TODO_TESTS_FAKES_H

#include <pthread.h>

#include <todo/port/build.h>
#include <todo/port/cache.h>
#include <todo/port/clock.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

/* What every fake can be told and asked. */
typedef struct fake_state {
    pthread_mutex_t lock;
    todo_status fail;      /* while not TODO_OK, every call fails with it and changes nothing */
    unsigned calls;        /* calls of any function, failed ones included */
    unsigned released;     /* handles whose last reference is gone */
    int64_t last_deadline; /* of the last call; 0 if it brought none */
    char last_request_id[64];
} fake_state;

/* A reader, a writer and users over the same data. */
typedef struct fake_store {
    fake_state state;
    const todo_item **items;
    size_t item_count;
    const todo_user **users; /* in order of insertion */
    size_t user_count;
    uint64_t number; /* of the last change, whoever the user; the epoch is 1 */
    bool
        without_trash; /* set before the writer and the reader are made: as those of a time before there was a trash */
    unsigned gets, lists, inserts, updates, removes, trashes, restores; /* calls of the todo functions */
    void (*after_get)(void *arg); /* called by a get that has read and not yet returned, without the lock */
    void *after_get_arg;
} fake_store;

void fake_store_init(fake_store *store);
void fake_store_clear(fake_store *store);

/* Each gives a new reference. */
todo_reader *fake_store_reader(fake_store *store);
todo_writer *fake_store_writer(fake_store *store);
todo_users *fake_store_users(fake_store *store);

/* Puts a user of this id in, whose e-mail is the id's text with "@example.org". */
void fake_store_add_user(fake_store *store, const todo_uuid *id);

/* A cache that keeps every todo for ever, but none that a change overtook while it was read. */
typedef struct fake_cache {
    fake_state state;
    struct fake_cache_entry *entries;
    size_t entry_count;
    unsigned loads, puts, overtaken, changes;
    todo_uuid last_user; /* of the last change */
    todo_sequence last_sequence;
    uint64_t last_count;
} fake_cache;

void fake_cache_init(fake_cache *cache);
void fake_cache_clear(fake_cache *cache);
todo_cache *fake_cache_handle(fake_cache *cache);

/* A clock that stands where the test puts it, and moves on by `step` with each look. */
typedef struct fake_clock {
    fake_state state;
    todo_time now;
    todo_time step;
} fake_clock;

void fake_clock_init(fake_clock *clock, todo_time now);
todo_clock *fake_clock_handle(fake_clock *clock);

/* The id whose bytes are all zero but the last. */
todo_uuid fake_id(uint8_t last);

/* Makes an item of version 1, created at 1000000 + the id's last byte; the caller owns the reference. */
const todo_item *fake_item(const todo_uuid *user, const todo_uuid *id, const char *title);

#endif

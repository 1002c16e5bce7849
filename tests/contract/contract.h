/*
 * The contract of the ports: what include/todo/port and store.h ask of an implementation, sentence by sentence, as
 * test cases that know nothing of the implementation. Each case gets a contract_fixture with two new users of its own, so
 * that all share one database and may run in any order.
 */
#ifndef TODO_TESTS_CONTRACT_H
#define TODO_TESTS_CONTRACT_H

#include "testing.h"

#include <todo/port/build.h>
#include <todo/port/cache.h>
#include <todo/store.h>

typedef struct contract_fixture {
    todo_reader *reader;
    todo_writer *writer;
    todo_users *users;
    todo_cache *cache;                 /* for the cases of the cache; else NULL */
    todo_store *store;                 /* for the cases of the store, */
    const todo_store_options *options; /* with which it was opened */
    /* made anew for each case */
    todo_uuid alice, bob;
    todo_error error; /* of the last call */
} contract_fixture;

/* A port's cases. */
typedef struct contract_cases {
    const struct CMUnitTest *tests;
    size_t count;
} contract_cases;

extern const contract_cases contract_reader, contract_writer, contract_users, contract_cache, contract_store;

/* Makes the two users of a case. */
int contract_begin(void **state);

#define CONTRACT_CASE(test)                     \
    {                                           \
#test, test, contract_begin, NULL, NULL \
    }

/* Fails the case, with the error's texts, unless a call that reports to the fixture's error returned `wanted`. */
#define expect(fixture, wanted, got) \
    contract_expect(&(fixture)->error, (got), (wanted), #got, __FILE__, __LINE__)
void contract_expect(const todo_error *error, todo_status got, todo_status wanted, const char *what,
                     const char *file, int line);

/* The members of a new todo of `user`: a new id, created and updated at `time`, version 1. */
todo_item contract_item(const todo_uuid *user, const char *title, todo_time time);

/* Inserts one todo. */
todo_status contract_insert(contract_fixture *fixture, const todo_item *item);

/* Inserts a new todo of alice and returns its members. */
todo_item contract_add(contract_fixture *fixture, const char *title, todo_time time);

/* Inserts a new user with the given or, for NULL, a new e-mail. Writes the e-mail to `ret_email` unless NULL. */
#define CONTRACT_EMAIL_SIZE 64
todo_uuid contract_add_user(contract_fixture *fixture, todo_time created_at, char *ret_email);

/* Fails the case unless all members are the same. */
void contract_expect_item(const todo_item *item, const todo_item *wanted);

/* Fails the case unless the reader finds exactly this for its owner. */
void contract_expect_stored(contract_fixture *fixture, const todo_item *wanted);

/* Fails the case unless the reader finds no todo of this user and id. */
void contract_expect_missing(contract_fixture *fixture, const todo_uuid *user, const todo_uuid *id);

/* What a listing visited, kept by reference. */
typedef struct contract_page {
    const todo_item *items[1200];
    size_t count;
} contract_page;

void contract_list(contract_fixture *fixture, const todo_uuid *user, const todo_list_query *query,
                   contract_page *ret_page);
size_t contract_count(contract_fixture *fixture, const todo_uuid *user);
void contract_page_release(contract_page *page);

/* A call whose deadline has passed. */
todo_call contract_late_call(void);

/* Runs `body` in so many threads at once, each with its index. cmocka's asserts are not for threads. */
#define CONTRACT_THREADS 8
void contract_in_threads(void (*body)(void *arg, size_t index), void *arg);

/*
 * The other side of a case of the store: a process of its own that inserts one todo of the user after the other,
 * writes the id of each to its standard output once it is acknowledged, and ends only when it is killed or fails.
 */
int contract_write_until_killed(const todo_store_options *options, const char *user);

#endif

/*
 * What the cases stand on. A case is a function that knows nothing of the implementation; it gets two new users of its
 * own, so that all cases share one store and may run in any order. Only public headers are used here.
 */
#ifndef TODO_CONFORMANCE_FIXTURE_H
#define TODO_CONFORMANCE_FIXTURE_H

#include <setjmp.h>
#include <string.h>

#include <todo/conformance.h>
#include <todo/fields.h>
#include <todo/port/build.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

typedef struct test_fixture {
    todo_reader *reader;
    todo_writer *writer;
    todo_users *users;
    todo_cache *cache;
    const todo_conformance_adapter *adapter;
    todo_conformance_ports ports; /* the four above, as they were opened */
    bool open;
    /* made anew for each case */
    todo_uuid alice, bob;
    todo_error error; /* of the last call */
    jmp_buf end;      /* out of a case that failed */
    char detail[1024];
} test_fixture;

typedef struct conformance_case {
    const char *name;
    void (*run)(test_fixture *fixture);
    const char *sentence; /* of a public header, word for word; a test compares */
    bool needs_users;
} conformance_case;

/* A port's cases, or a capability's. */
typedef struct conformance_cases {
    const char *port;
    const conformance_case *cases;
    size_t count;
} conformance_cases;

extern const conformance_cases conformance_reader, conformance_writer, conformance_users, conformance_cache,
    conformance_trash, conformance_sequence, conformance_durable, conformance_shared;

#define CASE(function, sentence)             \
    {                                        \
#function, function, sentence, false \
    }
#define CASE_WITH_USERS(function, sentence) \
    {                                       \
#function, function, sentence, true \
    }

/* Opens the adapter's ports for the fixture; whoever opens closes. */
todo_status open_ports(const todo_conformance_adapter *adapter, test_fixture *ret_fixture, todo_error *error);
void close_ports(test_fixture *fixture);
void take_ports(test_fixture *fixture, const todo_conformance_ports *ports);

/* Makes the two users of a case. */
void begin_case(test_fixture *fixture);

/* Ends the case as failed. */
#define expect_that(fixture, condition) \
    ((condition) ? (void)0 : fail_case((fixture), __FILE__, __LINE__, "not so: %s", #condition))
#define expect_equal(fixture, got, wanted) \
    check_equal((fixture), __FILE__, __LINE__, #got, (long long)(got), (long long)(wanted))
#define expect_text(fixture, got, wanted) check_text((fixture), __FILE__, __LINE__, #got, (got), (wanted))
/* With the error's texts, unless a call that reports to the fixture's error returned `wanted`. */
#define expect(fixture, wanted, got) check_status((fixture), __FILE__, __LINE__, #got, (got), (wanted))

_Noreturn void fail_case(test_fixture *fixture, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void check_equal(test_fixture *fixture, const char *file, int line, const char *what, long long got,
                 long long wanted);
void check_text(test_fixture *fixture, const char *file, int line, const char *what, const char *got,
                const char *wanted);
void check_status(test_fixture *fixture, const char *file, int line, const char *what, todo_status got,
                  todo_status wanted);

todo_uuid new_id(test_fixture *fixture);

/* The members of a new todo of `user`: a new id, created and updated at `time`, version 1. */
todo_item make_item(test_fixture *fixture, const todo_uuid *user, const char *title, todo_time time);

/* Inserts one todo. */
todo_status insert_item(test_fixture *fixture, const todo_item *item);

/* Inserts a new todo of alice and returns its members. */
todo_item add_item(test_fixture *fixture, const char *title, todo_time time);

#define EMAIL_SIZE 64

/* Inserts a new user with a new e-mail. Writes the e-mail to `ret_email` unless NULL. */
todo_uuid add_user(test_fixture *fixture, todo_time created_at, char *ret_email);

/* Fails the case unless all members are the same. */
void expect_item(test_fixture *fixture, const todo_item *item, const todo_item *wanted);

/* Fails the case unless the reader finds exactly this for its owner. */
void expect_item_stored(test_fixture *fixture, const todo_item *wanted);

/* Fails the case unless the reader finds no todo of this user and id. */
void expect_item_missing(test_fixture *fixture, const todo_uuid *user, const todo_uuid *id);

/* Fails the case unless the reader, asked for this todo, says that there is no such user. */
void expect_user_unknown(test_fixture *fixture, const todo_uuid *user, const todo_uuid *id);

/* What a listing visited, kept by reference. */
typedef struct item_page {
    const todo_item *items[1200];
    size_t count;
} item_page;

void list_items(test_fixture *fixture, const todo_uuid *user, const todo_list_query *query,
                item_page *ret_page);
size_t count_items(test_fixture *fixture, const todo_uuid *user);
void page_release(item_page *page);

/* A call whose deadline has passed. */
todo_call late_call(void);

#define THREADS 8

/* Runs `body` in so many threads at once, each with its index. The checks above are not for threads. */
void in_threads(test_fixture *fixture, void (*body)(void *arg, size_t index), void *arg);

#endif

/*
 * What the clients of a fault run know of each todo: every version that was acknowledged, when, and what it said. An
 * answer that contradicts it is a violation, told on standard error and counted.
 *
 * Thread-safe. Times are CLOCK_MONOTONIC in microseconds.
 */
#ifndef TODO_TESTS_LEDGER_H
#define TODO_TESTS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_USERS    8
#define LEDGER_CORES    3
#define LEDGER_ITEMS    4096
#define LEDGER_VERSIONS 2048

/* Everybody's writes are seen everywhere within this time. */
#define LEDGER_STALENESS_US 1000000

typedef struct ledger ledger;

ledger *ledger_new(void);

/* Others' writes may be so late from now on, instead of LEDGER_STALENESS_US. Before anybody looks. */
void ledger_bear(ledger *book, int64_t staleness_us);

void ledger_free(ledger *book);

int64_t ledger_now(void);

/* Takes a place for a todo of `user` that is about to be created; -1 when there is none left. */
int ledger_begin_create(ledger *book, int user, const char *id);

/* The create was acknowledged by `core`, or surely did not happen (`done` false). Not called when nobody knows. */
void ledger_end_create(ledger *book, int item, int core, uint32_t title, bool done);

/* The change to `version` was acknowledged by `core`. */
void ledger_end_patch(ledger *book, int item, int core, int64_t version, uint32_t title);

/* A delete is about to be sent; from here on the todo may be gone. */
void ledger_begin_delete(ledger *book, int item);
void ledger_end_delete(ledger *book, int item, int core);

/* A todo is about to be moved to the trash and back; until `ledger_end_trash` it may be missing. */
void ledger_begin_trash(ledger *book, int item);

/* It was restored in this version, as `core` acknowledged. 0: nobody knows where it is, so that it may be gone for good. */
void ledger_end_trash(ledger *book, int item, int core, int64_t version, uint32_t title);

/* A todo of the user that exists and that nobody is removing, chosen by `random`; -1 when there is none. */
int ledger_pick(ledger *book, int user, uint32_t random, char id[37]);

/* How many such todos the user has. */
size_t ledger_alive(ledger *book, int user);

/* The todo of this id; -1 when it is none of the ledger's. */
int ledger_find(ledger *book, const char *id);

/* What a client has seen of the todos, for one that brings its token along: the highest version of each. */
typedef struct ledger_view {
    int64_t seen[LEDGER_ITEMS]; /* INT64_MAX: its removal */
} ledger_view;

/* One look at one todo. `view` NULL: the client brings no token. */
typedef struct ledger_look {
    int item;
    int core;
    int64_t began;   /* when the request was sent */
    int64_t version; /* 0: it was not found */
    uint32_t title;
    bool list;  /* of many, not a get */
    bool token; /* the client brought one */
} ledger_look;

/* What must be seen by a look that begins now: the floor below which `ledger_check` complains. */
int64_t ledger_floor(ledger *book, int item, int core, int64_t began, const ledger_view *view);

/* Checks an answer against the floor that was taken before it was asked for, and updates the view. */
bool ledger_check(ledger *book, const ledger_look *look, int64_t floor, ledger_view *view);

/* The floors of all todos of a user at once, for lists: `floors` has LEDGER_ITEMS places. */
void ledger_floors(ledger *book, int user, int core, int64_t began, const ledger_view *view, int64_t *floors);

/* Whether the todo is the user's and may not be missing from a list at that floor. */
bool ledger_expects(ledger *book, int item, int user, int64_t floor);

/* Everything acknowledged, to be compared with what a database holds: the last version, 0 if it may be gone. */
int64_t ledger_last(ledger *book, int item, char id[37], int *user, uint32_t *title);

size_t ledger_items(ledger *book);
unsigned long ledger_acknowledged(ledger *book); /* changes */
unsigned ledger_violations(ledger *book);
unsigned long ledger_checks(ledger *book);

#endif

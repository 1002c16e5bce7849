/* Clients that create, change, delete and read todos at several cores at random, and check every answer. */
#ifndef TODO_TESTS_LOAD_H
#define TODO_TESTS_LOAD_H

#include "ledger.h"

#define LOAD_CLIENTS_MAX 64
#define LOAD_SLOTS       6000 /* of LOAD_SLOT_US each: ten minutes */
#define LOAD_SLOT_US     100000

typedef struct load_options {
    const uint16_t
        *ports; /* of the cores, LEDGER_CORES at most; may change while the load runs (0: it is down) */
    size_t core_count;
    char (*users)[37]; /* the ids of LEDGER_USERS users */
    size_t clients;    /* of four kinds in turn: two of them bring their consistency token along */
    ledger *book;
} load_options;

typedef struct load load;

/* Starts the clients. */
load *load_start(const load_options *options);

/* Ends them and waits for the last answers. */
void load_stop(load *run);

void load_free(load *run);

/* What was seen between two moments (of ledger_now). */
typedef struct load_figures {
    unsigned long answers;    /* good ones */
    unsigned long errors;     /* 5xx, 429 or no answer at all */
    int64_t last_error;       /* when the last error was seen; 0: none */
    int64_t slowest_us;       /* over the whole run */
    unsigned long unexpected; /* answers of a status that can't be, over the whole run */
} load_figures;

load_figures load_between(load *run, int64_t from, int64_t to);

/* Registers LEDGER_USERS users at a core; their ids into `users`. Each run of the process has other e-mails. */
bool load_register_users(uint16_t port, char (*users)[37]);

#endif

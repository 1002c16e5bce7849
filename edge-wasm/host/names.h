/* Names of servers, looked up beside the loop, since getaddrinfo(3) waits. Belongs to one loop. */
#ifndef EDGE_HOST_NAMES_H
#define EDGE_HOST_NAMES_H

#include <netdb.h>

#include "loop.h"

struct name;

struct names {
    struct loop *loop;
    struct name *first;
    unsigned count;
};

enum name_state {
    NAME_FOUND,
    NAME_UNKNOWN,
    NAME_PENDING /* the waiter's job runs when the answer is there: ask again */
};

/* The waiter of one lookup. */
struct name_waiter {
    struct job job;
    struct name *name; /* NULL: it waits for nothing */
    struct name_waiter *next;
};

/* The addresses of HOST, [HOST] or either with :PORT. They stay for as long as the event is handled. */
enum name_state names_find(struct names *names, const char *authority, const char *default_port,
                           struct name_waiter *waiter, const struct addrinfo **ret_addresses);

/* The waiter waits no longer. */
void names_forget(struct name_waiter *waiter);

void names_close(struct names *names);

#endif

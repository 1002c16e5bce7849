/* Connections to the core, kept open from one request to the next. Thread-safe. */
#ifndef EDGE_HOST_CORE_LINK_H
#define EDGE_HOST_CORE_LINK_H

#include "wire.h"

struct core_link {
    struct wire wire;
    unsigned served; /* requests before this one: if there were any, the core may have closed it */
    char authority[256];
    int64_t idle_since; /* milliseconds of clock_ms */
    struct core_link *next;
};

enum core_link_error {
    CORE_LINK_OK,
    CORE_LINK_NAME,    /* the authority cannot be resolved */
    CORE_LINK_REFUSED, /* nobody listens there, or it cannot be reached */
    CORE_LINK_TIMEOUT,
    CORE_LINK_MEMORY
};

enum core_link_choice {
    CORE_LINK_ANY,
    CORE_LINK_PROVEN, /* for what cannot be sent twice: not one that the core may be closing just now */
    CORE_LINK_FRESH   /* a new one */
};

/* A connection to HOST[:PORT]: one that is idle, or else a new one. */
enum core_link_error core_link_take(const char *authority, enum core_link_choice choice, int timeout_ms,
                                    struct core_link **ret_link);

/* Gives one back that waits for its next request, or closes it. */
void core_link_give(struct core_link *link);
void core_link_close(struct core_link *link);

/* Closes those that have been idle for long, or all. */
void core_link_reap(bool all);

/* Monotonic time. */
int64_t clock_ms(void);

#endif

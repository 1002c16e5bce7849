/* Connections to the core, kept open from one request to the next. Belongs to one loop. */
#ifndef EDGE_HOST_CORE_LINK_H
#define EDGE_HOST_CORE_LINK_H

#include "names.h"
#include "wire.h"

/* The connections of one loop. */
struct core_links {
    struct loop *loop;
    struct names names;
    SSL_CTX *tls;                   /* NULL: none is made for https */
    struct core_link *first, *last; /* idle, the one used last first */
    size_t idle;
};

enum core_link_state {
    CORE_LINK_NAMING,
    CORE_LINK_CONNECTING,
    CORE_LINK_SECURING,
    CORE_LINK_OPEN,
    CORE_LINK_FAILED
};

enum core_link_error {
    CORE_LINK_NAME_UNKNOWN,
    CORE_LINK_NAME_TIMEOUT,
    CORE_LINK_REFUSED, /* nobody listens there, or it cannot be reached */
    CORE_LINK_TIMEOUT,
    CORE_LINK_LIMIT, /* of descriptors */
    CORE_LINK_TLS,
    CORE_LINK_CERTIFICATE
};

struct core_link {
    struct watch watch;
    struct core_links *links;
    struct transport transport;
    struct wire wire;
    enum core_link_state state;
    enum core_link_error error; /* of CORE_LINK_FAILED */
    unsigned served;            /* requests before this one: if there were any, the core may have closed it */

    /* Called when something changed; set by the owner of a connection in use. */
    void (*changed)(struct core_link *link);
    void *owner;

    /* The rest is core_link.c's. */
    char authority[256];
    bool secure;
    unsigned address; /* which of the name's is tried */
    int64_t idle_since;
    struct timer timer;
    struct name_waiter waiter;
    struct core_link *next, *previous;
};

enum core_link_choice {
    CORE_LINK_ANY,
    CORE_LINK_PROVEN, /* for what cannot be sent twice: not one that the core may be closing just now */
    CORE_LINK_FRESH   /* a new one */
};

/* What a connection is wanted for. */
struct core_link_target {
    const char *authority; /* HOST[:PORT], shorter than 256 bytes */
    bool secure;
    int64_t timeout_ms; /* until it must be open */
};

/* A connection that is idle, or else a new one, which is not open yet, or failed at once. NULL without memory. */
struct core_link *core_link_take(struct core_links *links, const struct core_link_target *target,
                                 enum core_link_choice choice);

/* Gives one back that waits for its next request, or closes it. */
void core_link_give(struct core_link *link);
void core_link_close(struct core_link *link);

void core_links_open(struct core_links *links, struct loop *loop, SSL_CTX *tls);

/* Closes those that are idle. */
void core_links_close(struct core_links *links);

#endif

/*
 * One request while a guest serves it: what the guest holds handles to, what it is made of, and what the guest waits for.
 * Belongs to one loop.
 */
#ifndef EDGE_HOST_CALL_H
#define EDGE_HOST_CALL_H

#include "core_link.h"
#include "request.h"
#include "sink.h"
#include "value.h"

#define RESOURCES_MAX 128
#define LINKS_MAX     4
#define SINKS_MAX     8
#define ARENA_SIZE    8192
#define WAIT_MAX      8

/* The host's resource types, by the numbers that wasmtime knows them by. */
enum resource_type {
    RESOURCE_FREE,
    RESOURCE_FIELDS,
    RESOURCE_INCOMING_REQUEST,
    RESOURCE_OUTGOING_REQUEST,
    RESOURCE_INCOMING_RESPONSE,
    RESOURCE_OUTGOING_RESPONSE,
    RESOURCE_INCOMING_BODY,
    RESOURCE_OUTGOING_BODY,
    RESOURCE_FUTURE_RESPONSE,
    RESOURCE_REQUEST_OPTIONS,
    RESOURCE_RESPONSE_OUTPARAM,
    RESOURCE_INPUT_STREAM,
    RESOURCE_OUTPUT_STREAM,
    RESOURCE_POLLABLE,
    RESOURCE_ERROR
};

/* What the guest prepares: a request to the core, or the answer to the client. */
struct outgoing {
    struct fields fields;
    const char *method, *path, *authority; /* of a request */
    bool https;
    uint16_t status;   /* of an answer */
    struct sink *body; /* NULL without one */
};

/* A body that arrives. */
struct source {
    struct wire *wire;
    struct exchange *exchange; /* NULL for the client's */
};

/* A request to the core, and its answer. */
struct exchange {
    struct call *call;
    struct core_link *link;
    struct sink *up; /* never NULL once sent: without a body it only sends the head */
    const char *head;
    size_t head_length;
    enum sink_framing framing;
    uint64_t body_length;
    bool sent;       /* `up` is attached to the connection */
    bool may_repeat; /* without a body, and safe to send twice */
    bool is_head;
    bool answered;                      /* the head of the final answer is there */
    const struct exchange_error *error; /* NULL for none */
    int64_t first_byte_by;              /* milliseconds of the loop's clock */
    int64_t last_byte;                  /* when something came last */
    int64_t between_bytes;              /* milliseconds */
};

enum pollable_kind { POLL_SOURCE, POLL_SINK, POLL_EXCHANGE, POLL_TIMER };

struct pollable {
    enum pollable_kind kind;
    struct source source;
    struct sink *sink;
    struct exchange *exchange;
    int64_t at;
};

enum timeout { TIMEOUT_CONNECT, TIMEOUT_FIRST_BYTE, TIMEOUT_BETWEEN_BYTES, TIMEOUTS };

struct options {
    int64_t ms[TIMEOUTS]; /* each a day at most */
};

struct resource {
    enum resource_type type;
    union {
        struct fields fields;
        struct outgoing *outgoing;
        struct source source;
        struct sink *sink;
        struct exchange *exchange;
        struct options options;
        struct pollable pollable;
    };
};

/* What a suspended guest waits for. */
struct waiting {
    const struct pollable *pollables[WAIT_MAX];
    bool ready[WAIT_MAX];
    size_t count;
    /* Called when at least one is ready: makes the result of the function that waits. NULL: nothing is waited for. */
    void (*finish)(struct call *call);
    value *ret;
    const char *bytes; /* that are written then */
    size_t length;
    bool looked;   /* `ready` is as of now */
    int64_t until; /* when to look again; TIMER_NEVER: only when something comes */
};

struct call {
    wasmtime_context_t *context; /* of the store that the guest runs in */
    struct loop *loop;
    struct core_links *links;
    const struct host_config *config;
    struct wire *client;
    struct request *request;
    struct fields fields; /* what the guest sees of the client's */
    struct sink *answer;  /* to the client; the call's owner's */
    bool answered;
    bool wants_body; /* of a client that waits for its 100: the guest is to start again when it is there */
    struct waiting waiting;
    struct timer timer; /* set while the guest is suspended */

    /* Called when the guest may go on. */
    void (*wake)(struct call *call);
    void *owner;

    struct resource resources[RESOURCES_MAX];
    uint32_t resources_end;
    struct exchange exchanges[LINKS_MAX];
    size_t exchanges_count;
    struct sink sinks[SINKS_MAX];
    size_t sinks_count;
    char arena[ARENA_SIZE];
    size_t arena_used;
    void *arena_more; /* a list of larger pieces */
};

struct host_config {
    const char *const (*environment)[2]; /* names and values, up to a NULL */
    size_t core_head_max;                /* bytes of a head that the core takes */
    bool https;                          /* towards clients */
};

/* The caller has set `loop`, `links`, `config`, `client`, `request`, `answer`, `wake` and `owner`. False without memory. */
bool call_begin(struct call *call);

/* Gives everything back. Whether the guest gave its handles back, too. */
bool call_end(struct call *call);

/* Memory until call_end; NULL when there is none. */
void *call_alloc(struct call *call, size_t size);
char *call_text(struct call *call, const char *text, size_t length); /* a copy, with a NUL */
char *call_bytes(struct call *call, const value *list);              /* of a list<u8> */

/* A new resource; NULL when there are too many. */
struct resource *call_new(struct call *call, enum resource_type type);

/* A handle to it that the guest is to own. */
value call_own(struct call *call, const struct resource *resource);

/* The resource of a handle; NULL if it is of another type. */
struct resource *call_get(struct call *call, const value *handle, enum resource_type type);

/* A sink that is not attached yet; NULL when there are too many. */
struct sink *call_sink(struct call *call);

/* Sends the head of the answer, whose body (NULL: none) is to follow. */
bool call_answer(struct call *call, struct outgoing *outgoing);

/* The guest takes the client's body. */
bool call_reads_client(const struct call *call);

/* Takes an exchange as far as it goes without waiting. */
void exchange_check(struct exchange *exchange);

/* Starts a request to the core. On failure the exchange has an error. NULL when there are too many. */
struct exchange *exchange_start(struct call *call, struct outgoing *outgoing, const struct options *options);

/* A value of wasi:http's error-code. */
value exchange_error_value(const struct exchange_error *error);

/* What to say when something the guest asks for does not exist. */
wasmtime_error_t *call_trap(const char *message);

#endif

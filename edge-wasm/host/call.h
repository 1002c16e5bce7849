/*
 * One request, from when its head has come until its answer is out: what the guest holds handles to, and what it is made of.
 * Belongs to one thread.
 */
#ifndef EDGE_HOST_CALL_H
#define EDGE_HOST_CALL_H

#include "core_link.h"
#include "sink.h"
#include "value.h"

#define RESOURCES_MAX 128
#define LINKS_MAX     4
#define SINKS_MAX     8
#define ARENA_SIZE    32768

/* How many epochs, each EPOCH_MS long, a guest may compute without waiting for anything. */
#define HOST_EPOCHS 50
#define EPOCH_MS    100

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

struct fields {
    struct field *at;
    size_t count;
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
    struct core_link *link;
    struct sink *up; /* never NULL once sent: without a body it only sends the head */
    const char *head;
    size_t head_length;
    bool may_repeat; /* without a body, and safe to send twice */
    bool is_head;
    bool answered;         /* the head of the final answer is there */
    bool readable;         /* something may have come since it was last looked at */
    const char *error;     /* the case of error-code; NULL for none */
    int64_t first_byte_by; /* milliseconds of clock_ms */
    int64_t last_byte;     /* when something came last */
    int64_t between_bytes; /* milliseconds */
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

struct call {
    wasmtime_context_t *context; /* of the store that the guest runs in */
    struct wire *client;
    const struct host_config *config;
    struct fields fields; /* what the guest sees of the client's */
    const char *authority, *path;
    size_t authority_length, path_length;
    bool awaits_100; /* the client asks before it sends its body */
    bool keep_alive; /* the client may send another request */

    /* The answer. */
    bool answered;
    struct sink *answer;

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
    int64_t idle_ms;                     /* for which a client may neither send nor take anything */
};

void call_begin(struct call *call, struct wire *client, const struct host_config *config);

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

/* Waits until everything of a sink is out. False when it is broken, or took nothing for too long. */
bool call_drain(struct call *call, struct sink *sink);

/* Sends the head of the answer, whose body (NULL: none) is to follow. */
bool call_answer(struct call *call, struct outgoing *outgoing);

/* Looks whether an exchange's answer has come, if it is `readable`. */
void exchange_check(struct exchange *exchange);

/* Sends a request to the core. On failure the exchange is answered with an error. NULL when there are too many. */
struct exchange *exchange_start(struct call *call, struct outgoing *outgoing, const struct options *options);

/* What to say when something the guest asks for does not exist. */
wasmtime_error_t *call_trap(const char *message);

#endif

/*
 * A connection to Redis that any number of threads share, pipelining their commands. One of the callers that wait leads
 * (util/queue.h): it sends what all have queued and hands out the replies until it has its own. Commands that come while
 * others are under way travel together in one system call.
 *
 * It connects when it must and again after a loss, keeps to short timeouts, and stands aside (breaker.h) when Redis
 * does not answer. Commands must be idempotent: one whose connection was lost is sent once more.
 */
#ifndef TODO_ADAPTERS_REDIS_LINK_H
#define TODO_ADAPTERS_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include <todo/call.h>

#include "adapters/redis/stats.h"
#include "adapters/redis/url.h"

typedef struct todo__redis_link todo__redis_link;

typedef struct todo__redis_link_options {
    const todo__redis_url *url; /* must outlive the link */
    todo__redis_stats *stats;   /* must outlive the link */
    unsigned connect_timeout_ms;
    unsigned command_timeout_ms;
} todo__redis_link_options;

todo_status todo__redis_link_new(const todo__redis_link_options *options, todo__redis_link **ret_link,
                                 todo_error *error);

/* No call may be under way. NULL is fine. */
void todo__redis_link_free(todo__redis_link *link);

/* What a link knows of its latest connection. */
typedef struct todo__redis_state {
    uint64_t epoch;       /* how many connections there have been; 0: none yet */
    uint64_t run;         /* todo__redis_run; 0: none yet */
    int64_t connected_at; /* todo__monotonic_us */
} todo__redis_state;

todo__redis_state todo__redis_state_of(todo__redis_link *link);

/* A command under way. */
typedef struct todo__redis_request todo__redis_request;

/*
 * Queues a command, to be sent when a caller waits; each must be waited for. `urgent`: whatever the breaker says. UNAVAILABLE (the breaker is open), TIMEOUT
 * (the call's deadline has passed), NOMEM.
 */
todo_status todo__redis_submit(todo__redis_link *link, const todo_call *call, bool urgent, int argc,
                               const char **argv, const size_t *lengths, todo__redis_request **ret_request,
                               todo_error *error);

/*
 * Waits for the reply (freeReplyObject), at most for the command timeout and not beyond the call's deadline. Ends the
 * request whatever it returns. An error reply is a reply. UNAVAILABLE, TIMEOUT, NOMEM.
 */
todo_status todo__redis_wait(todo__redis_link *link, todo__redis_request *request, redisReply **ret_reply,
                             todo_error *error);

#endif

/*
 * One connection to Redis: bytes out, replies in, never blocking beyond a limit. hiredis speaks the protocol (RESP2);
 * sending is ours, because hiredis 0.14 writes to a closed socket without MSG_NOSIGNAL and so raises SIGPIPE.
 * Used by one thread at a time. Limits are times of todo__monotonic_us.
 */
#ifndef TODO_ADAPTERS_REDIS_CONNECTION_H
#define TODO_ADAPTERS_REDIS_CONNECTION_H

#include <hiredis/hiredis.h>

#include "adapters/redis/url.h"

typedef struct todo__redis_connection todo__redis_connection;

/*
 * Connects, logs in, selects the database and looks at the settings (settings.h). UNAVAILABLE, code "cache_misconfigured"
 * for what only an operator can mend, else "cache_unavailable"; TIMEOUT, NOMEM. Each with a detail.
 */
todo_status todo__redis_connect(const todo__redis_url *url, int64_t limit,
                                todo__redis_connection **ret_connection, todo_error *error);

/*
 * Which run of which server this is, as a number that is never 0: values of another run may be old, for a server can
 * come back with a snapshot of some time ago, and another one can take its place that had not received them all.
 */
uint64_t todo__redis_run(const todo__redis_connection *connection);

/*
 * One command and its reply (freeReplyObject), on a connection that is not shared. An error reply is UNAVAILABLE with
 * the server's words as detail. As todo__redis_connect.
 */
todo_status todo__redis_call(todo__redis_connection *connection, int argc, const char **argv, int64_t limit,
                             redisReply **ret_reply, todo_error *error);

/* NULL is fine. */
void todo__redis_disconnect(todo__redis_connection *connection);

/* Appends a formatted command to what the next turn sends. NOMEM. */
todo_status todo__redis_append(todo__redis_connection *connection, const char *command, size_t length);

/*
 * Sends what it can and receives what is there, waiting for either until `limit`. TIMEOUT: nothing happened, and the
 * connection is still good. UNAVAILABLE: it is not.
 */
todo_status todo__redis_turn(todo__redis_connection *connection, int64_t limit, todo_error *error);

/*
 * The next complete reply (freeReplyObject), or NULL when there is none yet. UNAVAILABLE: what came in is not RESP,
 * or a reply announces or takes more than any reply to this library does.
 */
todo_status todo__redis_next(todo__redis_connection *connection, redisReply **ret_reply, todo_error *error);

#endif

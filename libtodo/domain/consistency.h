/* What a consistency token says. */
#ifndef TODO_DOMAIN_CONSISTENCY_H
#define TODO_DOMAIN_CONSISTENCY_H

#include <todo/call.h>

/*
 * How long a cache may take to hear of a change, clocks that disagree between machines included. A read with a token
 * younger than this does not ask a cache.
 */
#define TODO__COHERENCE_US INT64_C(5000000)

typedef struct todo__consistency {
    uint64_t position; /* in the database's log, behind the change; 0 where there is no log to wait for */
    todo_time at;      /* when the change was made */
} todo__consistency;

/* Reads a token. INVALID, code "consistency_token_invalid". */
todo_status todo__consistency_parse(const char *text, todo__consistency *ret_consistency, todo_error *error);

/* Gives the call that made a change its token, if it asks for one. NULL is fine. */
void todo__consistency_give(const todo_call *call, uint64_t position);

/*
 * The call itself if it asks for the token of its change, or a copy in `room` that does, with `token`, of
 * TODO_CONSISTENCY_TOKEN_SIZE bytes. NULL is fine.
 */
const todo_call *todo__consistency_want(const todo_call *call, todo_call *room, char *token);

/* Whether a read is to give a token, for it brought one: its client follows what it sees. NULL is fine. */
bool todo__consistency_followed(const todo_call *call);

/*
 * Gives such a read the token of what it saw, which was written `at` and is not behind `position`: one that asks for no
 * less than the one it brought.
 */
void todo__consistency_follow(const todo_call *call, uint64_t position, todo_time at);

/* Whether something written `at` may be news to other processes' caches. */
bool todo__consistency_young(todo_time at);

/* The position that the call's token asks for; 0 for none. The token is known to be valid. NULL is fine. */
uint64_t todo__consistency_position(const todo_call *call);

/*
 * Makes of a call one that asks for a position of at least so much; `token`, of TODO_CONSISTENCY_TOKEN_SIZE bytes, must
 * outlive it. It gets a token back only if it brought one.
 */
void todo__consistency_raise(todo_call *call, uint64_t position, char *token);

/* Whether the call brings a token so young that caches may not have heard of its change. NULL is fine. */
bool todo__consistency_fresh(const todo_call *call);

#endif

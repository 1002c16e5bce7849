/* What a sequence says until stores count: the time of a change as its epoch, its position in the log as its number. */
#ifndef TODO_DOMAIN_CONSISTENCY_H
#define TODO_DOMAIN_CONSISTENCY_H

#include <todo/call.h>

#include "util/export.h"

/*
 * How long a cache may take to hear of a change, clocks that disagree between machines included. A read with a demand
 * younger than this does not ask a cache.
 */
#define TODO__COHERENCE_US INT64_C(5000000)

/* Gives the call that made a change its sequence, if it asks for one. NULL is fine. */
TODO__EXPORT void todo__consistency_give(const todo_call *call, uint64_t position);

/* The call itself if it asks for the sequence of its change, or a copy in `room` that does, in `sequence`. NULL is fine. */
const todo_call *todo__consistency_want(const todo_call *call, todo_call *room, todo_sequence *sequence);

/* Whether a read is to give a sequence, for it brought a demand: its client follows what it sees. NULL is fine. */
TODO__EXPORT bool todo__consistency_followed(const todo_call *call);

/*
 * Gives such a read the sequence of what it saw, which was written `at` and is not behind `position`: one that asks for no
 * less than the one it brought.
 */
TODO__EXPORT void todo__consistency_follow(const todo_call *call, uint64_t position, todo_time at);

/* Whether something written `at` may be news to other processes' caches. */
TODO__EXPORT bool todo__consistency_young(todo_time at);

/* The position that the call demands; 0 for none. NULL is fine. */
TODO__EXPORT uint64_t todo__consistency_position(const todo_call *call);

/*
 * Makes of a call one that asks for a position of at least so much; `sequence` must outlive it. It gets a sequence back
 * only if it brought one.
 */
TODO__EXPORT void todo__consistency_raise(todo_call *call, uint64_t position, todo_sequence *sequence);

/* Whether the call has a demand, which caches can't judge yet. NULL is fine. */
TODO__EXPORT bool todo__consistency_fresh(const todo_call *call);

#endif

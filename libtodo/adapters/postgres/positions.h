/* How far a standby must be for a user to see their own changes. */
#ifndef TODO_ADAPTERS_POSTGRES_POSITIONS_H
#define TODO_ADAPTERS_POSTGRES_POSITIONS_H

#include <todo/call.h>

/*
 * The position in the log behind the last change of each user, of whom several share an entry: that makes some wait
 * for others' changes, and no one miss their own. A change made elsewhere is known by the token that a call brings.
 */
typedef struct todo__pg_positions todo__pg_positions;

/* NULL when out of memory. */
todo__pg_positions *todo__pg_positions_new(void);

/* NULL is fine. */
void todo__pg_positions_free(todo__pg_positions *positions);

/* Notes a change, and gives the call its token. NULL positions: there is no standby, and nothing to note. */
void todo__pg_positions_note(todo__pg_positions *positions, const todo_call *call, const todo_uuid *user,
                             uint64_t position);

/* The position that this read must see. NULL positions: 0. */
uint64_t todo__pg_positions_needed(todo__pg_positions *positions, const todo_call *call,
                                   const todo_uuid *user);

#endif

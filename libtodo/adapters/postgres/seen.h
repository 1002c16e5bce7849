/* The latest state that this process has shown or made of each user's todos, so that a standby shows no older one. */
#ifndef TODO_ADAPTERS_POSTGRES_SEEN_H
#define TODO_ADAPTERS_POSTGRES_SEEN_H

#include <todo/call.h>

/* A fixed table. What it has forgotten for want of room makes a user's reads go to the primary for a while. */
typedef struct todo__pg_seen todo__pg_seen;

/* NULL when out of memory. */
todo__pg_seen *todo__pg_seen_new(void);

/* NULL is fine. */
void todo__pg_seen_free(todo__pg_seen *seen);

/* Remembers a state, unless a later one is known. NULL `seen`: there is no standby. Thread-safe. */
void todo__pg_seen_note(todo__pg_seen *seen, const todo_uuid *user, const todo_sequence *sequence);

/* The state that a standby must show of the user; false when it is forgotten: no standby will do. Thread-safe. */
bool todo__pg_seen_demand(todo__pg_seen *seen, const todo_uuid *user, todo_sequence *ret_sequence);

#endif

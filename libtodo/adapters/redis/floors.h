/*
 * The changes that this process made and could not tell Redis: for each id the lowest version that may still be
 * believed. Whoever reads Redis compares with it, and Redis is told as soon as it answers again. Thread-safe.
 *
 * A floor is kept as long as Redis may hold what was put before it. There is room for a limited number; when more are
 * lost, nothing in Redis may be believed until all of that has expired there.
 */
#ifndef TODO_ADAPTERS_REDIS_FLOORS_H
#define TODO_ADAPTERS_REDIS_FLOORS_H

#include <todo/types.h>

#define TODO__FLOORS_MAX 65536u

typedef struct todo__floors todo__floors;

typedef struct todo__floor {
    todo_uuid id;
    int64_t version;
} todo__floor;

/* `keep_us`: for how long Redis may hold a value. */
todo_status todo__floors_new(int64_t keep_us, todo__floors **ret_floors, todo_error *error);

/* NULL is fine. */
void todo__floors_free(todo__floors *floors);

/* Only `version` and what is newer may be believed. */
void todo__floors_raise(todo__floors *floors, const todo_uuid *id, int64_t version);

/* The floor of an id; 0 when there is none. Takes no lock while there is none at all. */
int64_t todo__floors_of(todo__floors *floors, const todo_uuid *id);

/* Redis knows of this version now. */
void todo__floors_settle(todo__floors *floors, const todo_uuid *id, int64_t version);

/* Writes up to `max` floors and returns how many; those that have outlived their use are dropped. */
size_t todo__floors_take_some(todo__floors *floors, todo__floor *some, size_t max);

/* Whether floors had to be given up, so that no value of Redis may be believed for now. */
bool todo__floors_lost(todo__floors *floors);

size_t todo__floors_count(todo__floors *floors);

#endif

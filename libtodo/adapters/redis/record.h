/*
 * How a todo and what is known of its user are written into Redis (docs/internals/cache.md). Integers are big-endian.
 *
 * The record of a todo, key todo:{USER}:ID:
 *
 *   offset  length
 *        0       2  "t2"
 *        2       8  the life of the user key in which it was stored; script.lua writes it
 *       10       8  as of: the number of the user's sequence at which the todo was so
 *       18       1  the highest number of a field that its writer knew
 *       19          the fields that are not null: number (1), length (4), value
 *
 * A reader skips fields that it does not know, and takes a record whose writer did not know all of its own for none. So
 * processes of two versions can share one Redis.
 *
 * The user key, todo:user:{USER}:
 *
 *   offset  length
 *        0       2  "u1"
 *        2       8  the run of the server (todo__redis_run)
 *       10       8  the life; zero when the key is closed: nothing may be stored
 *       18       8  the epoch of the numbers; 0: no number is known yet
 *       26       8  told: Redis was told of every change up to this number, or began its life after it
 *       34       8  latest: the highest number that Redis has heard of
 *       42          pending: ranges above `told`, first and last number (8 each)
 */
#ifndef TODO_ADAPTERS_REDIS_RECORD_H
#define TODO_ADAPTERS_REDIS_RECORD_H

#include <todo/item.h>

#define TODO__LIFE_LENGTH 8u

/* A user key, as far as readers need it. */
typedef struct todo__user_state {
    bool there; /* false: there is none that can be believed, and the rest is zero */
    bool closed;
    char life[TODO__LIFE_LENGTH];
    todo_sequence latest; /* {0, 0}: unknown */
    uint64_t told;
} todo__user_state;

/* A record. Texts are borrowed from the value. */
typedef struct todo__record {
    char life[TODO__LIFE_LENGTH];
    uint64_t as_of;
    todo_item item;
} todo__record;

/* Encodes an item into memory that is released with todo__free. TOO_LARGE, NOMEM. */
todo_status todo__record_encode(const todo_item *item, uint64_t as_of, char **ret_value, size_t *ret_length,
                                todo_error *error);

/* Reads a record; false for anything that this version cannot use. */
bool todo__record_decode(const char *value, size_t length, todo__record *ret_record);

/* Reads a user key; one of another format or run is not there. */
void todo__user_state_decode(const char *value, size_t length, uint64_t run, todo__user_state *ret_state);

/* Whether the record shows what the todo was when the user was at `latest`. */
bool todo__record_is_current(const todo__record *record, const todo__user_state *user);

/* Writes an integer of 8 bytes and returns what comes behind it. */
char *todo__put_u64(char *out, uint64_t value);

#endif

/*
 * What this process holds of answers: todos and pages of lists, so that most reads ask no server at all.
 *
 * Entries are kept by user, since any change of a user's todos may change any of their answers: a message about the user
 * (listener.h) drops them all. They are served only while the lease runs, which the listener renews as long as it hears of
 * every change. A loss of the listener begins another era: what was being loaded in the one before is not held.
 *
 * A load is registered before any server is asked (todo__held_begin). What it finds is held only if no message about the
 * user has come since. What is used least goes when there is too much.
 *
 * Thread-safe.
 */
#ifndef TODO_ADAPTERS_REDIS_HELD_H
#define TODO_ADAPTERS_REDIS_HELD_H

#include <todo/item.h>

typedef struct todo__held todo__held;

/* Todos in order, with references that keep them. Never changes once it is held. */
typedef struct todo__answer todo__answer;

/* `bytes` bounds what is held (0: nothing is), `keep_us` for how long an entry is. NOMEM. */
todo_status todo__held_new(size_t bytes, int64_t keep_us, todo__held **ret_held, todo_error *error);

/* No load may be under way. NULL is fine. */
void todo__held_free(todo__held *held);

/* ---- answers ---- */

/* Names one: the user and what was asked. A whole key is compared as bytes. */
typedef struct todo__held_key {
    todo_uuid user;
    unsigned char what[80];
    size_t length; /* of the user and the used part of `what` */
} todo__held_key;

todo__held_key todo__held_key_of_item(const todo_uuid *user, const todo_uuid *id);
todo__held_key todo__held_key_of_list(const todo_uuid *user, const todo_list_query *query);

/* The answer, with a reference for the caller, and the state of the user that it shows; or NULL. */
todo__answer *todo__held_get(todo__held *held, const todo__held_key *key, todo_sequence *ret_as_of);

/* Shows each todo, borrowed, in order; ends early with what `visit` returned when that is not TODO_OK. */
todo_status todo__answer_visit(const todo__answer *answer, todo_item_visit visit, void *arg);

/* Its only todo, with a reference for the caller. */
const todo_item *todo__answer_item(const todo__answer *answer);

/* NULL is fine. */
void todo__answer_unref(todo__answer *answer);

/* ---- loads ---- */

typedef struct todo__load {
    struct todo__account *account;
    uint64_t era;
    uint64_t messages;    /* about the user, when it began */
    todo__answer *answer; /* what was read so far; NULL: it will not be held */
} todo__load;

/* Registers a load; todo__held_end must follow. False when nothing could be held now: then nothing must follow. */
bool todo__held_begin(todo__held *held, const todo_uuid *user, todo__load *load);

/* Adds a todo to what was read. */
void todo__held_add(todo__held *held, todo__load *load, const todo_item *item);

/* What is read will not be held. */
void todo__held_give_up(todo__load *load);

/* Holds what was read, unless the load was disturbed. */
void todo__held_publish(todo__held *held, todo__load *load, const todo__held_key *key, todo_sequence as_of);

/* Ends a load, published or not. */
void todo__held_end(todo__held *held, todo__load *load);

/* ---- what is heard ---- */

/* Something of the user may have changed: drops all entries, and what is being loaded will not be held. */
void todo__held_forget(todo__held *held, const todo_uuid *user);

/* From now on every change is heard of. */
void todo__held_trust(todo__held *held);

/* Changes may have been missed: drops everything, and what is being loaded will not be held. */
void todo__held_distrust(todo__held *held);

/* Every change before a moment is known: entries may be served until `until` (todo__monotonic_us). */
void todo__held_renew(todo__held *held, int64_t until);

typedef struct todo__held_usage {
    uint64_t items;
    uint64_t lists;
    uint64_t bytes;
} todo__held_usage;

todo__held_usage todo__held_usage_of(todo__held *held);

#endif

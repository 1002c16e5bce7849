/* What the three ports share: arrays behind one lock. */
#ifndef MEMORY_STORE_H
#define MEMORY_STORE_H

#include "memory.h"

#include <pthread.h>

typedef struct memory_store {
    pthread_mutex_t lock;
    unsigned owners;         /* ports */
    const todo_item **items; /* a reference each */
    size_t item_count, item_room;
    const todo_user **users;  /* a reference each, oldest first */
    todo_sequence *sequences; /* of the users, in the same order */
    size_t user_count, user_room;
} memory_store;

/* TIMEOUT when the call's deadline has passed; else locks, and the caller unlocks. */
todo_status memory_lock(memory_store *store, const todo_call *call, todo_error *error);
void memory_unlock(memory_store *store);

/* A port's reference to the store. */
memory_store *memory_ref(memory_store *store);
void memory_unref(void *store);

/* With the lock held. The index, or the count when it is not there. */
size_t memory_find_own_item(const memory_store *store, const todo_uuid *user, const todo_uuid *id);
size_t memory_find_own_item_in(const memory_store *store, const todo_uuid *user, const todo_uuid *id,
                               bool in_trash);
size_t memory_find_user(const memory_store *store, const todo_uuid *id);

/*
 * Begins to serve a call about one user's todos, with the lock held: the user's sequence, which the call is told.
 * UNAUTHENTICATED, and UNAVAILABLE when the call demands a later state.
 */
todo_status memory_see_user(memory_store *store, const todo_call *call, const todo_uuid *user,
                            todo_sequence **ret_sequence, todo_error *error);

/* Counts a change of the user's todos, and tells the call. With the lock held. */
void memory_count_change(const todo_call *call, todo_sequence *sequence);

/* Drops the item and its reference; the last one takes its place. With the lock held. */
void memory_drop_item(memory_store *store, size_t at);

/* Whether it was moved to the trash before that time, by this user or (NULL) any. */
bool memory_is_old_trash(const todo_item *item, const todo_uuid *user, todo_time deleted_before);

todo_status memory_reader_new(memory_store *store, todo_reader **ret_reader, todo_error *error);
todo_status memory_writer_new(memory_store *store, todo_writer **ret_writer, todo_error *error);
todo_status memory_users_new(memory_store *store, todo_users **ret_users, todo_error *error);

#endif

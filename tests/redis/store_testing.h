/* Stores as cores have them, on the servers of the test: one PostgreSQL, its standby where there is one, and one Redis. */
#ifndef TODO_TESTS_STORE_TESTING_H
#define TODO_TESTS_STORE_TESTING_H

#include <todo/store.h>

todo_store *open_store(void);

todo_store_stats stats_of_store(todo_store *store);

/* Creates a todo: its id. */
todo_uuid create(todo_store *store, const todo_uuid *user, const char *title);

#define USER_UNKNOWN (~0u)

/* How many todos a store lists, or USER_UNKNOWN. */
unsigned listed(todo_store *store, const todo_uuid *user);

#endif

/* The counter of each user's changes. */
#ifndef TODO_ADAPTERS_SQLITE_SEQUENCE_H
#define TODO_ADAPTERS_SQLITE_SEQUENCE_H

#include "adapters/sqlite/connection.h"

/*
 * Begins to read a user's todos: gives the user's sequence. As long as `ret_statement` is not done, what the connection
 * reads is of the same state. UNAUTHENTICATED, code "user_unknown".
 */
todo_status todo__sqlite_sequence_begin(todo__sqlite_connection *connection, const todo_uuid *user,
                                        sqlite3_stmt **ret_statement, todo_sequence *ret_sequence,
                                        todo_error *error);

/* Gives the user's sequence inside a transaction that writes. As todo__sqlite_sequence_begin. */
todo_status todo__sqlite_sequence_read(todo__sqlite_connection *connection, const todo_uuid *user,
                                       todo_sequence *ret_sequence, todo_error *error);

/* Stores the number of the user's last change; `vanished`: with it, a todo was removed for good. */
todo_status todo__sqlite_sequence_store(todo__sqlite_connection *connection, const todo_uuid *user,
                                        uint64_t number, bool vanished, todo_error *error);

#endif

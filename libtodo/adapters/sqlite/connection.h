/*
 * One connection to a database: used by one thread at a time, with its statements prepared once and a deadline that
 * bounds each of them.
 */
#ifndef TODO_ADAPTERS_SQLITE_CONNECTION_H
#define TODO_ADAPTERS_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "adapters/sqlite/identity.h"
#include "adapters/sqlite/log.h"
#include "adapters/sqlite/statements.h"

#include <todo/types.h>

/* A deadline that never comes. */
#define TODO__SQLITE_NO_DEADLINE INT64_MAX

typedef struct todo__sqlite_connection {
    sqlite3 *sqlite;
    int64_t deadline; /* CLOCK_MONOTONIC in microseconds: what waits or runs longer ends with TIMEOUT */
    sqlite3_stmt *statements[TODO__SQLITE_STATEMENT_COUNT];
    struct todo__sqlite_connection *next; /* among the idle ones of a pool */
    todo__sqlite_log log;
} todo__sqlite_connection;

/*
 * Opens a database that exists, or a new one in memory (":memory:"). Changes nothing before it is known to be a store, or
 * empty. UNAVAILABLE ("store_missing": it is empty, unless `may_be_empty`), INVALID ("store_foreign"), TIMEOUT, NOMEM.
 */
todo_status todo__sqlite_connect(const char *path, todo__sqlite_mode mode, bool may_be_empty,
                                 int64_t deadline, todo__sqlite_connection **ret_connection,
                                 todo_error *error);

void todo__sqlite_disconnect(todo__sqlite_connection *connection);

/* The statement, ready for its parameters; todo__sqlite_done ends its use. It belongs to the connection. */
todo_status todo__sqlite_statement(todo__sqlite_connection *connection, todo__sqlite_statement_id id,
                                   sqlite3_stmt **ret_statement, todo_error *error);

/* Ends the use of a statement, and with it of the snapshot that it read. NULL is fine. */
void todo__sqlite_done(sqlite3_stmt *statement);

/* Runs a statement that has no parameters and returns no rows. */
todo_status todo__sqlite_run(todo__sqlite_connection *connection, todo__sqlite_statement_id id,
                             todo_error *error);

#endif

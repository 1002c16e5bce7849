/*
 * The write-ahead log: what is committed lies there until a checkpoint moves it into the database's file. SQLite's own
 * checkpoints run inside the commit, before anybody is told that it is done, and never wait for a reader, so that under
 * steady reading the log would grow for ever.
 */
#ifndef TODO_ADAPTERS_SQLITE_LOG_H
#define TODO_ADAPTERS_SQLITE_LOG_H

#include <sqlite3.h>

#include <stdbool.h>

struct todo__sqlite_connection;

typedef struct todo__sqlite_log {
    int pages;   /* in the log after the last commit of this connection */
    int next_at; /* pages at which the next checkpoint is due */
} todo__sqlite_log;

/* Puts the checkpoints of a new connection into our hands. */
void todo__sqlite_log_watch(struct todo__sqlite_connection *connection);

/* Whether the last commit made a checkpoint due. */
bool todo__sqlite_log_is_due(const struct todo__sqlite_connection *connection);

/* Makes one; a long log waits a moment for readers of its old pages, so that it can begin anew. */
void todo__sqlite_log_checkpoint(struct todo__sqlite_connection *connection);

#endif

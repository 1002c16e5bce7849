/* From what SQLite says to what the ports say. */
#ifndef TODO_ADAPTERS_SQLITE_ERROR_H
#define TODO_ADAPTERS_SQLITE_ERROR_H

#include <sqlite3.h>

#include <todo/error.h>

/*
 * Translates a result code of `sqlite`, whose own words become the detail. A broken constraint is INTERNAL: whoever
 * expects one asks todo__sqlite_constraint first.
 */
todo_status todo__sqlite_error(sqlite3 *sqlite, int rc, todo_error *error);

/* Which constraint the last statement broke: SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_FOREIGNKEY, ... or 0. */
int todo__sqlite_constraint(sqlite3 *sqlite, int rc);

/* The deadline passed. */
todo_status todo__sqlite_timeout(todo_error *error);

#endif

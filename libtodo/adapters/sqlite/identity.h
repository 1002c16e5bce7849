/*
 * What an SQLite file is: a store of this library, empty, or the database of another program. A store carries an
 * application_id and, as user_version, the number of its migrations. Stores of before that are known by the columns of
 * their schema_migrations.
 */
#ifndef TODO_ADAPTERS_SQLITE_IDENTITY_H
#define TODO_ADAPTERS_SQLITE_IDENTITY_H

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>

#include <todo/store.h>

/* "todo" in ASCII. */
#define TODO__SQLITE_APPLICATION_ID 0x746F646F

/* How a database is opened. */
typedef enum todo__sqlite_mode {
    TODO__SQLITE_WRITE, /* to read and write */
    TODO__SQLITE_READ,  /* to read beside a process that may write; its log stays as it is */
    TODO__SQLITE_FROZEN /* to read a file that no process has open; nothing is made beside it */
} todo__sqlite_mode;

/*
 * Opens the file and puts nothing beside it: neither reads nor changes anything. The handle has to be closed even when
 * this fails, as for sqlite3_open_v2.
 */
int todo__sqlite_open_file(const char *path, todo__sqlite_mode mode, sqlite3 **ret_sqlite);

/*
 * Looks at the file alone, without its log and without a lock. INVALID ("store_foreign") if it is certainly the database of
 * another program; OK for everything else, also for a file that is not there or can't be read.
 */
todo_status todo__sqlite_peek(const char *path, todo_error *error);

/*
 * Looks at an open database before anything is changed. INVALID ("store_foreign"), UNAVAILABLE ("store_missing": it is empty,
 * unless `may_be_empty`), and the errors of reading.
 */
todo_status todo__sqlite_identify(sqlite3 *sqlite, bool may_be_empty, todo_error *error);

/* Whether the database carries the marks of a store with `count` migrations. */
todo_status todo__sqlite_is_stamped(sqlite3 *sqlite, uint32_t count, bool *ret_stamped, todo_error *error);

/* Gives them to it, inside the transaction of the caller. */
todo_status todo__sqlite_stamp(sqlite3 *sqlite, uint32_t count, todo_error *error);

#endif

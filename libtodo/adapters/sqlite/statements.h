/* The statements of the adapter, and the two ends of each: binding parameters and reading rows. */
#ifndef TODO_ADAPTERS_SQLITE_STATEMENTS_H
#define TODO_ADAPTERS_SQLITE_STATEMENTS_H

#include <sqlite3.h>

#include <todo/item.h>
#include <todo/user.h>

#include "adapters/sql/sql.h"

typedef enum todo__sqlite_statement_id {
    TODO__SQLITE_BEGIN,
    TODO__SQLITE_COMMIT,
    TODO__SQLITE_ROLLBACK,
    TODO__SQLITE_SAVE,
    TODO__SQLITE_RELEASE,
    TODO__SQLITE_UNDO,
    TODO__SQLITE_PING,
    TODO__SQLITE_SEQUENCE,
    TODO__SQLITE_SEQUENCE_STORE,
    TODO__SQLITE_SEQUENCE_INSERT,
    TODO__SQLITE_SEQUENCE_DELETE,
    TODO__SQLITE_TODO_INSERT,
    TODO__SQLITE_TODO_UPDATE,
    TODO__SQLITE_TODO_DELETE,
    TODO__SQLITE_TODO_TRASH,
    TODO__SQLITE_TODO_RESTORE,
    TODO__SQLITE_TODO_PURGE,
    TODO__SQLITE_TODO_PURGE_USER,
    TODO__SQLITE_TODO_COUNT_TRASH,
    TODO__SQLITE_TODO_COUNT_TRASH_USER,
    TODO__SQLITE_TODO_FIND,
    TODO__SQLITE_TODO_FIND_TRASHED,
    TODO__SQLITE_TODO_EXISTS,
    TODO__SQLITE_USER_INSERT,
    TODO__SQLITE_USER_SET_HASH,
    TODO__SQLITE_USER_DELETE_TODOS,
    TODO__SQLITE_USER_DELETE,
    TODO__SQLITE_USER_BY_ID,
    TODO__SQLITE_USER_BY_EMAIL,
    TODO__SQLITE_USER_LIST,
    TODO__SQLITE_TODO_LIST, /* the first of 24: see todo__sqlite_list_statement */
    TODO__SQLITE_STATEMENT_COUNT = TODO__SQLITE_TODO_LIST + 24
} todo__sqlite_statement_id;

#define TODO__SQLITE_TEXT_SIZE 2048 /* enough for any statement's text */

/* Writes the SQL text of a statement. */
void todo__sqlite_statement_text(todo__sqlite_statement_id id, char text[TODO__SQLITE_TEXT_SIZE]);

/*
 * The statement that lists what `query` asks for. Parameters: user, limit, whether the trash is meant and, with
 * `query->after`, its key and id.
 */
todo__sqlite_statement_id todo__sqlite_list_statement(const todo_list_query *query);

/* Binds parameters one after the other and remembers the first failure. The values must outlive the statement's use. */
typedef struct todo__sqlite_binder {
    sqlite3_stmt *statement;
    int index;
    int rc;
} todo__sqlite_binder;

todo__sqlite_binder todo__sqlite_binder_of(sqlite3_stmt *statement);
void todo__sqlite_bind_uuid(todo__sqlite_binder *binder, const todo_uuid *uuid);
void todo__sqlite_bind_text(todo__sqlite_binder *binder, const char *text); /* NULL is SQL's null */
void todo__sqlite_bind_integer(todo__sqlite_binder *binder, int64_t value);
void todo__sqlite_bind_null(todo__sqlite_binder *binder);

/* Binds the fields of an item that belong to a class (adapters/sql/sql.h), as {CLASS:%p…} numbers them. */
void todo__sqlite_bind_fields(todo__sqlite_binder *binder, todo__sql_class selected, const todo_item *item);

/* The first step of a statement: SQLITE_ROW, SQLITE_DONE or an error, which may be that of binding. */
int todo__sqlite_start(const todo__sqlite_binder *binder);

/* The id in the first column of the current row. */
todo_uuid todo__sqlite_uuid_of_row(sqlite3_stmt *statement);

/* The current row as a borrowed item, valid until the next step. NOMEM, INTERNAL (a row that can't be). */
todo_status todo__sqlite_item_of_row(sqlite3_stmt *statement, todo_item *ret_item, todo_error *error);

/* The current row as a user of which the caller owns a reference. */
todo_status todo__sqlite_user_of_row(sqlite3_stmt *statement, const todo_user **ret_user, todo_error *error);

#endif

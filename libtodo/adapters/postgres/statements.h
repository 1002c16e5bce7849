/* Every statement the adapter sends, but for those of migrations. */
#ifndef TODO_ADAPTERS_POSTGRES_STATEMENTS_H
#define TODO_ADAPTERS_POSTGRES_STATEMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* A list of todos has a statement for each order, named by the sort key and the direction. */
typedef enum todo__pg_statement_id {
    TODO__PG_PING,
    TODO__PG_LOCK,
    TODO__PG_TODO_GET,
    TODO__PG_TODO_LIST_CREATED_DOWN,
    TODO__PG_TODO_LIST_CREATED_UP,
    TODO__PG_TODO_LIST_UPDATED_DOWN,
    TODO__PG_TODO_LIST_UPDATED_UP,
    /* The same for one alone, in the same order. */
    TODO__PG_TODO_LONG_LIST_CREATED_DOWN,
    TODO__PG_TODO_LONG_LIST_CREATED_UP,
    TODO__PG_TODO_LONG_LIST_UPDATED_DOWN,
    TODO__PG_TODO_LONG_LIST_UPDATED_UP,
    TODO__PG_TODO_INSERT,
    TODO__PG_TODO_UPDATE,
    TODO__PG_TODO_DELETE,
    TODO__PG_TODO_TRASH,
    TODO__PG_TODO_RESTORE,
    TODO__PG_TODO_PURGE,
    TODO__PG_TODO_PURGE_USER,
    TODO__PG_TODO_GET_TRASHED,
    TODO__PG_TODO_COUNT_TRASH,
    TODO__PG_TODO_COUNT_TRASH_USER,
    TODO__PG_USER_INSERT,
    TODO__PG_USER_BY_EMAIL,
    TODO__PG_USER_BY_ID,
    TODO__PG_USER_LIST,
    TODO__PG_USER_SET_HASH,
    TODO__PG_STATEMENTS /* how many there are */
} todo__pg_statement_id;

typedef struct todo__pg_statement {
    const char *name; /* of the prepared statement */
    const char *sql;
    bool writes; /* may not be repeated when it is not known whether it was carried out */
} todo__pg_statement;

/* Of use once todo__pg_write_statements has run. */
extern todo__pg_statement todo__pg_statements[TODO__PG_STATEMENTS];

#define TODO__PG_TEXTS_SIZE 32768 /* enough for the texts of all statements */

/* Writes the texts of the statements, once. Returns how many bytes they take. Thread-safe. */
size_t todo__pg_write_statements(void);

#endif

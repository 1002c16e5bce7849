/* An open SQLite database: its connections and the queue of its writes. */
#ifndef TODO_ADAPTERS_SQLITE_DB_H
#define TODO_ADAPTERS_SQLITE_DB_H

#include "adapters/backend.h"
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/pool.h"
#include "adapters/sqlite/queue.h"

typedef struct todo__sqlite {
    char *url;
    int64_t call_timeout_us; /* of a call that brings no deadline */
    todo__sqlite_pool pool;
    todo__queue queue;
    /* NULL for a database in memory, whose one connection is the pool's. Belongs to whoever leads the queue. */
    todo__sqlite_connection *writer;
} todo__sqlite;

extern const todo_reader_ops todo__sqlite_reader_ops;
extern const todo_writer_ops todo__sqlite_writer_ops;
extern const todo_users_ops todo__sqlite_users_ops;

/* As todo__backend_ops. `self` is a todo__sqlite. */
todo_status todo__sqlite_migrate(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error);
todo_status todo__sqlite_revert(void *self, const todo_call *call, const todo_revert_options *options,
                                todo_migration_visit visit, void *arg, todo_error *error);
todo_status todo__sqlite_migrations_visit(void *self, const todo_call *call, todo_migration_visit visit,
                                          void *arg, todo_error *error);

/* When this call has to be over, in CLOCK_MONOTONIC microseconds. */
int64_t todo__sqlite_deadline(const todo__sqlite *db, const todo_call *call);

/* A connection to read with, until todo__sqlite_pool_give. TIMEOUT, UNAVAILABLE, NOMEM. */
todo_status todo__sqlite_reader(todo__sqlite *db, const todo_call *call,
                                todo__sqlite_connection **ret_connection, todo_error *error);

#endif

/* An open SQLite database: its connections and the queue of its writes. */
#ifndef TODO_ADAPTERS_SQLITE_DB_H
#define TODO_ADAPTERS_SQLITE_DB_H

#include <sys/stat.h>

#include "adapters/backend.h"
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/pool.h"
#include "adapters/sqlite/queue.h"

typedef struct todo__sqlite {
    char *url;
    int64_t call_timeout_us; /* of a call that brings no deadline */
    todo__sqlite_pool pool;
    todo__queue queue;
    /* Belongs to the leader of the queue. NULL in memory, where the one connection is the pool's, or without writing. */
    todo__sqlite_connection *writer;
    struct stat frozen; /* of the file, with TODO__SQLITE_FROZEN: what it has to stay */
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

/* Whether the store was opened to read only. */
bool todo__sqlite_reads_only(const todo__sqlite *db);

/* UNSUPPORTED ("store_read_only"). */
todo_status todo__sqlite_refuse_write(todo_error *error);

#endif

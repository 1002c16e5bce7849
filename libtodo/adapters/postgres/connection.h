/* One connection, used by one thread at a time. */
#ifndef TODO_ADAPTERS_POSTGRES_CONNECTION_H
#define TODO_ADAPTERS_POSTGRES_CONNECTION_H

#include "adapters/postgres/endpoint.h"
#include "adapters/postgres/error.h"
#include "adapters/postgres/params.h"
#include "adapters/postgres/statements.h"

typedef struct todo__pg_connection {
    PGconn *pg;
    uint64_t prepared;        /* a bit for each statement that is prepared on it */
    bool unnamed;             /* send statements unprepared */
    todo__pg_verdict verdict; /* on the last failure; TODO__PG_KEEP after success */
    unsigned generation;      /* of the pool, when it was made */
    struct todo__pg_connection *next;
} todo__pg_connection;

/* Connects. UNAVAILABLE, TIMEOUT, NOMEM. */
todo_status todo__pg_connect(todo__pg_endpoint *endpoint, int64_t deadline,
                             todo__pg_connection **ret_connection, todo_error *error);

/* Closes the connection without waiting for anybody. NULL is fine. */
void todo__pg_disconnect(todo__pg_connection *connection);

/* Whether a connection on which nothing is under way looks alive: nothing has come in on it. */
bool todo__pg_alive(const todo__pg_connection *connection);

/*
 * Runs one of the statements and gives its result, which the caller clears. When the deadline passes the verdict is
 * TODO__PG_LOST: closing the connection is what cancels the statement.
 */
todo_status todo__pg_execute(todo__pg_connection *connection, int64_t deadline, todo__pg_statement_id id,
                             const todo__pg_params *params, PGresult **ret_result, todo_error *error);

/*
 * The same behind TODO__PG_LOCK with `users`, both in one transaction and one round trip: a pipeline between two
 * synchronizations is a transaction.
 */
todo_status todo__pg_execute_locked(todo__pg_connection *connection, int64_t deadline,
                                    const todo__pg_params *users, todo__pg_statement_id id,
                                    const todo__pg_params *params, PGresult **ret_result, todo_error *error);

/* Runs SQL text of any number of statements, without results. */
todo_status todo__pg_execute_text(todo__pg_connection *connection, int64_t deadline, const char *sql,
                                  todo_error *error);

/* Runs one statement that is not worth preparing; as todo__pg_execute. */
todo_status todo__pg_execute_once(todo__pg_connection *connection, int64_t deadline, const char *sql,
                                  const todo__pg_params *params, PGresult **ret_result, todo_error *error);

#endif

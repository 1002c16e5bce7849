/* What PostgreSQL's errors mean to a caller, and to the connection on which they came. */
#ifndef TODO_ADAPTERS_POSTGRES_ERROR_H
#define TODO_ADAPTERS_POSTGRES_ERROR_H

#include <libpq-fe.h>

#include <todo/error.h>

/* What is to become of a connection after a failure, and whether the statement may be sent again. */
typedef enum todo__pg_verdict {
    TODO__PG_KEEP,    /* the statement failed, the connection is fine */
    TODO__PG_LOCKED,  /* not carried out: somebody held a lock for long; the connection is fine */
    TODO__PG_LOST,    /* drop the connection; whether the statement was carried out is not known */
    TODO__PG_REPLAN,  /* not carried out: the prepared form is out of date; drop the connection */
    TODO__PG_UNNAMED, /* not carried out: prepared statements do not last here (a transaction-mode pooler) */
    TODO__PG_DEMOTED, /* not carried out: the server has become read-only; drop all connections to it */
} todo__pg_verdict;

/* Translates a failed result. `ret_verdict` is always written. */
todo_status todo__pg_result_error(const PGresult *result, todo__pg_verdict *ret_verdict, todo_error *error);

/* UNAVAILABLE, with libpq's words of the connection (NULL: none) as the detail. */
todo_status todo__pg_unavailable(const PGconn *pg, todo_error *error);

/*
 * UNAVAILABLE, code "database_misconfigured": what waiting does not mend, with `detail` (for operators) saying what it is.
 */
todo_status todo__pg_misconfigured(const char *detail, todo_error *error);

/*
 * Why a connection did not come about: "database_misconfigured" for a wrong password, database, right or TLS setting,
 * "database_unavailable" for all else. `failed_at`: what the connection was doing. It was made to give its errors in full
 * (PQERRORS_VERBOSE), for libpq offers their SQLSTATE in no other way.
 */
todo_status todo__pg_connect_error(const PGconn *pg, ConnStatusType failed_at, todo_error *error);

/* Gives the caller an error that was gathered apart from theirs, unless `status` is TODO_OK; returns `status`. */
todo_status todo__pg_pass_on(todo_status status, const todo_error *failure, todo_error *error);

/* TIMEOUT: the deadline of the call passed. */
todo_status todo__pg_timeout(todo_error *error);

/* NOMEM. */
todo_status todo__pg_nomem(todo_error *error);

#endif

/* A PostgreSQL under test: its superuser's connection, and its stop and start. */
#ifndef TODO_TESTS_DATABASE_H
#define TODO_TESTS_DATABASE_H

#include <libpq-fe.h>

/* A connection of the superuser to a database of the server that with-services started. */
PGconn *database_admin(const char *database);

/* Runs SQL text, and fails the test when that fails. */
void database_run(PGconn *admin, const char *sql);

/* The first value of a query's result, as a number. */
long database_number(PGconn *admin, const char *sql);

/* Waits until the query's first value is the one wanted, and fails the test when it is not within ten seconds. */
void database_await(PGconn *admin, const char *sql, long wanted);

/* The URL of another database of the same server and role. Static. */
const char *database_url(const char *database);

/* Runs the server's pg_ctl, such as database_control("stop -m immediate"). */
void database_control(const char *arguments);

#endif

/* The servers that with-services started, as a fault run breaks and mends them. Each call waits until it is done. */
#ifndef TODO_TESTS_SERVICES_H
#define TODO_TESTS_SERVICES_H

#include <stdbool.h>

/* Runs a shell command; false when it fails. */
bool services_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* SIGKILL to PostgreSQL's postmaster (its backends follow), or to that of the replica. */
bool services_kill_postgres(void);
bool services_kill_replica(void);

/* Starts it again after a kill: tries for a while, since what was killed may still hold its memory. */
bool services_start_postgres(void);
bool services_start_replica(void);

/* Runs SQL as the superuser on the primary. */
bool services_sql(const char *sql);

#endif

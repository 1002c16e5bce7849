/* The settings of a server, a database or a role that this adapter relies on. */
#ifndef TODO_ADAPTERS_POSTGRES_SETTINGS_H
#define TODO_ADAPTERS_POSTGRES_SETTINGS_H

#include <libpq-fe.h>

#include <todo/error.h>

/*
 * Looks at what the server told when the connection was made, so it costs no round trip. UNAVAILABLE, code
 * "database_misconfigured", with a detail that names the setting, its value and the one that is needed.
 */
todo_status todo__pg_check_settings(const PGconn *pg, todo_error *error);

#endif

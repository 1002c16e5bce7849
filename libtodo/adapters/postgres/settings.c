#include "adapters/postgres/settings.h"

#include <stdio.h>
#include <string.h>

#include "adapters/postgres/error.h"

#define VERSION_MIN      140000
#define VERSION_MIN_TEXT "14"

typedef struct setting {
    const char *name;
    const char *needed;
    const char *remedy;
} setting;

/*
 * Every server reports these to a client by itself; a pooler passes them on. Others that statements rely on
 * (default_transaction_isolation, timeouts) are set by each connection: see endpoint.c. That the writer is writable is
 * asked for with target_session_attrs.
 */
static const setting settings[] = {
    /* In another encoding, text that a client may send can't be stored. */
    {"server_encoding", "UTF8", "createdb --encoding=UTF8 --template=template0"},
    /* What comes and goes is not converted. */
    {"client_encoding", "UTF8", "leave client_encoding out of the URL"},
    /* Text in migrations means what it says. */
    {"standard_conforming_strings", "on", "ALTER DATABASE ... RESET standard_conforming_strings"},
};

todo_status todo__pg_check_settings(const PGconn *pg, todo_error *error)
{
    char detail[256];

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        const setting *each = &settings[i];
        const char *value = PQparameterStatus(pg, each->name);

        if (value == NULL || strcmp(value, each->needed) == 0)
            continue;
        snprintf(detail, sizeof(detail), "%s is %.40s and must be %s: %s", each->name, value, each->needed,
                 each->remedy);
        return todo__pg_misconfigured(detail, error);
    }
    if (PQserverVersion(pg) >= VERSION_MIN)
        return TODO_OK;
    snprintf(detail, sizeof(detail), "PostgreSQL %d is too old: " VERSION_MIN_TEXT " or later is needed",
             PQserverVersion(pg) / 10000);
    return todo__pg_misconfigured(detail, error);
}

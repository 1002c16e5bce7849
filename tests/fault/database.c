#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "database.h"

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL)
        fail_msg("%s is not set: run this through with-services", name);
    return value;
}

PGconn *database_admin(const char *database)
{
    const char *const keywords[] = {"host", "port", "user", "dbname", NULL};
    const char *const values[] = {environment("TODO_TEST_PG_SOCKET"), environment("TODO_TEST_PG_PORT"),
                                  "postgres", database, NULL};
    PGconn *admin = PQconnectdbParams(keywords, values, 0);

    if (PQstatus(admin) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(admin));
    return admin;
}

static PGresult *run(PGconn *admin, const char *sql)
{
    PGresult *result = PQexec(admin, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    return result;
}

void database_run(PGconn *admin, const char *sql)
{
    PQclear(run(admin, sql));
}

long database_number(PGconn *admin, const char *sql)
{
    PGresult *result = run(admin, sql);
    long number = atol(PQgetvalue(result, 0, 0));

    PQclear(result);
    return number;
}

void database_await(PGconn *admin, const char *sql, long wanted)
{
    long number = 0;

    for (int i = 0; i < 500; i++) {
        /* Within a transaction the statistics would stay what they were. */
        database_run(admin, "SELECT pg_stat_clear_snapshot()");
        number = database_number(admin, sql);
        if (number == wanted)
            return;
        usleep(20000);
    }
    fail_msg("%s: %ld, not %ld", sql, number, wanted);
}

const char *database_url(const char *database)
{
    static char url[256];

    snprintf(url, sizeof(url), "postgres://todo:todo-secret@127.0.0.1:%s/%s",
             environment("TODO_TEST_PG_PORT"), database);
    return url;
}

void database_control(const char *arguments)
{
    char command[512];

    snprintf(command, sizeof(command), "%s %s >/dev/null 2>&1", environment("TODO_TEST_PG_CTL"), arguments);
    if (system(command) != 0)
        fail_msg("%s failed", command);
}

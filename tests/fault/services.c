#include "services.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool services_run(const char *format, ...)
{
    char command[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(command, sizeof(command), format, arguments);
    va_end(arguments);
    return system(command) == 0;
}

bool services_kill_postgres(void)
{
    return services_run("kill -KILL $(head -1 \"$TODO_TEST_PG_DATA/postmaster.pid\")");
}

bool services_kill_replica(void)
{
    return services_run("kill -KILL $(head -1 \"$(dirname \"$TODO_TEST_PG_DATA\")/replica/postmaster.pid\")");
}

static bool start(const char *ctl)
{
    for (int attempt = 0; attempt < 50; attempt++) {
        if (services_run("\"$%s\" start </dev/null >/dev/null 2>&1", ctl))
            return true;
        usleep(100000);
    }
    return false;
}

bool services_start_postgres(void)
{
    return start("TODO_TEST_PG_CTL");
}

bool services_start_replica(void)
{
    return start("TODO_TEST_REPLICA_CTL");
}

bool services_sql(const char *sql)
{
    return services_run(
        "\"$TODO_TEST_PG_BIN/psql\" -h \"$TODO_TEST_PG_SOCKET\" -p \"$TODO_TEST_PG_PORT\" -U postgres "
        "-d todo -v ON_ERROR_STOP=1 -qAtc \"%s\" >/dev/null",
        sql);
}

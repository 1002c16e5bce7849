#include "core_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLES_MAX  256
#define START_TIMEOUT  120000
#define STOP_TIMEOUT   120000
#define ARGUMENTS_MAX  16
#define SETTING_LENGTH 512

extern char **environ;

/* What configures the server must come from the test, never from where the test runs. */
static bool is_setting(const char *variable)
{
    static const char *const prefixes[] = {"APP_",  "DATABASE_", "REDIS_",    "EDGE_SECRET", "JWT_",
                                           "CORE_", "S3_",       "LOG_LEVEL", "TODO_STORE"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* Sets a variable in `variables`; the last one counts. */
static void put(const char *variables[], const char *variable)
{
    size_t name = strcspn(variable, "=") + 1, i = 0;

    while (variables[i] != NULL && strncmp(variables[i], variable, name) != 0)
        i++;
    if (i + 1 < VARIABLES_MAX)
        variables[i] = variable;
}

static bool start(core_server *server, const char *const settings[], const char *const arguments[])
{
    static char writer[SETTING_LENGTH], cache[SETTING_LENGTH];
    const char *variables[VARIABLES_MAX] = {NULL}, *argv[ARGUMENTS_MAX] = {getenv("TODO_SERVER")};
    const char *store = getenv("TODO_TEST_STORE_URL"), *redis = getenv("TODO_TEST_CACHE_URL");

    if (argv[0] == NULL)
        return false;
    for (char **each = environ; *each != NULL; each++)
        if (!is_setting(*each))
            put(variables, *each);
    if (store != NULL)
        snprintf(writer, sizeof(writer), "DATABASE_WRITER_URL=%s", store);
    else
        snprintf(writer, sizeof(writer), "DATABASE_WRITER_URL=sqlite:%s/todo.db", server->folder);
    put(variables, writer);
    if (redis != NULL) {
        snprintf(cache, sizeof(cache), "REDIS_URL=%s", redis);
        put(variables, cache);
    }
    put(variables, "APP_ADDR=127.0.0.1:0");
    put(variables, "EDGE_SECRET=" CORE_EDGE_SECRET);
    put(variables, "JWT_SECRET=" CORE_JWT_SECRET);
    for (size_t i = 0; settings != NULL && settings[i] != NULL; i++)
        put(variables, settings[i]);
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL && i + 2 < ARGUMENTS_MAX; i++)
        argv[i + 1] = arguments[i];
    return process_start(&server->process, server->folder, (char *const *)argv, (char *const *)variables);
}

bool core_prepare(core_server *server)
{
    memset(server, 0, sizeof(*server));
    snprintf(server->folder, sizeof(server->folder), "%s/todo-test-XXXXXX",
             getenv("TMPDIR") != NULL && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    return mkdtemp(server->folder) != NULL;
}

/* The port that the newest line about it tells; 0 when there is none. */
static uint16_t told_port(const core_server *server)
{
    static const char mark[] = "\"message\":\"listening\",\"port\":\"";
    char *output = process_output(&server->process), *last = NULL;
    unsigned port = 0;

    for (char *at = output; at != NULL && (at = strstr(at, mark)) != NULL; at++)
        last = at;
    if (last != NULL)
        port = (unsigned)strtoul(last + sizeof(mark) - 1, NULL, 10);
    free(output);
    return (uint16_t)port;
}

bool core_start(core_server *server, const char *const settings[])
{
    char path[80];

    /* What an earlier run said must not be taken for this one's. */
    snprintf(path, sizeof(path), "%s/output", server->folder);
    unlink(path);
    server->port = 0;
    if (!start(server, settings, NULL) ||
        !process_says(&server->process, "\"message\":\"listening\"", START_TIMEOUT))
        return false;
    server->port = told_port(server);
    return server->port != 0;
}

int core_run(core_server *server, const char *const settings[], const char *const arguments[])
{
    return start(server, settings, arguments) ? process_wait(&server->process, START_TIMEOUT) : -1;
}

int core_stop(core_server *server)
{
    process_signal(&server->process, SIGTERM);
    return process_wait(&server->process, STOP_TIMEOUT);
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"output", "todo.db", "todo.db-wal", "todo.db-shm", "secret"};
    char path[96];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

void core_remove(core_server *server)
{
    process_signal(&server->process, SIGKILL);
    process_wait(&server->process, STOP_TIMEOUT);
    if (server->folder[0] != '\0')
        remove_folder(server->folder);
}

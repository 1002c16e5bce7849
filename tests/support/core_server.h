/* A todo-server of a test's own: on a free port, with a folder of its own for its store and its output. */
#ifndef TODO_TESTS_CORE_SERVER_H
#define TODO_TESTS_CORE_SERVER_H

#include <stdint.h>

#include "process.h"

#define CORE_EDGE_SECRET "test-edge-secret-0123456789abcdef"
#define CORE_JWT_SECRET  "test-jwt-secret-0123456789abcdef-0123456789"

typedef struct core_server {
    test_process process;
    char folder[64];
    uint16_t port; /* 0 when it does not listen */
} core_server;

/* Makes the folder. */
bool core_prepare(core_server *server);

/*
 * Starts the program that TODO_SERVER names, and waits until it listens. Its store is the one of with-services if there
 * is one, else embedded in the folder. `settings` (may be NULL): more "NAME=value", NULL-terminated, which override.
 */
bool core_start(core_server *server, const char *const settings[]);

/* Starts it with these arguments (NULL-terminated) and waits for its end: its exit code, or -1. */
int core_run(core_server *server, const char *const settings[], const char *const arguments[]);

/* Sends SIGTERM and waits: the exit code, or -1 when it did not end. */
int core_stop(core_server *server);

/* Kills it (SIGKILL) if it runs, and removes the folder. */
void core_remove(core_server *server);

#endif

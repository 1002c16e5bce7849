#include "edge.h"
#include "format.h"
#include "testing.h"
#include "token.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

/* Only what a program needs to run at all: nothing of the tests' own environment may configure the edge. */
static void base_environment(char *environment[], size_t *count, char texts[][512])
{
    static const char *const kept[] = {"PATH", "HOME", "XDG_CACHE_HOME", "EDGE_HOST"};

    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        if (getenv(kept[i]) != NULL) {
            snprintf(texts[i], sizeof(texts[i]), "%s=%s", kept[i], getenv(kept[i]));
            environment[(*count)++] = texts[i];
        }
    }
}

static bool is_overridden(const char *setting, const char *const more[])
{
    size_t length = strcspn(setting, "=") + 1;

    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        if (strncmp(more[i], setting, length) == 0)
            return true;
    }
    return false;
}

static bool is_host(const char *name)
{
    const char *host = getenv("EDGE_HOST");

    return strcmp(host != NULL ? host : "todo-edge", name) == 0;
}

bool edge_is_todo_edge(void)
{
    return is_host("todo-edge");
}

bool edge_is_jco(void)
{
    return is_host("jco");
}

static bool start(struct edge *edge, const char *address, const char *core_url, const char *const more[])
{
    char texts[4][512], core[256];
    char *environment[32];
    size_t count = 0;
    const char *const settings[] = {"JWT_SECRET=" TEST_SECRET, "EDGE_SECRET=" TEST_EDGE_SECRET,
                                    "TODO_EDGE=" TODO_EDGE,
                                    /* What was freed does not count as what a program holds. */
                                    "ASAN_OPTIONS=quarantine_size_mb=2", "UBSAN_OPTIONS=halt_on_error=1",
                                    edge_is_todo_edge() ? "EDGE_WASM=" TODO_EDGE_WASM
                                    : edge_is_jco()     ? "EDGE_WASM=" JCO_EDGE_WASM
                                                        : "EDGE_WASM=" EDGE_WASM};

    base_environment(environment, &count, texts);
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (!is_overridden(settings[i], more))
            environment[count++] = (char *)settings[i];
    }
    if (core_url != NULL && !is_overridden("CORE_URL=", more)) {
        snprintf(core, sizeof(core), "CORE_URL=%s", core_url);
        environment[count++] = core;
    }
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        environment[count++] = (char *)more[i];
    environment[count] = NULL;

    strcpy(edge->folder, "/tmp/edge-test-XXXXXX");
    char *const argv[] = {(char *)EDGE_SCRIPT, (char *)address, NULL};
    if (mkdtemp(edge->folder) == NULL || !process_start(&edge->process, edge->folder, argv, environment))
        return false;
    bool serves =
        process_says(&edge->process, "http://", 30000) && process_says(&edge->process, "/\n", 30000);
    char *output = process_output(&edge->process);
    if (!serves) {
        print_message("# the edge does not start: %.*s\n", (int)strcspn(output, "\n"), output);
        free(output);
        return false;
    }
    edge->port = (uint16_t)atoi(strrchr(output, ':') + 1);
    free(output);
    return edge->port != 0;
}

bool edge_start(struct edge *edge, const char *core_url, const char *const more[])
{
    return start(edge, "127.0.0.1:0", core_url, more);
}

bool edge_start_at(struct edge *edge, const char *address)
{
    return start(edge, address, NULL, NULL);
}

void edge_stop(struct edge *edge)
{
    char output[96];

    process_signal(&edge->process, SIGINT);
    if (process_wait(&edge->process, 5000) == -1) {
        process_signal(&edge->process, SIGKILL);
        process_wait(&edge->process, 5000);
    }
    snprintf(output, sizeof(output), "%s/output", edge->folder);
    unlink(output);
    rmdir(edge->folder);
}

uint64_t edge_resident(const struct edge *edge)
{
    char path[64];
    unsigned long size = 0, resident = 0;

    snprintf(path, sizeof(path), "/proc/%d/statm", (int)edge->process.pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2);
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

http_response edge_request(const struct edge *edge, const char *method, const char *path, const char *token,
                           const char *fields)
{
    http_response response = {0};
    char *all = format("%s%s%s%s", token ? "Authorization: Bearer " : "", token ? token : "",
                       token ? "\r\n" : "", fields ? fields : "");
    http_client *client = http_connect(edge->port);
    assert_non_null(client);
    assert_true(http_exchange(client, method, path, all, NULL, &response));
    http_close(client);
    free(all);
    return response;
}

http_response edge_raw(const struct edge *edge, const char *bytes)
{
    http_response response = {0};
    http_client *client = http_connect(edge->port);

    assert_non_null(client);
    http_send_text(client, bytes);
    if (!http_receive(client, false, &response))
        response.status = 0;
    http_close(client);
    return response;
}

void assert_error(const http_response *response, int status, const char *code, const char *message)
{
    char id[64], type[64], expected[512];

    assert_int_equal(response->status, status);
    assert_non_null(http_field(response, "content-type", type, sizeof(type)));
    assert_string_equal(type, "application/json");
    assert_non_null(http_field(response, "x-request-id", id, sizeof(id)));
    snprintf(expected, sizeof(expected), "{\"error\":\"%s\",\"code\":\"%s\",\"request_id\":\"%s\"}", message,
             code, id);
    assert_string_equal(response->body, expected);
}

/* What the core depends on goes away, comes back, or was never set up right: the log has one line for each change. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_server.h"
#include "http_client.h"

#define PATIENCE_MS 20000
#define EDGE_FIELDS \
    "X-Edge-Verified: " CORE_EDGE_SECRET "\r\nX-User-Id: 0195d1f2-0000-7000-8000-000000000001\r\n"

#define DOWN  "\"level\":\"warn\",\"message\":\"a dependency can't be reached\""
#define WRONG "\"level\":\"warn\",\"message\":\"a dependency is not set up as it must be\""
#define AGAIN "\"level\":\"warn\",\"message\":\"a dependency answers again\""

static void control(const char *name, const char *action)
{
    char command[512];

    snprintf(command, sizeof(command), "%s %s >/dev/null 2>&1", getenv(name), action);
    assert_int_equal(system(command), 0);
}

/* Lines of the log with all of these words. */
static unsigned lines_with(const core_server *server, const char *first, const char *second,
                           const char *third)
{
    char *output = process_output(&server->process), *rest = output, *line;
    unsigned count = 0;

    while ((line = strsep(&rest, "\n")) != NULL)
        count += strstr(line, first) != NULL && strstr(line, second) != NULL && strstr(line, third) != NULL;
    free(output);
    return count;
}

static void await_line(const core_server *server, const char *first, const char *second, const char *third)
{
    for (int i = 0; i < PATIENCE_MS / 50; i++) {
        if (lines_with(server, first, second, third) > 0)
            return;
        usleep(50000);
    }
    fail_msg("the log never had %s %s %s", first, second, third);
}

static void ask(const core_server *server, const char *path)
{
    http_response response = {0};
    http_client *client = http_connect(server->port);

    assert_non_null(client);
    assert_true(http_exchange(client, "GET", path, EDGE_FIELDS, NULL, &response));
    http_response_clear(&response);
    http_close(client);
}

/* Long enough for several probes, with requests meanwhile. */
static void let_time_pass(const core_server *server)
{
    for (int i = 0; i < 8; i++) {
        ask(server, "/api/todos");
        usleep(200000);
    }
}

static int set_up(void **state)
{
    core_server *server = calloc(1, sizeof(*server));

    *state = server;
    return server != NULL && core_prepare(server) ? 0 : -1;
}

static int tear_down(void **state)
{
    core_remove(*state);
    free(*state);
    return 0;
}

/* "NAME=URL" with `from` in the URL replaced, in a buffer of the caller. */
static const char *setting(char *text, size_t size, const char *name, const char *url, const char *from,
                           const char *to)
{
    const char *at = strstr(url, from);

    assert_non_null(at);
    snprintf(text, size, "%s=%.*s%s%s", name, (int)(at - url), url, to, at + strlen(from));
    return text;
}

static void a_wrong_password_of_the_cache_is_told_once(void **state)
{
    core_server *server = *state;
    char cache[256];
    const char *settings[] = {setting(cache, sizeof(cache), "REDIS_URL", getenv("TODO_TEST_CACHE_URL"),
                                      "redis://", "redis://:guess@"),
                              NULL};
    const char *const check[] = {"--check", NULL};
    char *output;

    assert_int_equal(core_run(server, settings, check), 1);
    output = process_output(&server->process);
    assert_non_null(strstr(output, "cache: a dependency is not set up as it must be"));
    assert_null(strstr(output, "guess"));
    free(output);
    assert_true(core_start(server, settings));
    await_line(server, WRONG, "\"dependency\":\"cache\"", "\"code\":\"cache_misconfigured\"");
    let_time_pass(server);
    assert_int_equal(lines_with(server, "\"dependency\":\"cache\"", "", ""), 1);
    output = process_output(&server->process);
    assert_null(strstr(output, "guess"));
    free(output);
    assert_int_equal(core_stop(server), 0);
}

static void a_wrong_password_of_the_reader_is_told_once(void **state)
{
    core_server *server = *state;
    char reader[256];
    const char *settings[] = {setting(reader, sizeof(reader), "DATABASE_READER_URL",
                                      getenv("TODO_TEST_READER_URL"), "todo-secret", "guess"),
                              NULL};
    const char *const check[] = {"--check", NULL};

    assert_int_equal(core_run(server, settings, check), 1);
    assert_true(core_start(server, settings));
    await_line(server, WRONG, "\"dependency\":\"reader\"", "28P01");
    let_time_pass(server);
    assert_int_equal(lines_with(server, "\"dependency\":\"reader\"", "", ""), 1);
    assert_int_equal(core_stop(server), 0);
}

static void sql(const char *statement)
{
    char command[1024];

    snprintf(command, sizeof(command), "'%s/psql' -qX -h '%s' -p %s -U postgres todo -c \"%s\" >/dev/null",
             getenv("TODO_TEST_PG_BIN"), getenv("TODO_TEST_PG_SOCKET"), getenv("TODO_TEST_PG_PORT"),
             statement);
    assert_int_equal(system(command), 0);
}

static void readiness_tells_a_wrong_password_from_an_outage(void **state)
{
    core_server *server = *state;
    http_response response = {0};
    http_client *client;

    assert_true(core_start(server, NULL));
    sql("ALTER ROLE todo PASSWORD 'another'");
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'todo'");
    await_line(server, WRONG, "\"dependency\":\"writer\"", "28P01");
    client = http_connect(server->port);
    assert_non_null(client);
    assert_true(http_exchange(client, "GET", "/readyz", "", NULL, &response));
    assert_int_equal(response.status, 503);
    assert_non_null(strstr(response.body, "database_misconfigured"));
    assert_null(strstr(response.body, "temporarily"));
    http_response_clear(&response);
    http_close(client);
    sql("ALTER ROLE todo PASSWORD 'todo-secret'");
    await_line(server, AGAIN, "\"dependency\":\"writer\"", "");
    assert_int_equal(core_stop(server), 0);
}

static void a_cache_that_is_down_is_a_warning_of_the_check(void **state)
{
    core_server *server = *state;
    const char *const settings[] = {"REDIS_URL=redis://127.0.0.1:1", NULL};
    const char *const check[] = {"--check", NULL};
    char *output;

    assert_int_equal(core_run(server, settings, check), 0);
    output = process_output(&server->process);
    assert_non_null(strstr(output, "cache: a dependency can't be reached"));
    free(output);
}

static void each_going_and_coming_is_told_once(void **state)
{
    static const struct {
        const char *part, *control, *stop;
    } all[] = {{"\"dependency\":\"cache\"", "TODO_TEST_REDIS_CTL", "stop"},
               {"\"dependency\":\"reader\"", "TODO_TEST_REPLICA_CTL", "stop -m immediate"},
               {"\"dependency\":\"writer\"", "TODO_TEST_PG_CTL", "stop -m immediate"}};
    core_server *server = *state;
    char reader[256];
    const char *settings[] = {
        setting(reader, sizeof(reader), "DATABASE_READER_URL", getenv("TODO_TEST_READER_URL"), "", ""), NULL};

    assert_true(core_start(server, settings));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        control(all[i].control, all[i].stop);
        await_line(server, DOWN, all[i].part, "_unavailable");
        let_time_pass(server);
        control(all[i].control, "start");
        await_line(server, AGAIN, all[i].part, "");
        assert_int_equal(lines_with(server, all[i].part, "", ""), 2);
    }
    assert_int_equal(core_stop(server), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_wrong_password_of_the_cache_is_told_once),
        CASE(a_wrong_password_of_the_reader_is_told_once),
        CASE(readiness_tells_a_wrong_password_from_an_outage),
        CASE(a_cache_that_is_down_is_a_warning_of_the_check),
        CASE(each_going_and_coming_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

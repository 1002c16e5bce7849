/* The database goes away and comes back: precise statuses meanwhile, no word of the driver, recovery by itself. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TODOS "/api/todos"

static void control_database(const char *action)
{
    char command[512];

    snprintf(command, sizeof(command), "%s %s >/dev/null 2>&1", getenv("TODO_TEST_PG_CTL"), action);
    assert_int_equal(system(command), 0);
}

static void expect_unavailable(api *self, const char *method, const char *path, const char *body)
{
    static const char *const words[] = {"PG",        "postgres",   "libpq", "socket",
                                        "server at", "connection", "SQL"};

    json_object_put(api_call(self, self->alice, method, path, body, 503));
    assert_true(atoi(api_field(self, "Retry-After")) >= 1);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        assert_null(strstr(self->response.body, words[i]));
        assert_null(strstr(self->response.head, words[i]));
    }
}

/* Asks until the answer is 200; each other one must be 503. */
static void wait_for_recovery(api *self)
{
    char fields[256];

    snprintf(fields, sizeof(fields), EDGE_FIELD "X-User-Id: %s\r\n", self->alice);
    for (;;) {
        http_client *client = http_connect(self->server.port);

        assert_non_null(client);
        http_response_clear(&self->response);
        assert_true(http_exchange(client, "GET", TODOS, fields, NULL, &self->response));
        http_close(client);
        if (self->response.status == 200)
            return;
        assert_int_equal(self->response.status, 503);
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
}

static void without_a_database_it_is_503_until_it_returns(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "before", id);
    control_database("stop -m immediate");
    expect_unavailable(self, "POST", TODOS, "{\"title\":\"x\"}");
    expect_unavailable(self, "PATCH", api_path(id), "{\"title\":\"x\"}");
    expect_unavailable(self, "DELETE", api_path(id), NULL);
    expect_unavailable(self, "GET", TODOS, NULL);
    expect_unavailable(self, "GET", "/readyz", NULL);
    json_object_put(api_call(self, NULL, "GET", "/livez", NULL, 200));
    json_object_put(api_call(self, NULL, "GET", "/health", NULL, 200));
    api_fails(self, self->alice, "POST", TODOS, "{\"title\":\" \"}", 400, "title_empty", NULL);
    control_database("start");
    wait_for_recovery(self);
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
    json_object_put(api_call(self, NULL, "GET", "/readyz", NULL, 200));
}

static void the_log_says_what_the_client_is_not_told(void **state)
{
    api *self = *state;
    char *output = process_output(&self->server.process);

    assert_non_null(strstr(output, "\"level\":\"error\""));
    assert_non_null(strstr(output, "\"detail\":\""));
    free(output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_database_it_is_503_until_it_returns),
        cmocka_unit_test(the_log_says_what_the_client_is_not_told),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}

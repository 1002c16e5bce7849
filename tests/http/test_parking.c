/* Requests that wait for the database give up their threads: what is then answered, by whom, and in which order. */
#include "api.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CLIENTS 24
#define WARM    8 /* requests after which a connection counts as one that lasts */
#define PSQL    "psql -qXAt \"$TODO_TEST_STORE_URL\" -c "
#define LOCKS   "FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'todos'::regclass"

typedef struct parked {
    api *api;
    http_client *clients[CLIENTS];
    char ids[CLIENTS][40];
} parked;

static void pause_ms(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

static long count_locks(void)
{
    FILE *output = popen(PSQL "\"SELECT count(*) " LOCKS "\"", "r");
    long count = -1;

    assert_non_null(output);
    assert_int_equal(fscanf(output, "%ld", &count), 1);
    pclose(output);
    return count;
}

/* Nobody gets at the todos for so many seconds; returns when that has begun. */
static void lock_todos(int seconds)
{
    char command[256];

    snprintf(command, sizeof(command),
             PSQL "'BEGIN; LOCK TABLE todos IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(%d)' >/dev/null &",
             seconds);
    assert_int_equal(system(command), 0);
    while (count_locks() == 0)
        pause_ms(10);
}

static void unlock_todos(void)
{
    assert_int_equal(system(PSQL "\"SELECT pg_cancel_backend(pid) " LOCKS "\" >/dev/null"), 0);
    while (count_locks() != 0)
        pause_ms(10);
}

static void send_request(parked *self, int i, const char *method, const char *path, const char *body)
{
    char fields[256];

    snprintf(fields, sizeof(fields), EDGE_FIELD "X-User-Id: %s\r\n", self->api->alice);
    assert_true(http_request(self->clients[i], method, path, fields, body));
}

static void send_get(parked *self, int i)
{
    send_request(self, i, "GET", api_path(self->ids[i]), NULL);
}

/* A change, for a get may be answered from the process's own memory, without the database. */
static void send_patch(parked *self, int i)
{
    send_request(self, i, "PATCH", api_path(self->ids[i]), "{\"completed\":true}");
}

static void send_patches(parked *self)
{
    for (int i = 0; i < CLIENTS; i++)
        send_patch(self, i);
}

static void send_list(parked *self, int i)
{
    char path[64];

    snprintf(path, sizeof(path), "/api/todos?limit=%d", i + 1);
    send_request(self, i, "GET", path, NULL);
}

static json_object *receive(parked *self, int i, int status)
{
    http_response *response = &self->api->response;

    http_response_clear(response);
    assert_true(http_receive(self->clients[i], false, response));
    assert_int_equal(response->status, status);
    return json_tokener_parse(response->body);
}

static void receive_todo(parked *self, int i)
{
    json_object *todo = receive(self, i, 200);

    assert_string_equal(json_text(todo, "id"), self->ids[i]);
    json_object_put(todo);
}

static void receive_todos(parked *self)
{
    for (int i = 0; i < CLIENTS; i++)
        receive_todo(self, i);
}

/* Connections that last, each with a todo of its own. */
static void open_clients(parked *self)
{
    for (int i = 0; i < CLIENTS; i++) {
        self->clients[i] = http_connect(self->api->server.port);
        assert_non_null(self->clients[i]);
        api_create(self->api, self->api->alice, "parked", self->ids[i]);
        for (int n = 0; n < WARM; n++) {
            send_get(self, i);
            receive_todo(self, i);
        }
    }
}

static void close_clients(parked *self)
{
    for (int i = 0; i < CLIENTS; i++)
        http_close(self->clients[i]);
}

static void each_is_answered_when_the_database_goes_on(void **state)
{
    parked self = {.api = *state};

    open_clients(&self);
    lock_todos(1);
    send_patches(&self);
    json_object_put(api_call(self.api, NULL, "GET", "/health", NULL, 200));
    receive_todos(&self);
    close_clients(&self);
}

static void the_order_is_that_of_the_requests(void **state)
{
    parked self = {.api = *state};

    open_clients(&self);
    lock_todos(1);
    for (int i = 0; i < CLIENTS; i++) {
        send_patch(&self, i);
        send_list(&self, i);
        send_get(&self, i);
    }
    for (int i = 0; i < CLIENTS; i++) {
        json_object *list;

        receive_todo(&self, i);
        list = receive(&self, i, 200);
        assert_int_equal(json_object_array_length(list), i + 1);
        json_object_put(list);
        receive_todo(&self, i);
    }
    close_clients(&self);
}

static void clients_that_leave_disturb_nobody(void **state)
{
    parked self = {.api = *state};

    open_clients(&self);
    lock_todos(1);
    send_patches(&self);
    pause_ms(200);
    for (int i = 0; i < CLIENTS; i += 2) {
        http_close(self.clients[i]);
        self.clients[i] = http_connect(self.api->server.port); /* and others come in their place */
        send_get(&self, i);
    }
    receive_todos(&self);
    close_clients(&self);
}

static void nobody_waits_beyond_the_deadline(void **state)
{
    static const char *const hasty[] = {"APP_CALL_TIMEOUT_MS=700", "APP_KEEP_ALIVE_MS=30000", NULL};
    parked self = {.api = *state};
    core_server *server = &self.api->server;
    time_t begun;

    assert_int_equal(core_stop(server), 0);
    assert_true(core_start(server, hasty));
    open_clients(&self);
    lock_todos(8);
    begun = time(NULL);
    send_patches(&self);
    for (int i = 0; i < CLIENTS; i++)
        json_object_put(receive(&self, i, 503));
    assert_true(time(NULL) - begun < 7);
    unlock_todos();
    for (int i = 0; i < CLIENTS; i++) {
        send_get(&self, i);
        receive_todo(&self, i);
    }
    close_clients(&self);
}

static void a_server_that_stops_answers_them_first(void **state)
{
    parked self = {.api = *state};

    open_clients(&self);
    lock_todos(1);
    send_patches(&self);
    pause_ms(100);
    process_signal(&self.api->server.process, SIGTERM);
    for (int i = 0; i < CLIENTS; i++) {
        receive_todo(&self, i);
        assert_string_equal(api_field(self.api, "Connection"), "close");
        assert_true(http_is_closed(self.clients[i]));
    }
    assert_int_equal(core_stop(&self.api->server), 0);
    assert_true(core_start(&self.api->server, NULL));
    close_clients(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_answered_when_the_database_goes_on),
        cmocka_unit_test(the_order_is_that_of_the_requests),
        cmocka_unit_test(clients_that_leave_disturb_nobody),
        cmocka_unit_test(a_server_that_stops_answers_them_first),
        cmocka_unit_test(nobody_waits_beyond_the_deadline),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}

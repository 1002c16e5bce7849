#include "api.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void connect_anew(api *self)
{
    http_close(self->client);
    self->client = http_connect(self->server.port);
    assert_non_null(self->client);
}

int api_setup(void **state)
{
    /* Under valgrind a password takes seconds to hash, and a queue of them its time. */
    static const char *const patient[] = {"APP_CALL_TIMEOUT_MS=55000", NULL};
    api *self = calloc(1, sizeof(*self));
    char email[64];

    signal(SIGPIPE, SIG_IGN);
    assert_non_null(self);
    *state = self;
    assert_true(core_prepare(&self->server));
    assert_true(core_start(&self->server, patient));
    snprintf(email, sizeof(email), "alice-%d@example.org", (int)getpid());
    api_register(self, email, self->alice);
    snprintf(email, sizeof(email), "bob-%d@example.org", (int)getpid());
    api_register(self, email, self->bob);
    return 0;
}

/* A server that ends with another code than 0 has found something: so do sanitizers and valgrind speak. */
int api_teardown(void **state)
{
    api *self = *state;
    int code = 0;

    http_close(self->client);
    http_response_clear(&self->response);
    if (self->server.process.pid > 0)
        code = core_stop(&self->server);
    if (code != 0) {
        char *output = process_output(&self->server.process);

        print_error("the server ended with %d:\n%s\n", code, output);
        free(output);
    }
    core_remove(&self->server);
    free(self);
    return code;
}

void api_register(api *self, const char *email, char *id)
{
    char body[256];
    json_object *user;

    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"correct horse\"}", email);
    user = api_call(self, NULL, "POST", "/api/auth/register", body, 201);
    snprintf(id, 40, "%s", json_text(user, "id"));
    json_object_put(user);
}

static bool closes(const http_response *response)
{
    char value[32];

    return http_field(response, "Connection", value, sizeof(value)) != NULL && strcmp(value, "close") == 0;
}

/* Reconnects when the server closed the connection while it was idle. */
static void exchange(api *self, const char *method, const char *path, const char *fields, const char *body)
{
    bool answered;

    http_response_clear(&self->response);
    if (self->client == NULL)
        connect_anew(self);
    answered = http_exchange(self->client, method, path, fields, body, &self->response);
    if (!answered) {
        connect_anew(self);
        answered = http_exchange(self->client, method, path, fields, body, &self->response);
    }
    assert_true(answered);
    if (closes(&self->response)) {
        http_close(self->client);
        self->client = NULL;
    }
}

json_object *api_send(api *self, const char *user, const char *method, const char *path, const char *fields,
                      const char *body, int expected)
{
    char all[8192], edge[256] = "";
    json_object *json = NULL;

    if (user != NULL)
        snprintf(edge, sizeof(edge), EDGE_FIELD "X-User-Id: %s\r\n", user);
    snprintf(all, sizeof(all), "%s%s", edge, fields != NULL ? fields : "");
    exchange(self, method, path, all, body);
    if (self->response.status != expected)
        print_error("%s %s: %d, not %d: %s\n", method, path, self->response.status, expected,
                    self->response.body);
    assert_int_equal(self->response.status, expected);
    api_field(self, "X-Request-Id");
    if (self->response.body_length > 0) {
        assert_string_equal(api_field(self, "Content-Type"), "application/json");
        json = json_tokener_parse(self->response.body);
        assert_non_null(json);
    }
    return json;
}

json_object *api_call(api *self, const char *user, const char *method, const char *path, const char *body,
                      int expected)
{
    return api_send(self, user, method, path, NULL, body, expected);
}

void api_silent(api *self, const char *user, const char *method, const char *path, const char *fields,
                int expected)
{
    assert_null(api_send(self, user, method, path, fields, NULL, expected));
}

void api_check_error(api *self, const char *code, const char *message)
{
    json_object *error = json_tokener_parse(self->response.body);

    assert_non_null(error);
    assert_string_equal(json_text(error, "code"), code);
    if (message != NULL)
        assert_string_equal(json_text(error, "error"), message);
    json_text(error, "error");
    assert_string_equal(json_text(error, "request_id"), api_field(self, "X-Request-Id"));
    json_object_put(error);
}

void api_fails(api *self, const char *user, const char *method, const char *path, const char *body,
               int expected, const char *code, const char *message)
{
    json_object_put(api_call(self, user, method, path, body, expected));
    api_check_error(self, code, message);
}

void api_raw(api *self, const void *bytes, size_t length, int expected, bool closed)
{
    http_client *client = http_connect(self->server.port);

    assert_non_null(client);
    http_response_clear(&self->response);
    assert_true(http_send(client, bytes, length));
    assert_true(http_receive(client, false, &self->response));
    if (self->response.status != expected)
        print_error("%d, not %d: %s%s\n", self->response.status, expected, self->response.head,
                    self->response.body);
    assert_int_equal(self->response.status, expected);
    assert_int_equal(closes(&self->response), closed);
    if (closed)
        assert_true(http_is_closed(client));
    http_close(client);
}

void api_raw_text(api *self, const char *text, int expected, bool closed)
{
    api_raw(self, text, strlen(text), expected, closed);
}

void api_create(api *self, const char *user, const char *title, char *id)
{
    json_object *draft = json_object_new_object(), *todo;

    json_object_object_add(draft, "title", json_object_new_string(title));
    todo = api_call(self, user, "POST", "/api/todos", json_object_to_json_string(draft), 201);
    snprintf(id, 40, "%s", json_text(todo, "id"));
    json_object_put(todo);
    json_object_put(draft);
}

const char *api_path(const char *id)
{
    static char path[128];

    snprintf(path, sizeof(path), "/api/todos/%s", id);
    return path;
}

json_object *json_member(json_object *object, const char *member, json_type type)
{
    json_object *value = NULL;

    assert_true(json_object_object_get_ex(object, member, &value));
    assert_int_equal(json_object_get_type(value), type);
    return value;
}

const char *json_text(json_object *object, const char *member)
{
    return json_object_get_string(json_member(object, member, json_type_string));
}

static void check_uuid(const char *text)
{
    assert_int_equal(strlen(text), 36);
    for (size_t i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(text[i], '-');
        else
            assert_true(isxdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]));
    }
}

static void check_time(const char *text)
{
    int year, month, day, hour, minute, second, end = 0;

    assert_int_equal(
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &end), 6);
    assert_int_equal(end, 19);
    assert_true(year >= 2024);
    assert_int_equal(text[strlen(text) - 1], 'Z');
}

void check_todo(json_object *todo, const char *user)
{
    json_object *description = NULL;

    check_uuid(json_text(todo, "id"));
    assert_string_equal(json_text(todo, "user_id"), user);
    assert_true(strlen(json_text(todo, "title")) > 0);
    assert_true(json_object_object_get_ex(todo, "description", &description));
    assert_true(description == NULL || json_object_is_type(description, json_type_string));
    json_member(todo, "completed", json_type_boolean);
    check_time(json_text(todo, "created_at"));
    check_time(json_text(todo, "updated_at"));
}

const char *api_field(api *self, const char *name)
{
    static char value[1024];
    const char *found = http_field(&self->response, name, value, sizeof(value));

    assert_non_null(found);
    return found;
}

/*
 * 16 clients at once, mixing every endpoint for STRESS_SECONDS (8 by default) against one server, each checking every
 * answer against what it knows. Meant to be run under the sanitizers: what they find ends the server with another exit
 * code than 0. Prints TAP, and how many answers of each kind there were.
 */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "core_server.h"
#include "http_client.h"

#define CLIENTS      16
#define OWN_TODOS    32
#define SHARED_TODOS 8
#define EDGE_FIELD   "X-Edge-Verified: " CORE_EDGE_SECRET "\r\n"
#define UNKNOWN      "01890a5d-ac96-774b-bcce-b302099a8057"

/* What a client knows of one of its todos. */
typedef struct known_todo {
    char id[40]; /* "" when there is none */
    char title[32];
    bool completed;
    long version;
} known_todo;

typedef struct stress_client {
    unsigned number;
    unsigned seed;
    http_client *connection;
    http_response response;
    char email[64];
    char user[40];
    known_todo todos[OWN_TODOS];
    unsigned count; /* of the todos that there are */
    long answers;
} stress_client;

static core_server server;
static atomic_bool time_is_up;
static atomic_long surprises;
static atomic_long statuses[600];
static char shared_user[40]; /* whom all clients write for */
static char shared_todos[SHARED_TODOS][40];

static void surprise(const stress_client *self, const char *what, const char *path)
{
    if (atomic_fetch_add(&surprises, 1) < 20)
        printf("# client %u: %s: %s: %d %s\n", self->number, what, path, self->response.status,
               self->response.body != NULL ? self->response.body : "(no answer)");
}

static unsigned pick(stress_client *self, unsigned below)
{
    return (unsigned)rand_r(&self->seed) % below;
}

static bool is_closing(const http_response *response)
{
    char value[32];

    return http_field(response, "Connection", value, sizeof(value)) != NULL && strcmp(value, "close") == 0;
}

/* Sends a request; the answer is in self->response, its status 0 when there is none. */
static void exchange(stress_client *self, const char *user, const char *method, const char *path,
                     const char *more, const char *body)
{
    char fields[512] = "";

    if (user != NULL)
        snprintf(fields, sizeof(fields), EDGE_FIELD "X-User-Id: %s\r\n%s", user, more);
    http_response_clear(&self->response);
    /* A kept connection may be closed by the server just now; a new one may not. */
    for (int attempt = 0; attempt < 2; attempt++) {
        bool fresh = self->connection == NULL;

        if (fresh)
            self->connection = http_connect(server.port);
        if (self->connection != NULL &&
            http_exchange(self->connection, method, path, fields, body, &self->response))
            break;
        http_close(self->connection);
        self->connection = NULL;
        if (fresh)
            break;
    }
    if (self->connection != NULL && is_closing(&self->response)) {
        http_close(self->connection);
        self->connection = NULL;
    }
    atomic_fetch_add(&statuses[self->response.status % 600], 1);
    self->answers++;
}

/* Expects one of the statuses (0 ends them); whether it came. */
static bool expect(stress_client *self, const char *path, ...)
{
    va_list statuses_list;
    int status;

    va_start(statuses_list, path);
    do
        status = va_arg(statuses_list, int);
    while (status != 0 && status != self->response.status);
    va_end(statuses_list);
    if (status == 0)
        surprise(self, "unexpected status", path);
    return status != 0;
}

static const char *path_of(const char *id, char path[128])
{
    snprintf(path, 128, "/api/todos/%s", id);
    return path;
}

static bool text_is(json_object *object, const char *member, const char *expected)
{
    json_object *value;

    return json_object_object_get_ex(object, member, &value) &&
           json_object_is_type(value, json_type_string) &&
           strcmp(json_object_get_string(value), expected) == 0;
}

/* Whether the answer is this todo, as the client knows it. */
static void check_todo(stress_client *self, const known_todo *known, const char *path)
{
    json_object *todo = json_tokener_parse(self->response.body), *completed;
    char etag[32], expected[32];

    snprintf(expected, sizeof(expected), "\"%ld\"", known->version);
    if (todo == NULL || !text_is(todo, "id", known->id) || !text_is(todo, "title", known->title) ||
        !text_is(todo, "user_id", self->user) || !json_object_object_get_ex(todo, "completed", &completed) ||
        json_object_get_boolean(completed) != known->completed ||
        http_field(&self->response, "ETag", etag, sizeof(etag)) == NULL || strcmp(etag, expected) != 0)
        surprise(self, "not the todo that was written", path);
    json_object_put(todo);
}

static known_todo *free_place(stress_client *self)
{
    for (int i = 0; i < OWN_TODOS; i++)
        if (self->todos[i].id[0] == '\0')
            return &self->todos[i];
    return NULL;
}

static known_todo *any_todo(stress_client *self)
{
    unsigned start = pick(self, OWN_TODOS);

    for (unsigned i = 0; i < OWN_TODOS; i++)
        if (self->todos[(start + i) % OWN_TODOS].id[0] != '\0')
            return &self->todos[(start + i) % OWN_TODOS];
    return NULL;
}

static void remember(stress_client *self, known_todo *place, json_object *todo, const char *title)
{
    json_object *id = NULL;

    if (todo == NULL || !json_object_object_get_ex(todo, "id", &id) || !text_is(todo, "title", title)) {
        surprise(self, "no todo", title);
        return;
    }
    snprintf(place->id, sizeof(place->id), "%s", json_object_get_string(id));
    snprintf(place->title, sizeof(place->title), "%s", title);
    place->completed = false;
    place->version = 1;
    self->count++;
}

static void create(stress_client *self)
{
    known_todo *place = free_place(self);
    char title[32], body[64];
    json_object *todo;

    if (place == NULL)
        return;
    snprintf(title, sizeof(title), "c%u-%ld", self->number, self->answers);
    snprintf(body, sizeof(body), "{\"title\":\"  %s \"}", title);
    exchange(self, self->user, "POST", "/api/todos", "", body);
    if (!expect(self, "create", 201, 0))
        return;
    todo = json_tokener_parse(self->response.body);
    remember(self, place, todo, title);
    json_object_put(todo);
}

static void create_batch(stress_client *self)
{
    char title[2][32], body[160];
    json_object *list;

    if (self->count + 2 > OWN_TODOS)
        return;
    for (int i = 0; i < 2; i++)
        snprintf(title[i], sizeof(title[i]), "b%u-%ld-%d", self->number, self->answers, i);
    snprintf(body, sizeof(body), "{\"todos\":[{\"title\":\"%s\"},{\"title\":\"%s\"}]}", title[0], title[1]);
    exchange(self, self->user, "POST", "/api/todos/batch", "", body);
    if (!expect(self, "batch", 201, 0))
        return;
    list = json_tokener_parse(self->response.body);
    for (size_t i = 0; i < 2; i++)
        remember(self, free_place(self), json_object_array_get_idx(list, i), title[i]);
    json_object_put(list);
}

static void read_one(stress_client *self)
{
    known_todo *known = any_todo(self);
    char path[128];

    if (known == NULL)
        return;
    exchange(self, self->user, "GET", path_of(known->id, path), "", NULL);
    if (expect(self, path, 200, 0))
        check_todo(self, known, path);
}

static void change(stress_client *self)
{
    known_todo *known = any_todo(self), next;
    char path[128], body[96];

    if (known == NULL)
        return;
    next = *known;
    next.completed = !next.completed;
    next.version++;
    snprintf(next.title, sizeof(next.title), "p%u-%ld", self->number, self->answers);
    snprintf(body, sizeof(body), "{\"title\":\"%s\",\"completed\":%s}", next.title,
             next.completed ? "true" : "false");
    exchange(self, self->user, "PATCH", path_of(known->id, path), "", body);
    if (!expect(self, path, 200, 0))
        return;
    *known = next;
    check_todo(self, known, path);
}

static void change_stale(stress_client *self)
{
    known_todo *known = any_todo(self);
    char path[128], more[64];

    if (known == NULL)
        return;
    snprintf(more, sizeof(more), "If-Match: \"%ld\"\r\n", known->version + 1);
    exchange(self, self->user, "PATCH", path_of(known->id, path), more, "{\"title\":\"never\"}");
    expect(self, path, 412, 0);
}

static void remove_one(stress_client *self)
{
    known_todo *known = any_todo(self);
    char path[128];

    if (known == NULL || self->count < OWN_TODOS / 2)
        return;
    exchange(self, self->user, "DELETE", path_of(known->id, path), "", NULL);
    if (!expect(self, path, 204, 0))
        return;
    known->id[0] = '\0';
    self->count--;
    exchange(self, self->user, "GET", path, "", NULL);
    expect(self, path, 404, 0);
}

static void list_own(stress_client *self)
{
    json_object *list;

    exchange(self, self->user, "GET", "/api/todos?limit=1000", "", NULL);
    if (!expect(self, "list", 200, 0))
        return;
    list = json_tokener_parse(self->response.body);
    if (!json_object_is_type(list, json_type_array) || json_object_array_length(list) != self->count)
        surprise(self, "a list of another length", "list");
    json_object_put(list);
}

static void list_filtered(stress_client *self)
{
    exchange(self, self->user, "GET", "/api/todos?completed=true&limit=3&sort=-updated_at", "", NULL);
    expect(self, "filtered list", 200, 0);
}

/* All clients at once; so only what is always true can be checked. */
static void share(stress_client *self)
{
    const char *id = shared_todos[pick(self, SHARED_TODOS)];
    char path[128], body[64];

    switch (pick(self, 4)) {
    case 0:
        snprintf(body, sizeof(body), "{\"title\":\"s%u\"}", self->number);
        exchange(self, shared_user, "PATCH", path_of(id, path), "", body);
        expect(self, path, 200, 0);
        break;
    case 1:
        exchange(self, shared_user, "PATCH", path_of(id, path), "If-Match: \"1\"\r\n",
                 "{\"completed\":true}");
        expect(self, path, 200, 412, 0);
        break;
    case 2:
        exchange(self, shared_user, "GET", "/api/todos", "", NULL);
        expect(self, "shared list", 200, 0);
        break;
    default:
        exchange(self, shared_user, "GET", path_of(id, path), "", NULL);
        expect(self, path, 200, 0);
    }
}

static void intrude(stress_client *self)
{
    char path[128];

    exchange(self, self->user, "GET", path_of(shared_todos[0], path), "", NULL);
    expect(self, path, 404, 0);
    exchange(self, UNKNOWN, "POST", "/api/todos", "", "{\"title\":\"x\"}");
    expect(self, "unknown user", 401, 0);
    exchange(self, NULL, "GET", "/api/todos", "", NULL);
    expect(self, "without the edge", 403, 0);
}

static void look_around(stress_client *self)
{
    static const char *const paths[] = {"/health", "/livez", "/readyz"};

    exchange(self, NULL, "GET", paths[pick(self, 3)], "", NULL);
    expect(self, "health", 200, 0);
}

static void err(stress_client *self)
{
    exchange(self, self->user, "POST", "/api/todos", "", "{\"title\":");
    expect(self, "malformed", 400, 0);
    exchange(self, self->user, "POST", "/api/todos", "", "{\"title\":7}");
    expect(self, "wrong type", 422, 0);
    exchange(self, self->user, "PUT", "/api/todos", "", NULL);
    expect(self, "wrong method", 405, 0);
    exchange(self, self->user, "GET", "/api/todos/nothing", "", NULL);
    expect(self, "bad id", 404, 0);
    exchange(self, self->user, "POST", "/api/todos", "Content-Type: text/plain\r\n", "x");
    expect(self, "wrong type", 415, 0);
}

/* Leaves in the middle of a request or of an answer. */
static void leave(stress_client *self)
{
    http_client *connection = http_connect(server.port);
    char text[512];

    if (connection == NULL)
        return;
    snprintf(text, sizeof(text), "GET /api/todos HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\n\r\n",
             self->user);
    http_send(connection, text, pick(self, 2) == 0 ? strlen(text) : strlen(text) / 2);
    http_close(connection);
}

/* Hashing takes long, and is behind a bounded queue: 429 is an answer too. */
static void log_in(stress_client *self)
{
    char body[192];
    bool right = pick(self, 2) == 0;

    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}", self->email,
             right ? "password" : "wrong-one");
    exchange(self, NULL, "POST", "/api/auth/login", "", body);
    expect(self, "login", right ? 200 : 401, 429, 0);
}

static void register_again(stress_client *self)
{
    char body[192];

    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"password\"}", self->email);
    exchange(self, NULL, "POST", "/api/auth/register", "", body);
    expect(self, "register", 409, 429, 0);
}

/* An account: its id into `id`. */
static bool open_account(stress_client *self, const char *email, char id[40])
{
    char body[192];
    json_object *user, *member;

    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"password\"}", email);
    exchange(self, NULL, "POST", "/api/auth/register", "", body);
    if (!expect(self, "register", 201, 0))
        return false;
    user = json_tokener_parse(self->response.body);
    if (json_object_object_get_ex(user, "id", &member))
        snprintf(id, 40, "%s", json_object_get_string(member));
    json_object_put(user);
    return id[0] != '\0';
}

static void *run(void *arg)
{
    static void (*const actions[])(stress_client *) = {
        create,       create,     read_one, read_one, read_one,    change, change,
        change_stale, remove_one, list_own, share,    share,       share,  list_filtered,
        look_around,  intrude,    err,      leave,    create_batch};
    stress_client *self = arg;

    while (!atomic_load(&time_is_up)) {
        if (pick(self, 200) == 0)
            log_in(self);
        else if (pick(self, 400) == 0)
            register_again(self);
        else
            actions[pick(self, sizeof(actions) / sizeof(actions[0]))](self);
    }
    http_close(self->connection);
    http_response_clear(&self->response);
    return NULL;
}

static bool prepare(stress_client clients[CLIENTS])
{
    stress_client *first = &clients[0];
    char email[64];

    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i].number = i;
        clients[i].seed = i + 1;
        snprintf(clients[i].email, sizeof(clients[i].email), "stress-%d-%u@example.org", (int)getpid(), i);
        if (!open_account(&clients[i], clients[i].email, clients[i].user))
            return false;
    }
    snprintf(email, sizeof(email), "shared-%d@example.org", (int)getpid());
    if (!open_account(first, email, shared_user))
        return false;
    for (int i = 0; i < SHARED_TODOS; i++) {
        json_object *todo, *id;

        exchange(first, shared_user, "POST", "/api/todos", "", "{\"title\":\"shared\"}");
        todo = json_tokener_parse(first->response.body);
        if (json_object_object_get_ex(todo, "id", &id))
            snprintf(shared_todos[i], sizeof(shared_todos[i]), "%s", json_object_get_string(id));
        json_object_put(todo);
    }
    return true;
}

static void run_all(stress_client clients[CLIENTS], unsigned seconds)
{
    pthread_t threads[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&threads[i], NULL, run, &clients[i]);
    sleep(seconds);
    atomic_store(&time_is_up, true);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
}

static void report(const stress_client clients[CLIENTS])
{
    long total = 0;

    for (int i = 0; i < CLIENTS; i++)
        total += clients[i].answers;
    printf("# %ld answers:", total);
    for (int status = 0; status < 600; status++)
        if (atomic_load(&statuses[status]) > 0)
            printf(" %d: %ld", status, atomic_load(&statuses[status]));
    printf("\n");
}

static void show_output(void)
{
    char *output = process_output(&server.process);

    for (char *line = strtok(output, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (line[0] != '{' || strstr(line, "\"level\":\"error\"") != NULL)
            printf("# %s\n", line);
    free(output);
}

int main(void)
{
    static stress_client clients[CLIENTS];
    const char *seconds = getenv("STRESS_SECONDS");
    bool started, right;
    int code = -1;

    signal(SIGPIPE, SIG_IGN);
    started = core_prepare(&server) && core_start(&server, NULL) && prepare(clients);
    if (started)
        run_all(clients, seconds != NULL ? (unsigned)atoi(seconds) : 8);
    report(clients);
    right = started && atomic_load(&surprises) == 0;
    printf("1..2\n%sok 1 - every answer was plausible\n", right ? "" : "not ");
    code = core_stop(&server);
    printf("%sok 2 - the server ended with 0\n", code == 0 ? "" : "not ");
    if (!right || code != 0)
        show_output();
    core_remove(&server);
    return right && code == 0 ? 0 : 1;
}

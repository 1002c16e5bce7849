/* How the server starts, stops, and dies; and what it says meanwhile. */
#include "api.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TODOS "/api/todos"

static const char *const no_settings[] = {NULL};

/* Each test has its own server, prepared but not started. */
static int prepare(void **state)
{
    api *self = calloc(1, sizeof(*self));

    signal(SIGPIPE, SIG_IGN);
    *state = self;
    return self != NULL && core_prepare(&self->server) ? 0 : -1;
}

static int clean_up(void **state)
{
    api *self = *state;

    http_close(self->client);
    http_response_clear(&self->response);
    core_remove(&self->server);
    free(self);
    return 0;
}

static void start(api *self, const char *const settings[])
{
    http_close(self->client);
    self->client = NULL;
    assert_true(core_start(&self->server, settings));
}

static void fresh_user(api *self, char *id)
{
    static int count;
    char email[64];

    snprintf(email, sizeof(email), "life-%d-%d@example.org", (int)getpid(), count++);
    api_register(self, email, id);
}

/* Runs it in vain: exit code 1 and one line that says `words`. */
static void refuses(api *self, const char *const settings[], const char *const arguments[], const char *words)
{
    char *output;

    unlink(self->server.process.output);
    assert_int_equal(core_run(&self->server, settings, arguments), 1);
    output = process_output(&self->server.process);
    if (strstr(output, words) == NULL || strchr(output, '\n') != strrchr(output, '\n'))
        print_error("said: %s\n", output);
    assert_non_null(strstr(output, words));
    assert_memory_equal(output, "todo-server: ", 13);
    assert_ptr_equal(strchr(output, '\n'), output + strlen(output) - 1);
    free(output);
}

static void a_restart_keeps_the_data(void **state)
{
    api *self = *state;
    char user[40], id[40];
    json_object *todo;

    start(self, NULL);
    fresh_user(self, user);
    api_create(self, user, "still here", id);
    assert_int_equal(core_stop(&self->server), 0);
    start(self, NULL);
    todo = api_call(self, user, "GET", api_path(id), NULL, 200);
    assert_string_equal(json_text(todo, "title"), "still here");
    json_object_put(todo);
    assert_int_equal(core_stop(&self->server), 0);
}

static void acknowledged_writes_survive_kill_9(void **state)
{
    enum { ROUNDS = 3, WRITES = 40 };
    api *self = *state;
    char user[40], ids[ROUNDS * WRITES][40];
    int count = 0;

    start(self, NULL);
    fresh_user(self, user);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WRITES; i++)
            api_create(self, user, "durable", ids[count++]);
        process_signal(&self->server.process, SIGKILL);
        assert_int_equal(process_wait(&self->server.process, 60000), 128 + SIGKILL);
        start(self, NULL);
        for (int i = 0; i < count; i++)
            json_object_put(api_call(self, user, "GET", api_path(ids[i]), NULL, 200));
    }
    assert_int_equal(core_stop(&self->server), 0);
}

/* Begins a request whose body lacks its last byte. */
static http_client *begin_slow_request(api *self, const char *user)
{
    http_client *client = http_connect(self->server.port);
    char text[512];

    assert_non_null(client);
    snprintf(text, sizeof(text),
             "POST " TODOS " HTTP/1.1\r\nHost: x\r\n" EDGE_FIELD "X-User-Id: %s\r\nExpect: 100-continue\r\n"
             "Content-Type: application/json\r\nContent-Length: 16\r\n\r\n",
             user);
    assert_true(http_send_text(client, text));
    http_response_clear(&self->response);
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, 100);
    http_response_clear(&self->response);
    assert_true(http_send_text(client, "{\"title\":\"slow\""));
    return client;
}

static void what_is_under_way_is_finished(api *self, int signal)
{
    http_client *client;
    char user[40];

    start(self, NULL);
    fresh_user(self, user);
    client = begin_slow_request(self, user);
    process_signal(&self->server.process, signal);
    assert_true(process_says(&self->server.process, "\"message\":\"stopping\"", 60000));
    assert_int_equal(process_wait(&self->server.process, 100), -1);
    assert_true(http_send_text(client, "}"));
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, 201);
    assert_string_equal(api_field(self, "Connection"), "close");
    assert_true(http_is_closed(client));
    http_close(client);
    assert_int_equal(process_wait(&self->server.process, 60000), 0);
}

static void sigterm_lets_a_request_finish(void **state)
{
    what_is_under_way_is_finished(*state, SIGTERM);
}

static void sigint_lets_a_request_finish(void **state)
{
    what_is_under_way_is_finished(*state, SIGINT);
}

static void nobody_new_is_let_in_while_it_stops(void **state)
{
    api *self = *state;
    http_client *client, *late;
    char user[40];

    start(self, NULL);
    fresh_user(self, user);
    client = begin_slow_request(self, user);
    process_signal(&self->server.process, SIGTERM);
    do {
        late = http_connect(self->server.port);
        http_close(late);
    } while (late != NULL);
    assert_true(http_send_text(client, "}"));
    assert_true(http_receive(client, false, &self->response));
    assert_int_equal(self->response.status, 201);
    http_close(client);
    assert_int_equal(process_wait(&self->server.process, 60000), 0);
}

static void a_request_that_never_ends_is_given_up(void **state)
{
    static const char *const settings[] = {"APP_DRAIN_TIMEOUT_MS=100", NULL};
    api *self = *state;
    http_client *client;
    char user[40];

    start(self, settings);
    fresh_user(self, user);
    client = begin_slow_request(self, user);
    assert_int_equal(core_stop(&self->server), 0);
    if (http_receive(client, false, &self->response))
        assert_int_equal(self->response.status, 503);
    assert_true(http_is_closed(client));
    http_close(client);
}

static void a_second_signal_ends_the_patience(void **state)
{
    static const char *const settings[] = {"APP_DRAIN_TIMEOUT_MS=600000", NULL};
    api *self = *state;
    http_client *client;
    char user[40];

    start(self, settings);
    fresh_user(self, user);
    client = begin_slow_request(self, user);
    process_signal(&self->server.process, SIGTERM);
    assert_true(process_says(&self->server.process, "\"message\":\"stopping\"", 60000));
    process_signal(&self->server.process, SIGTERM);
    assert_int_equal(process_wait(&self->server.process, 60000), 0);
    http_close(client);
}

static void idle_connections_do_not_hold_it_up(void **state)
{
    static const char *const settings[] = {"APP_KEEP_ALIVE_MS=600000", "APP_DRAIN_TIMEOUT_MS=600000", NULL};
    enum { IDLE = 20 };
    http_client *idle[IDLE];
    api *self = *state;

    start(self, settings);
    for (int i = 0; i < IDLE; i++) {
        idle[i] = http_connect(self->server.port);
        assert_non_null(idle[i]);
        assert_true(http_exchange(idle[i], "GET", "/health", NULL, NULL, &self->response));
        http_response_clear(&self->response);
    }
    assert_int_equal(core_stop(&self->server), 0);
    for (int i = 0; i < IDLE; i++) {
        assert_true(http_is_closed(idle[i]));
        http_close(idle[i]);
    }
}

static void without_secrets_it_does_not_start(void **state)
{
    static const char *const no_edge[] = {"EDGE_SECRET=", NULL}, *const no_jwt[] = {"JWT_SECRET=", NULL};

    refuses(*state, no_edge, NULL, "EDGE_SECRET is not set");
    refuses(*state, no_jwt, NULL, "JWT_SECRET is not set");
}

static void dev_does_without_secrets_on_loopback_only(void **state)
{
    static const char *const no_secrets[] = {"EDGE_SECRET=", "JWT_SECRET=", NULL};
    static const char *const open[] = {"EDGE_SECRET=", "JWT_SECRET=", "APP_ADDR=0.0.0.0:0", NULL};
    static const char *const check[] = {"--dev", "--check", NULL}, *const dev[] = {"--dev", NULL};
    api *self = *state;

    assert_int_equal(core_run(&self->server, no_secrets, check), 0);
    refuses(self, open, dev, "loopback");
}

static void write_secret(api *self, const char *content, char *path, size_t size)
{
    FILE *file;

    snprintf(path, size, "%s/secret", self->server.folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    chmod(path, 0600);
}

static void secrets_may_lie_in_files(void **state)
{
    api *self = *state;
    char path[96], setting[128];
    const char *settings[] = {"EDGE_SECRET=", setting, NULL};

    write_secret(self, "from-a-file-0123456789-0123456789\n", path, sizeof(path));
    snprintf(setting, sizeof(setting), "EDGE_SECRET_FILE=%s", path);
    start(self, settings);
    json_object_put(api_send(self, NULL, "GET", TODOS,
                             "X-Edge-Verified: from-a-file-0123456789-0123456789\r\n"
                             "X-User-Id: 01890a5d-ac96-774b-bcce-b302099a8057\r\n",
                             NULL, 401)); /* past the edge's check, which is 403 */
    api_check_error(self, "user_unknown", NULL);
    json_object_put(
        api_send(self, NULL, "GET", TODOS, "X-Edge-Verified: " CORE_EDGE_SECRET "\r\n", NULL, 403));
    assert_int_equal(core_stop(&self->server), 0);
}

#define ED_PUBLIC \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define ED_PRIVATE                                                                                \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"," \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"2026-11\"}" /* RFC 8037, A.1 */

/* The header of the token that a login gives, decoded by the test's own hand: it begins with the same bytes. */
static void assert_login_signs(api *self, const char *email, const char *beginning)
{
    char body[256];
    json_object *answer;

    snprintf(body, sizeof(body), "{\"email\":\"%s-%d@example.org\",\"password\":\"12345678\"}", email,
             (int)getpid());
    json_object_put(api_call(self, NULL, "POST", "/api/auth/register", body, 201));
    answer = api_call(self, NULL, "POST", "/api/auth/login", body, 200);
    assert_memory_equal(json_text(answer, "token"), beginning, strlen(beginning));
    json_object_put(answer);
}

static void a_signing_key_signs_instead_of_the_secret(void **state)
{
    /* base64url of {"alg":"EdDSA","typ":"JWT","kid":"2026-11"} */
    static const char eddsa[] = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6IjIwMjYtMTEifQ.";
    static const char *const beside[] = {"JWT_SIGNING_KEY=" ED_PRIVATE, NULL};
    api *self = *state;
    char path[96], setting[128];
    const char *alone[] = {"JWT_SECRET=", setting, NULL};

    start(self, beside);
    assert_login_signs(self, "ed", eddsa);
    assert_int_equal(core_stop(&self->server), 0);
    write_secret(self, ED_PRIVATE "\n", path, sizeof(path));
    snprintf(setting, sizeof(setting), "JWT_SIGNING_KEY_FILE=%s", path);
    start(self, alone);
    assert_login_signs(self, "ed2", eddsa);
    assert_int_equal(core_stop(&self->server), 0);
}

#define B31 "0123456789abcdef0123456789abcde"

static void short_and_equal_secrets_are_refused(void **state)
{
    static const struct {
        const char *settings[3], *words;
    } cases[] = {
        {{"JWT_SECRET=" B31}, "JWT_SECRET must have at least 32 bytes"},
        {{"EDGE_SECRET=" B31}, "EDGE_SECRET must have at least 32 bytes"},
        {{"EDGE_SECRET_PREVIOUS=b"}, "EDGE_SECRET_PREVIOUS must have at least 32 bytes"},
        {{"EDGE_SECRET=" CORE_JWT_SECRET}, "EDGE_SECRET and JWT_SECRET must not be the same"},
        {{"EDGE_SECRET_PREVIOUS=" CORE_EDGE_SECRET},
         "EDGE_SECRET and EDGE_SECRET_PREVIOUS must not be the same"},
    };
    static const char *const least[] = {"JWT_SECRET=" B31 "f", "EDGE_SECRET=" B31 "e", NULL};
    static const char *const weak[] = {"JWT_SECRET=x", "EDGE_SECRET=x", NULL};
    static const char *const check[] = {"--check", NULL}, *const dev[] = {"--dev", "--check", NULL};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        refuses(self, cases[i].settings, NULL, cases[i].words);
    assert_int_equal(core_run(&self->server, least, check), 0);
    assert_int_equal(core_run(&self->server, weak, dev), 0);
}

static void a_password_in_an_argument_is_refused(void **state)
{
    static const char *const arguments[][2] = {
        {"--database-writer-url=postgres://u:hunter2@127.0.0.1:1/todo"},
        {"--database-reader-url=postgres://127.0.0.1:1/todo?user=u&password=hunter2"},
        {"--redis-url=redis://:hunter2@127.0.0.1:1"},
    };
    api *self = *state;
    char *output;

    for (size_t i = 0; i < COUNT_OF(arguments); i++) {
        refuses(self, no_settings, arguments[i], "no password in an argument");
        output = process_output(&self->server.process);
        assert_null(strstr(output, "hunter2"));
        free(output);
    }
}

static void it_listens_on_ipv6(void **state)
{
    static const char *const settings[] = {"APP_ADDR=[::1]:0", NULL};
    api *self = *state;
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    static const char ask[] = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[1024] = "";

    start(self, settings);
    to.sin6_port = htons(self->server.port);
    for (int i = 0; i < 3; i++) {
        int fd = socket(AF_INET6, SOCK_STREAM, 0);

        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
        for (int again = 0; again < 8; again++) {
            assert_int_equal(send(fd, ask, sizeof(ask) - 1, 0), sizeof(ask) - 1);
            assert_true(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
            assert_memory_equal(answer, "HTTP/1.1 200", 12);
        }
        close(fd);
    }
    assert_null(http_connect(self->server.port)); /* on 127.0.0.1 nothing listens */
    assert_int_equal(core_stop(&self->server), 0);
}

static void bad_signing_keys_are_refused(void **state)
{
    static const struct {
        const char *setting, *words;
    } cases[] = {
        {"JWT_SIGNING_KEY=x", "JWT_SIGNING_KEY: this is neither a JWK nor PEM"},
        {"JWT_SIGNING_KEY=" ED_PUBLIC, "JWT_SIGNING_KEY: this is a public key"},
        {"JWT_SIGNING_KEY={\"keys\":[" ED_PRIVATE "]}", "JWT_SIGNING_KEY: a JWK is an object with a kty"},
        {"JWT_SIGNING_KEY={\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}", "JWT_SIGNING_KEY: a secret needs 32 bytes"},
        {"JWT_SIGNING_KEY_FILE=/nonexistent/key", "JWT_SIGNING_KEY can't be read"},
        {"JWT_SECRET=" ED_PRIVATE, "JWT_SECRET: this is no secret"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *settings[] = {cases[i].setting, NULL};
        api *self = *state;
        char *output;

        refuses(self, settings, NULL, cases[i].words);
        output = process_output(&self->server.process);
        assert_null(strstr(output, "nWGxne"));
        free(output);
    }
}

static void a_flag_overrides_the_environment(void **state)
{
    api *self = *state;
    char path[96], setting[128];
    const char *settings[] = {"EDGE_SECRET=", "JWT_EXPIRY_HOURS=nonsense", NULL};
    const char *arguments[] = {"--edge-secret-file", path, "--check", NULL};

    write_secret(self, "from-a-file-0123456789-0123456789", path, sizeof(path));
    refuses(self, settings, arguments, "JWT_EXPIRY_HOURS");
    settings[1] = NULL;
    assert_int_equal(core_run(&self->server, settings, arguments), 0);
    snprintf(setting, sizeof(setting), "APP_THREADS=%d", 3);
    settings[1] = setting;
    arguments[2] = "--threads=0";
    refuses(self, settings, arguments, "APP_THREADS must be a number from 1 to 4096");
}

static void bad_secret_files_are_refused(void **state)
{
    api *self = *state;
    char path[96], setting[128];
    const char *settings[] = {"EDGE_SECRET=", "EDGE_SECRET_FILE=/nonexistent/secret", NULL};

    refuses(self, settings, NULL, "No such file or directory");
    write_secret(self, "\n", path, sizeof(path));
    snprintf(setting, sizeof(setting), "EDGE_SECRET_FILE=%s", path);
    settings[1] = setting;
    refuses(self, settings, NULL, "empty");
    refuses(self, settings + 1, NULL, "both set");
}

static void bad_settings_are_refused(void **state)
{
    static const struct {
        const char *setting, *words;
    } cases[] = {
        {"APP_THREADS=many", "APP_THREADS"},
        {"APP_THREADS=0", "APP_THREADS"},
        {"APP_THREADS=-1", "APP_THREADS"},
        {"JWT_EXPIRY_HOURS=0", "JWT_EXPIRY_HOURS"},
        {"JWT_EXPIRY_HOURS=99999999999999999999", "JWT_EXPIRY_HOURS"},
        {"LOG_LEVEL=loud", "LOG_LEVEL"},
        {"APP_ADDR=nonsense", "APP_ADDR"},
        {"APP_ADDR=127.0.0.1:99999", "APP_ADDR"},
        {"APP_ADDR=::1:3001", "[ADDRESS]:PORT for IPv6"},
        {"APP_ADDR=[::1]", "APP_ADDR"},
        {"APP_ADDR=[::1]x:3001", "APP_ADDR"},
        {"APP_ADDR=[::zz]:3001", "cannot listen on [::zz]:3001: Name or service not known"},
        {"APP_ADDR=192.0.2.1:3001", "cannot listen on 192.0.2.1:3001: Cannot assign requested address"},
        {"APP_ADDR=127.0.0.1:3001s", "APP_ADDR"},
        {"APP_ADDR=127.0.0.1:0,127.0.0.1:0", "APP_ADDR"},
        {"DATABASE_WRITER_URL=mysql://x", "store"},
        {"REDIS_URL=nonsense", "store"},
    };
    const char *settings[] = {NULL, NULL};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        settings[0] = cases[i].setting;
        refuses(*state, settings, NULL, cases[i].words);
    }
}

static void bad_arguments_are_refused(void **state)
{
    static const char *const extra[] = {"extra", NULL}, *const secret[] = {"--edge-secret=x", NULL};
    api *self = *state;

    refuses(self, no_settings, extra, "unexpected argument");
    assert_int_equal(core_run(&self->server, no_settings, secret), 1);
}

static void without_a_database_it_says_why_and_ends(void **state)
{
    static const char *const absent[] = {"DATABASE_WRITER_URL=postgres://me:hunter2@127.0.0.1:1/todo", NULL};
    static const char *const no_folder[] = {"DATABASE_WRITER_URL=sqlite:/nonexistent/folder/todo.db", NULL};
    api *self = *state;
    char *output;

    refuses(self, absent, NULL, "cannot open the store");
    output = process_output(&self->server.process);
    assert_null(strstr(output, "hunter2"));
    free(output);
    refuses(self, no_folder, NULL, "cannot open the store");
}

static void a_taken_port_is_told(void **state)
{
    api *self = *state, second = {0};
    char setting[64];
    const char *settings[] = {setting, NULL};

    start(self, NULL);
    snprintf(setting, sizeof(setting), "APP_ADDR=127.0.0.1:%u", (unsigned)self->server.port);
    assert_true(core_prepare(&second.server));
    refuses(&second, settings, NULL, ": Address already in use");
    core_remove(&second.server);
    assert_int_equal(core_stop(&self->server), 0);
}

static void help_and_version_are_answered(void **state)
{
    static const char *const help[] = {"--help", NULL}, *const version[] = {"--version", NULL};
    static const char *const names[] = {
        "APP_ADDR",   "DATABASE_WRITER_URL", "DATABASE_READER_URL", "REDIS_URL", "EDGE_SECRET",
        "JWT_SECRET", "JWT_SIGNING_KEY",     "JWT_EXPIRY_HOURS",    "_FILE",     "--dev"};
    api *self = *state;
    char *output;

    assert_int_equal(core_run(&self->server, no_settings, version), 0);
    assert_int_equal(core_run(&self->server, no_settings, help), 0);
    output = process_output(&self->server.process);
    assert_memory_equal(output, "todo-server ", 12);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_non_null(strstr(output, names[i]));
    free(output);
}

static void check_every_line(char *output)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};

    for (char *line = strtok(output, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_object *entry = json_tokener_parse(line);
        bool known = false;

        assert_non_null(entry);
        assert_int_equal(strlen(json_text(entry, "time")), 27);
        for (size_t i = 0; i < COUNT_OF(levels); i++)
            known = known || strcmp(json_text(entry, "level"), levels[i]) == 0;
        assert_true(known);
        json_text(entry, "message");
        json_object_put(entry);
    }
}

static void the_log_is_json_and_tells_each_request(void **state)
{
    api *self = *state;
    char *output, *line;
    json_object *entry;

    start(self, NULL);
    json_object_put(
        api_send(self, NULL, "GET", "/no\"th\\ing?secret=query", "X-Request-Id: find-me\r\n", NULL, 404));
    assert_int_equal(core_stop(&self->server), 0);
    output = process_output(&self->server.process);
    line = strstr(output, "find-me");
    assert_non_null(line);
    while (line > output && line[-1] != '\n')
        line--;
    entry = json_tokener_parse(line);
    assert_string_equal(json_text(entry, "request_id"), "find-me");
    assert_string_equal(json_text(entry, "method"), "GET");
    assert_string_equal(json_text(entry, "path"), "/no\"th\\ing");
    assert_int_equal(json_object_get_int(json_member(entry, "status", json_type_int)), 404);
    json_member(entry, "duration_us", json_type_int);
    json_object_put(entry);
    check_every_line(output);
    free(output);
}

static void no_secret_is_in_the_log(void **state)
{
    static const char *const settings[] = {"LOG_LEVEL=debug", NULL};
    api *self = *state;
    json_object *answer;
    char body[256], *output;

    start(self, settings);
    snprintf(body, sizeof(body), "{\"email\":\"log-%d@example.org\",\"password\":\"hunter2-hunter2\"}",
             (int)getpid());
    json_object_put(api_call(self, NULL, "POST", "/api/auth/register", body, 201));
    answer = api_call(self, NULL, "POST", "/api/auth/login", body, 200);
    json_object_put(
        api_send(self, NULL, "GET", TODOS "?token=query-secret", EDGE_FIELD "X-User-Id: x\r\n", NULL, 401));
    json_object_put(
        api_send(self, NULL, "GET", "/health", "Authorization: Bearer header-secret\r\n", NULL, 200));
    assert_int_equal(core_stop(&self->server), 0);
    output = process_output(&self->server.process);
    assert_null(strstr(output, "hunter2"));
    assert_null(strstr(output, "query-secret"));
    assert_null(strstr(output, "header-secret"));
    assert_null(strstr(output, CORE_EDGE_SECRET));
    assert_null(strstr(output, CORE_JWT_SECRET));
    assert_null(strstr(output, json_text(answer, "token")));
    json_object_put(answer);
    free(output);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, prepare, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_restart_keeps_the_data),
        CASE(acknowledged_writes_survive_kill_9),
        CASE(sigterm_lets_a_request_finish),
        CASE(sigint_lets_a_request_finish),
        CASE(nobody_new_is_let_in_while_it_stops),
        CASE(a_request_that_never_ends_is_given_up),
        CASE(a_second_signal_ends_the_patience),
        CASE(idle_connections_do_not_hold_it_up),
        CASE(without_secrets_it_does_not_start),
        CASE(dev_does_without_secrets_on_loopback_only),
        CASE(secrets_may_lie_in_files),
        CASE(a_signing_key_signs_instead_of_the_secret),
        CASE(short_and_equal_secrets_are_refused),
        CASE(a_password_in_an_argument_is_refused),
        CASE(it_listens_on_ipv6),
        CASE(bad_signing_keys_are_refused),
        CASE(a_flag_overrides_the_environment),
        CASE(bad_secret_files_are_refused),
        CASE(bad_settings_are_refused),
        CASE(bad_arguments_are_refused),
        CASE(without_a_database_it_says_why_and_ends),
        CASE(a_taken_port_is_told),
        CASE(help_and_version_are_answered),
        CASE(the_log_is_json_and_tells_each_request),
        CASE(no_secret_is_in_the_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

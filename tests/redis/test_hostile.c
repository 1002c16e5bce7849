/* A server that answers what no Redis of today answers: the connection ends in words, at once and cheaply. */
#include "testing.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "adapters/redis/connection.h"
#include "util/monotonic.h"

#define PATIENCE_US (3 * 1000 * 1000)
#define FLOOD_BYTES (64 * 1024 * 1024)

/* A server for one connection: takes the first command and answers with these bytes. */
typedef struct impostor {
    const char *answer;
    bool floods; /* and goes on with 'x', up to FLOOD_BYTES */
    int listening;
    int port;
    pthread_t thread;
    atomic_size_t sent;
} impostor;

static void flood(impostor *self, int client)
{
    static char bytes[65536];

    memset(bytes, 'x', sizeof(bytes));
    while (self->sent < FLOOD_BYTES) {
        ssize_t sent = send(client, bytes, sizeof(bytes), MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        self->sent += (size_t)sent;
    }
}

static void *serve(void *arg)
{
    impostor *self = arg;
    int client = accept(self->listening, NULL, NULL);
    char command[256];

    if (client < 0)
        return NULL;
    if (recv(client, command, sizeof(command), 0) > 0 && *self->answer != '\0' &&
        send(client, self->answer, strlen(self->answer), MSG_NOSIGNAL) > 0) {
        if (self->floods)
            flood(self, client);
        /* Until the other end closes. */
        while (recv(client, command, sizeof(command), 0) > 0)
            continue;
    }
    close(client);
    return NULL;
}

static void start(impostor *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    self->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(self->listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(self->listening, 1), 0);
    assert_int_equal(getsockname(self->listening, (struct sockaddr *)&address, &length), 0);
    self->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&self->thread, NULL, serve, self), 0);
}

static void stop(impostor *self)
{
    pthread_join(self->thread, NULL);
    close(self->listening);
}

static int64_t processor_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Connecting to a server with this answer fails, saying `why`, long before the time is up. */
static void expect_code(impostor *self, const char *code, const char *why)
{
    todo_error error = TODO_ERROR_INIT;
    todo__redis_url url = {.host = (char[]){"127.0.0.1"}};
    todo__redis_connection *connection = NULL;
    int64_t begin, processor;

    start(self);
    url.port = self->port;
    begin = todo__monotonic_us();
    processor = processor_us();
    assert_int_equal(todo__redis_connect(&url, begin + PATIENCE_US, &connection, &error),
                     TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, code);
    assert_non_null(strstr(error.detail, why));
    stop(self);
    assert_in_range(todo__monotonic_us() - begin, 0, PATIENCE_US - 1);
    assert_in_range(processor_us() - processor, 0, PATIENCE_US / 3);
}

static void expect_refused(impostor *self, const char *why)
{
    expect_code(self, "cache_unavailable", why);
}

static void a_redis_that_is_too_old_is_refused(void **state)
{
    impostor old = {.answer = "$32\r\n# Server\r\nredis_version:5.0.14\r\n\r\n"};

    (void)state;
    expect_code(&old, "cache_misconfigured", "redis_version: 5.0.14; needed is 6 or later");
}

static void a_server_that_closes_without_an_answer_may_want_tls(void **state)
{
    impostor mute = {.answer = ""};

    (void)state;
    expect_refused(&mute, "does it want TLS?");
}

static void an_array_that_can_not_be_is_refused_at_its_announcement(void **state)
{
    impostor huge = {.answer = "*2147483647\r\n"};
    impostor large = {.answer = "*1000000\r\n"};

    (void)state;
    expect_refused(&huge, "too many elements");
    expect_refused(&large, "too many elements");
}

static void arrays_in_arrays_count_together(void **state)
{
    impostor nested = {.answer = "*200000\r\n*200000\r\n"};

    (void)state;
    expect_refused(&nested, "too many elements");
}

static void a_string_without_end_is_not_read_on(void **state)
{
    impostor announced = {.answer = "$2147483647\r\n", .floods = true};
    impostor line = {.answer = "+", .floods = true};

    (void)state;
    expect_refused(&announced, "too large");
    assert_in_range(announced.sent, 1, FLOOD_BYTES - 1);
    expect_refused(&line, "too large");
    assert_in_range(line.sent, 1, FLOOD_BYTES - 1);
}

static void what_is_no_reply_is_refused(void **state)
{
    impostor http = {.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"};
    impostor negative = {.answer = "*-2147483648\r\n"};

    (void)state;
    expect_refused(&http, "protocol");
    expect_refused(&negative, "protocol");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redis_that_is_too_old_is_refused),
        cmocka_unit_test(a_server_that_closes_without_an_answer_may_want_tls),
        cmocka_unit_test(an_array_that_can_not_be_is_refused_at_its_announcement),
        cmocka_unit_test(arrays_in_arrays_count_together),
        cmocka_unit_test(a_string_without_end_is_not_read_on),
        cmocka_unit_test(what_is_no_reply_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How the callers of one connection to Redis wait: the server is a thread of the test, which sees how they do. */
#include "testing.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/redis/link.h"
#include "util/monotonic.h"

#define PATIENCE_US 5000000 /* after which the test has failed */

static atomic_int blocked;       /* callers that said that they wait for a server */
static atomic_int most, parks;   /* the most of them, as the server saw it; and callers that parked */
static atomic_bool answers_wait; /* the server answers only when some caller has parked */

static void park(void *arg, int64_t until)
{
    (void)arg;
    (void)until;
    atomic_fetch_add(&parks, 1);
    usleep(1000);
}

static void unpark(void *arg)
{
    (void)arg;
}

static void blocking(void *arg, bool begins)
{
    (void)arg;
    atomic_fetch_add(&blocked, begins ? 1 : -1);
}

static const todo_parking parking = {sizeof(parking), NULL, park, unpark, blocking, NULL};

/* Answers what a command is to be answered with, one command a read. */
static void serve(int fd)
{
    static const char no_permission[] = "-NOPERM not for you\r\n", pong[] = "+PONG\r\n";
    char bytes[4096];
    ssize_t length;

    while ((length = read(fd, bytes, sizeof(bytes) - 1)) > 0) {
        int64_t limit = todo__monotonic_us() + PATIENCE_US;
        const char *at = bytes;

        bytes[length] = '\0';
        if (atomic_load(&blocked) > atomic_load(&most))
            atomic_store(&most, atomic_load(&blocked));
        while (atomic_load(&answers_wait) && atomic_load(&parks) == 0 && todo__monotonic_us() < limit)
            usleep(100);
        if (strstr(bytes, "INFO") != NULL)
            assert_true(write(fd, no_permission, strlen(no_permission)) > 0);
        while ((at = strstr(at, "PING")) != NULL) {
            assert_true(write(fd, pong, strlen(pong)) > 0);
            at += strlen("PING");
        }
    }
    close(fd);
}

static void *accept_one(void *arg)
{
    int fd = accept(*(int *)arg, NULL, NULL);

    assert_true(fd >= 0);
    serve(fd);
    return NULL;
}

typedef struct fixture {
    int listener;
    pthread_t server;
    todo__redis_url url;
    todo__redis_stats stats;
    todo__redis_link *link;
} fixture;

static int set_up(void **state)
{
    static fixture self;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    todo__redis_link_options options = {
        .url = &self.url, .stats = &self.stats, .connect_timeout_ms = 5000, .command_timeout_ms = 5000};
    char text[64];

    self = (fixture){.listener = socket(AF_INET, SOCK_STREAM, 0)};
    atomic_store(&blocked, 0);
    atomic_store(&most, 0);
    atomic_store(&parks, 0);
    atomic_store(&answers_wait, false);
    if (bind(self.listener, (struct sockaddr *)&address, length) != 0 || listen(self.listener, 1) != 0 ||
        getsockname(self.listener, (struct sockaddr *)&address, &length) != 0)
        return -1;
    snprintf(text, sizeof(text), "redis://127.0.0.1:%u", ntohs(address.sin_port));
    *state = &self;
    return todo__redis_url_parse(text, &self.url, NULL) == TODO_OK &&
                   todo__redis_link_new(&options, &self.link, NULL) == TODO_OK &&
                   pthread_create(&self.server, NULL, accept_one, &self.listener) == 0
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    fixture *self = *state;

    todo__redis_link_free(self->link);
    pthread_join(self->server, NULL);
    close(self->listener);
    todo__redis_url_clear(&self->url);
    return 0;
}

static void ping(todo__redis_link *link)
{
    todo_call call = TODO_CALL_INIT;
    const char *argv[] = {"PING"};
    const size_t lengths[] = {4};
    todo__redis_request *request = NULL;
    redisReply *reply = NULL;

    todo_call_set_timeout(&call, PATIENCE_US / 1000);
    call.parking = &parking;
    assert_int_equal(todo__redis_submit(link, &call, false, 1, argv, lengths, &request, NULL), TODO_OK);
    assert_int_equal(todo__redis_wait(link, request, &reply, NULL), TODO_OK);
    assert_string_equal(reply->str, "PONG");
    freeReplyObject(reply);
}

static void the_leader_says_that_it_waits_for_the_server(void **state)
{
    fixture *self = *state;

    ping(self->link);
    assert_int_equal(atomic_load(&most), 1);
    assert_int_equal(atomic_load(&blocked), 0);
    assert_int_equal(atomic_load(&parks), 0);
}

static void *ping_from_a_thread(void *arg)
{
    ping(arg);
    return NULL;
}

static void the_waiters_park_meanwhile(void **state)
{
    fixture *self = *state;
    pthread_t other;

    ping(self->link);
    atomic_store(&answers_wait, true);
    assert_int_equal(pthread_create(&other, NULL, ping_from_a_thread, self->link), 0);
    ping(self->link);
    pthread_join(other, NULL);
    assert_true(atomic_load(&parks) > 0);
    assert_int_equal(atomic_load(&most), 1);
    assert_int_equal(atomic_load(&blocked), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_leader_says_that_it_waits_for_the_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_waiters_park_meanwhile, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

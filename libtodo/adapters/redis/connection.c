#include "adapters/redis/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/redis/settings.h"
#include "util/alloc.h"
#include "util/monotonic.h"

#define RECEIVE_SIZE 16384u

/*
 * What one reply may take: hiredis allocates as many elements as a reply announces, before any has come. The largest reply
 * to us is a message that lists the keys which changed at once, some 50 bytes each.
 */
#define REPLY_ELEMENTS_MAX (256u * 1024)
#define REPLY_BYTES_MAX    (16u * 1024 * 1024)
#define REPLY_LINE_MAX \
    (64u * 1024) /* hiredis looks for the end of a line from its start, each time that bytes come */

#if HIREDIS_MAJOR < 1
typedef int element_count;
#else
typedef size_t element_count;
#endif

struct todo__redis_connection {
    redisContext *context;
    redisReplyObjectFunctions functions; /* hiredis' own, but for createArray */
    void *(*create_array)(const redisReadTask *task, element_count count); /* hiredis' own */
    size_t elements; /* that the reply under way has announced */
    size_t bytes;    /* that have come of it */
    bool answered;   /* anything has ever come */
    uint64_t run;
    char *out; /* appended and not yet sent: from out_start to out_end */
    size_t out_start, out_end, out_size;
};

static todo_status failed(todo_error *error, todo_status status, const char *what, const char *why)
{
    char detail[160];

    snprintf(detail, sizeof(detail), "redis: %s: %s", what, why);
    todo_error_set(error, status, "cache_unavailable", NULL, "the cache can't be reached");
    todo_error_set_detail(error, detail);
    return status;
}

static todo_status misconfigured(todo_error *error, const char *what, const char *why)
{
    char detail[160];

    snprintf(detail, sizeof(detail), "redis: %s: %s", what, why);
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "cache_misconfigured", NULL,
                   "the cache is not set up as this service needs it");
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

static todo_status out_of_memory(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

void todo__redis_disconnect(todo__redis_connection *connection)
{
    if (connection == NULL)
        return;
    if (connection->context != NULL)
        redisFree(connection->context);
    todo__free(connection->out);
    todo__free(connection);
}

todo_status todo__redis_append(todo__redis_connection *connection, const char *command, size_t length)
{
    if (connection->out_size - connection->out_end < length) {
        size_t size = (connection->out_end + length) * 2;
        char *bigger = todo__realloc(connection->out, size);

        if (bigger == NULL)
            return TODO_ERR_NOMEM;
        connection->out = bigger;
        connection->out_size = size;
    }
    memcpy(connection->out + connection->out_end, command, length);
    connection->out_end += length;
    return TODO_OK;
}

/* NULL ends the reading of a reply. */
static void *create_bounded_array(const redisReadTask *task, element_count count)
{
    todo__redis_connection *connection = task->privdata;

    if ((size_t)count > REPLY_ELEMENTS_MAX - connection->elements) {
        connection->elements = REPLY_ELEMENTS_MAX + 1;
        return NULL;
    }
    connection->elements += (size_t)count;
    return connection->create_array(task, count);
}

static void bound_replies(todo__redis_connection *connection)
{
    redisReader *reader = connection->context->reader;

    connection->functions = *reader->fn;
    connection->create_array = connection->functions.createArray;
    connection->functions.createArray = create_bounded_array;
    reader->fn = &connection->functions;
    reader->privdata = connection;
}

static todo_status send_some(todo__redis_connection *connection, todo_error *error)
{
    while (connection->out_start < connection->out_end) {
        ssize_t sent = send(connection->context->fd, connection->out + connection->out_start,
                            connection->out_end - connection->out_start, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return TODO_OK;
        if (sent < 0)
            return failed(error, TODO_ERR_UNAVAILABLE, "send", strerrordesc_np(errno));
        connection->out_start += (size_t)sent;
    }
    connection->out_start = connection->out_end = 0;
    return TODO_OK;
}

static bool is_endless_line(const redisReader *reader)
{
    return reader->len - reader->pos > REPLY_LINE_MAX &&
           memchr(reader->buf + reader->pos, '\n', REPLY_LINE_MAX) == NULL;
}

static todo_status receive_some(todo__redis_connection *connection, todo_error *error)
{
    char bytes[RECEIVE_SIZE];
    ssize_t received = recv(connection->context->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return TODO_OK;
    if (received < 0)
        return failed(error, TODO_ERR_UNAVAILABLE, "receive", strerrordesc_np(errno));
    if (received == 0)
        return failed(error, TODO_ERR_UNAVAILABLE, "receive", "the server closed the connection");
    if (redisReaderFeed(connection->context->reader, bytes, (size_t)received) != REDIS_OK)
        return failed(error, TODO_ERR_UNAVAILABLE, "receive", connection->context->reader->errstr);
    connection->answered = true;
    connection->bytes += (size_t)received;
    if (connection->bytes > REPLY_BYTES_MAX || is_endless_line(connection->context->reader))
        return failed(error, TODO_ERR_UNAVAILABLE, "protocol", "a reply is too large");
    return TODO_OK;
}

todo_status todo__redis_turn(todo__redis_connection *connection, int64_t limit, todo_error *error)
{
    struct pollfd waiting = {.fd = connection->context->fd, .events = POLLIN};
    struct timespec wait;
    int64_t left;
    todo_status status = send_some(connection, error);
    int ready;

    if (status != TODO_OK)
        return status;
    if (connection->out_end > 0)
        waiting.events |= POLLOUT;
    left = limit - todo__monotonic_us();
    if (left < 0)
        left = 0;
    wait = todo__monotonic_timespec(left);
    ready = ppoll(&waiting, 1, &wait, NULL);
    if (ready < 0 && errno != EINTR)
        return failed(error, TODO_ERR_UNAVAILABLE, "poll", strerrordesc_np(errno));
    if (ready == 0)
        return failed(error, TODO_ERR_TIMEOUT, "wait", "no answer in time");
    if (ready > 0 && (waiting.revents & ~POLLOUT) != 0)
        return receive_some(connection, error);
    return TODO_OK;
}

todo_status todo__redis_next(todo__redis_connection *connection, redisReply **ret_reply, todo_error *error)
{
    redisReader *reader = connection->context->reader;
    void *reply = NULL;

    if (redisReaderGetReply(reader, &reply) != REDIS_OK)
        return failed(error, TODO_ERR_UNAVAILABLE, "protocol",
                      connection->elements > REPLY_ELEMENTS_MAX ? "a reply announces too many elements"
                                                                : reader->errstr);
    if (reply != NULL) {
        connection->elements = 0;
        connection->bytes = reader->len - reader->pos;
    }
    *ret_reply = reply;
    return TODO_OK;
}

uint64_t todo__redis_run(const todo__redis_connection *connection)
{
    return connection->run;
}

/* As todo__redis_call, but gives an error reply back as a reply. */
static todo_status exchange(todo__redis_connection *connection, int argc, const char **argv, int64_t limit,
                            redisReply **ret_reply, todo_error *error)
{
    char *command = NULL;
    int length = redisFormatCommandArgv(&command, argc, argv, NULL);
    redisReply *reply = NULL;
    todo_status status;

    if (length < 0)
        return out_of_memory(error);
    status = todo__redis_append(connection, command, (size_t)length);
    explicit_bzero(command, (size_t)length);
    redisFreeCommand(command);
    while (status == TODO_OK && reply == NULL) {
        status = todo__redis_turn(connection, limit, error);
        if (status == TODO_OK)
            status = todo__redis_next(connection, &reply, error);
    }
    if (status == TODO_OK)
        *ret_reply = reply;
    return status;
}

todo_status todo__redis_call(todo__redis_connection *connection, int argc, const char **argv, int64_t limit,
                             redisReply **ret_reply, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status = exchange(connection, argc, argv, limit, &reply, error);

    if (status == TODO_OK && reply->type == REDIS_REPLY_ERROR) {
        status = failed(error, TODO_ERR_UNAVAILABLE, argv[0], reply->str);
        freeReplyObject(reply);
    }
    if (status == TODO_OK)
        *ret_reply = reply;
    return status;
}

/* An error that passes by itself, as of a server that starts. All others of a new connection are of its settings. */
static bool passes(const char *error_reply)
{
    static const char *const passing[] = {"LOADING", "BUSY", "MASTERDOWN", "ERR max number of clients"};

    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
        if (strncmp(error_reply, passing[i], strlen(passing[i])) == 0)
            return true;
    return false;
}

static todo_status refused(const char *command, const char *error_reply, todo_error *error)
{
    if (passes(error_reply))
        return failed(error, TODO_ERR_UNAVAILABLE, command, error_reply);
    return misconfigured(error, command, error_reply);
}

/* A command of the beginning, which a server refuses when it is not set up for us. */
static todo_status call_for_effect(todo__redis_connection *connection, int argc, const char **argv,
                                   int64_t limit, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status = exchange(connection, argc, argv, limit, &reply, error);

    if (status != TODO_OK)
        return status;
    if (reply->type == REDIS_REPLY_ERROR)
        status = refused(argv[0], reply->str, error);
    freeReplyObject(reply);
    return status;
}

static todo_status log_in(todo__redis_connection *connection, const todo__redis_url *url, int64_t limit,
                          todo_error *error)
{
    todo_status status = TODO_OK;

    if (url->password != NULL && url->user != NULL)
        status =
            call_for_effect(connection, 3, (const char *[]){"AUTH", url->user, url->password}, limit, error);
    else if (url->password != NULL && url->password[0] != '\0')
        status = call_for_effect(connection, 2, (const char *[]){"AUTH", url->password}, limit, error);
    if (connection->out != NULL)
        explicit_bzero(connection->out, connection->out_size);
    return status;
}

static todo_status select_database(todo__redis_connection *connection, int database, int64_t limit,
                                   todo_error *error)
{
    char text[12];

    if (database == 0)
        return TODO_OK;
    snprintf(text, sizeof(text), "%d", database);
    return call_for_effect(connection, 2, (const char *[]){"SELECT", text}, limit, error);
}

static uint64_t find_run(const char *info)
{
    static const char name[] = "\r\nrun_id:";
    const char *found = strstr(info, name);
    char digits[17] = "";

    if (found == NULL)
        return 1;
    memcpy(digits, found + strlen(name), strnlen(found + strlen(name), sizeof(digits) - 1));
    return strtoull(digits, NULL, 16) | 1;
}

/*
 * Learns the run and the settings from INFO; a user who may not ask gets 1, the same for every run, and is trusted with
 * the settings. This is also how it is found out whether a password is wanted and whether the server is ready.
 */
static todo_status learn(todo__redis_connection *connection, int64_t limit, todo_error *error)
{
    redisReply *reply = NULL;
    todo_status status = exchange(connection, 1, (const char *[]){"INFO"}, limit, &reply, error);
    const char *wrong;
    char why[128];

    if (status != TODO_OK)
        return status;
    connection->run = 1;
    if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOPERM", strlen("NOPERM")) != 0) {
        status = refused("INFO", reply->str, error);
    } else if (reply->type == REDIS_REPLY_STRING) {
        connection->run = find_run(reply->str);
        wrong = todo__redis_wrong_setting(reply->str, why, sizeof(why));
        if (wrong != NULL)
            status = misconfigured(error, wrong, why);
    }
    freeReplyObject(reply);
    return status;
}

static todo_status shake_hands(todo__redis_connection *connection, const todo__redis_url *url, int64_t limit,
                               todo_error *error)
{
    todo_status status = log_in(connection, url, limit, error);

    if (status == TODO_OK)
        status = select_database(connection, url->database, limit, error);
    if (status == TODO_OK)
        status = learn(connection, limit, error);
    /* A server with TLS takes a command for a broken handshake. */
    if (status == TODO_ERR_UNAVAILABLE && !connection->answered)
        return failed(error, status, "connect",
                      "the server closed the connection without an answer: does it want TLS?");
    return status;
}

static todo_status open_socket(const todo__redis_url *url, int64_t limit, redisContext **ret_context,
                               todo_error *error)
{
    int64_t left = limit - todo__monotonic_us();
    redisContext *context;

    if (left < 1000)
        return failed(error, TODO_ERR_TIMEOUT, "connect", "no time left");
    context = redisConnectWithTimeout(url->host, url->port,
                                      (struct timeval){.tv_sec = left / 1000000, .tv_usec = left % 1000000});
    if (context == NULL)
        return out_of_memory(error);
    if (context->err != 0) {
        todo_status status = failed(error, TODO_ERR_UNAVAILABLE, "connect", context->errstr);

        redisFree(context);
        return status;
    }
    redisEnableKeepAlive(context);
    *ret_context = context;
    return TODO_OK;
}

todo_status todo__redis_connect(const todo__redis_url *url, int64_t limit,
                                todo__redis_connection **ret_connection, todo_error *error)
{
    todo__redis_connection *connection = todo__calloc(1, sizeof(*connection));
    todo_status status;

    if (connection == NULL)
        return out_of_memory(error);
    status = open_socket(url, limit, &connection->context, error);
    if (status == TODO_OK) {
        bound_replies(connection);
        status = shake_hands(connection, url, limit, error);
    }
    if (status != TODO_OK) {
        todo__redis_disconnect(connection);
        return status;
    }
    *ret_connection = connection;
    return TODO_OK;
}

#include "adapters/redis/listener.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "adapters/redis/connection.h"
#include "adapters/redis/remote.h"
#include "util/alloc.h"
#include "util/monotonic.h"

#define CHANNEL      "__redis__:invalidate"
#define ANSWER_US    (500 * 1000) /* a ping that is not answered within this is a connection lost */
#define RECONNECT_US (100 * 1000)
#define STACK_SIZE   (256u * 1024)

struct todo__listener {
    todo__listener_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping;
    atomic_bool stop;
    todo__redis_connection *connection;
    int64_t pinged_at; /* the ping that is not answered yet; 0: there is none */
    int64_t next_ping_at;
};

/* Subscribes on the connection itself: tracking first, since a subscriber may not say much any more. */
static todo_status subscribe(todo__redis_connection *connection, int64_t limit, todo_error *error)
{
    redisReply *reply = NULL;
    char id[24];
    todo_status status =
        todo__redis_call(connection, 2, (const char *[]){"CLIENT", "ID"}, limit, &reply, error);

    if (status != TODO_OK)
        return status;
    snprintf(id, sizeof(id), "%lld", reply->integer);
    freeReplyObject(reply);
    status = todo__redis_call(connection, 10,
                              (const char *[]){"CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST", "PREFIX",
                                               TODO__USER_KEY_PREFIX, "PREFIX", TODO__REDIS_FLUSH_KEY},
                              limit, &reply, error);
    if (status != TODO_OK)
        return status;
    freeReplyObject(reply);
    status = todo__redis_call(connection, 2, (const char *[]){"SUBSCRIBE", CHANNEL}, limit, &reply, error);
    if (status == TODO_OK)
        freeReplyObject(reply);
    return status;
}

static bool open_connection(todo__listener *listener)
{
    int64_t limit = todo__monotonic_us() + (int64_t)listener->options.connect_timeout_ms * 1000;
    todo_error error = TODO_ERROR_INIT;
    todo_status status = todo__redis_connect(listener->options.url, limit, &listener->connection, NULL);

    if (status != TODO_OK)
        return false;
    status = subscribe(listener->connection, limit, &error);
    if (status == TODO_OK)
        return true;
    if (strstr(error.detail, "NOPERM") != NULL)
        listener->options.refused(listener->options.arg);
    todo__redis_disconnect(listener->connection);
    listener->connection = NULL;
    return false;
}

/* todo:user:{USER}, or the key by which everything is flushed. */
static void tell_key(todo__listener *listener, const redisReply *key)
{
    static const size_t length = sizeof(TODO__USER_KEY_PREFIX) - 1;
    char text[TODO_UUID_TEXT_SIZE];
    todo_uuid user;

    if (key->type != REDIS_REPLY_STRING)
        return;
    if (strcmp(key->str, TODO__REDIS_FLUSH_KEY) == 0)
        listener->options.changed(listener->options.arg, NULL);
    if (strncmp(key->str, TODO__USER_KEY_PREFIX, length) != 0)
        return;
    snprintf(text, sizeof(text), "%s", key->str + length);
    if (todo_uuid_parse(text, &user, NULL) == TODO_OK)
        listener->options.changed(listener->options.arg, &user);
}

/* ["message", channel, [key, …] or nil for "everything"] or ["pong", …]. */
static void understand(todo__listener *listener, const redisReply *reply)
{
    const redisReply *kind, *keys;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING)
        return;
    kind = reply->element[0];
    if (strcmp(kind->str, "pong") == 0) {
        /* Messages keep their order: what changed before the ping has been heard of by now. */
        listener->options.renewed(listener->options.arg, listener->pinged_at + TODO__LISTENER_LEASE_US);
        listener->pinged_at = 0;
        return;
    }
    if (strcmp(kind->str, "message") != 0 || reply->elements != 3)
        return;
    keys = reply->element[2];
    if (keys->type == REDIS_REPLY_NIL)
        listener->options.changed(listener->options.arg, NULL);
    for (size_t i = 0; keys->type == REDIS_REPLY_ARRAY && i < keys->elements; i++)
        tell_key(listener, keys->element[i]);
}

static todo_status understand_all(todo__listener *listener)
{
    redisReply *reply;
    todo_status status;

    do {
        reply = NULL;
        status = todo__redis_next(listener->connection, &reply, NULL);
        if (reply != NULL) {
            understand(listener, reply);
            freeReplyObject(reply);
        }
    } while (status == TODO_OK && reply != NULL);
    return status;
}

/* Pings when it is time. False when the last one was not answered. */
static bool ping(todo__listener *listener)
{
    static const char command[] = "*1\r\n$4\r\nPING\r\n";
    int64_t now = todo__monotonic_us();

    if (listener->pinged_at != 0)
        return now - listener->pinged_at < ANSWER_US;
    if (now < listener->next_ping_at)
        return true;
    if (todo__redis_append(listener->connection, command, strlen(command)) != TODO_OK)
        return false;
    listener->pinged_at = now;
    listener->next_ping_at = now + TODO__LISTENER_PING_US;
    listener->options.ticked(listener->options.arg);
    return true;
}

/* Until the connection is lost or the listener stops. */
static void listen_on(todo__listener *listener)
{
    listener->pinged_at = 0;
    listener->next_ping_at = 0;
    while (!atomic_load(&listener->stop) && ping(listener)) {
        todo_status status =
            todo__redis_turn(listener->connection, todo__monotonic_us() + TODO__LISTENER_PING_US / 2, NULL);

        if (status == TODO_OK)
            status = understand_all(listener);
        if (status != TODO_OK && status != TODO_ERR_TIMEOUT)
            break;
    }
}

static void pause_before_reconnecting(todo__listener *listener)
{
    struct timespec limit = todo__monotonic_timespec(todo__monotonic_us() + RECONNECT_US);

    pthread_mutex_lock(&listener->lock);
    if (!atomic_load(&listener->stop))
        pthread_cond_timedwait(&listener->stopping, &listener->lock, &limit);
    pthread_mutex_unlock(&listener->lock);
}

static void *run(void *arg)
{
    todo__listener *listener = arg;

    while (!atomic_load(&listener->stop)) {
        if (open_connection(listener)) {
            listener->options.gained(listener->options.arg);
            listen_on(listener);
            listener->options.lost(listener->options.arg);
            todo__redis_disconnect(listener->connection);
            listener->connection = NULL;
        }
        pause_before_reconnecting(listener);
    }
    return NULL;
}

/* Signals are the program's, not ours: the thread takes none. */
static int start_thread(todo__listener *listener)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int failure;

    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failure = pthread_create(&listener->thread, &attributes, run, listener);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failure;
}

todo_status todo__listener_start(const todo__listener_options *options, todo__listener **ret_listener,
                                 todo_error *error)
{
    todo__listener *listener = todo__calloc(1, sizeof(*listener));

    if (listener == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    listener->options = *options;
    pthread_mutex_init(&listener->lock, NULL);
    todo__monotonic_cond_init(&listener->stopping);
    if (start_thread(listener) != 0) {
        pthread_cond_destroy(&listener->stopping);
        pthread_mutex_destroy(&listener->lock);
        todo__free(listener);
        return todo_error_set(error, TODO_ERR_INTERNAL, "thread_refused", NULL, NULL);
    }
    *ret_listener = listener;
    return TODO_OK;
}

void todo__listener_stop(todo__listener *listener)
{
    if (listener == NULL)
        return;
    pthread_mutex_lock(&listener->lock);
    atomic_store(&listener->stop, true);
    pthread_cond_signal(&listener->stopping);
    pthread_mutex_unlock(&listener->lock);
    pthread_join(listener->thread, NULL);
    pthread_cond_destroy(&listener->stopping);
    pthread_mutex_destroy(&listener->lock);
    todo__free(listener);
}

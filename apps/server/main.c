/* todo-server: the HTTP core. Reads its configuration, opens the store, serves until it is told to stop. */
#include <ctype.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app.h"
#include "config.h"
#include "dependencies.h"
#include "server.h"
#include "waiting/fiber_threads.h"
#include "waiting/watch.h"

#define DRAIN_TICK_MS 10

/* One line, though drivers use several. */
static int fail(const char *what, const todo_error *error)
{
    char detail[sizeof(error->detail)];
    size_t length = 0;

    for (const char *at = error->detail; *at != '\0'; at++)
        if (!isspace((unsigned char)*at) || (length > 0 && detail[length - 1] != ' '))
            detail[length++] = isspace((unsigned char)*at) ? ' ' : *at;
    while (length > 0 && detail[length - 1] == ' ')
        length--;
    fprintf(stderr, "todo-server: %s: %s%s%.*s\n", what, error->message, length > 0 ? ": " : "", (int)length,
            detail);
    return EXIT_FAILURE;
}

/*
 * A hundred threads that seldom run at once would spread what they free over eight heaps a processor, each of which keeps
 * its peak. Before there are other threads.
 */
static void share_heaps(void)
{
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 2);
#endif
}

/* Signals are taken by sigtimedwait(2) in the main thread; blocked before there are others, nobody else gets them. */
static sigset_t block_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

/* Waits for a signal to stop, for so long. Whether one came. */
static bool wait_for_signal(const sigset_t *signals, int milliseconds)
{
    struct timespec timeout = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};

    for (;;) {
        int signal = sigtimedwait(signals, NULL, &timeout);

        if (signal > 0)
            return true;
        if (errno != EINTR)
            return false;
    }
}

/* Until nothing is under way, the time is up, or a second signal shows impatience. */
static void drain(app *app_state, server *running, const sigset_t *signals)
{
    int64_t end = app_clock() + (int64_t)app_state->config->drain_timeout_ms * 1000;

    log_message(LOG_INFO, "stopping", NULL, NULL);
    server_drain(running);
    do {
        if (wait_for_signal(signals, DRAIN_TICK_MS))
            break;
    } while (workers_are_busy(&app_state->workers) && app_clock() < end);
    server_stop(running);
    workers_flush_logs(&app_state->workers);
}

static int serve(app *app_state, const sigset_t *signals)
{
    const server_config *config = app_state->config;
    /* For a client's pauses while it sends and reads, and for the store between them. */
    const watch_limits limits = {((int64_t)config->request_timeout_ms * 2 + config->call_timeout_ms) * 1000,
                                 (int64_t)config->head_timeout_ms * 1000, config->min_rate,
                                 config->client_connections};
    server *running = server_start(app_state);
    todo_error error = TODO_ERROR_INIT;
    dependencies *watched = NULL;
    char port[16];

    if (running == NULL)
        return EXIT_FAILURE;
    if (dependencies_watch(app_state->store, &watched, &error) != TODO_OK) {
        server_stop(running);
        return fail("cannot start", &error);
    }
    if (config->dev && config->jwt_signing_key == NULL && strlen(config->jwt_secret) < 32)
        log_message(LOG_WARN, "JWT_SECRET is shorter than 32 bytes: it can be guessed from a token", NULL,
                    NULL);
    snprintf(port, sizeof(port), "%u", (unsigned)server_port(running));
    log_message(LOG_INFO, "listening", "port", port);
    while (!wait_for_signal(signals, WATCH_TICK_MS))
        watch_tick(&app_state->workers, server_port(running), &limits);
    drain(app_state, running, signals);
    dependencies_forget(watched);
    return EXIT_SUCCESS;
}

static void pass_over(void *arg, const todo_migration *migration)
{
    (void)arg, (void)migration;
}

static int check(app *app_state)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = TODO_CALL_INIT;

    todo_call_set_timeout(&call, app_state->config->call_timeout_ms);
    if (!dependencies_try(app_state->store, &call))
        return EXIT_FAILURE;
    if (todo_store_migrations(app_state->store, &call, pass_over, NULL, &error) != TODO_OK)
        return fail("the schema cannot be served", &error);
    puts("todo-server: the configuration is valid and the store answers");
    return EXIT_SUCCESS;
}

static todo_status open_store(app *app_state, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_status status;

    options.url = app_state->config->database_writer_url;
    options.reader_url = app_state->config->database_reader_url;
    options.cache_url = app_state->config->redis_url;
    options.cache_ttl_seconds = app_state->config->cache_ttl;
    options.pool_size = app_state->config->pool_size;
    options.background_threads = true;
    if (app_state->config->check)
        options.mode = TODO_STORE_READ;
    status = todo_store_open(&options, &app_state->store, error);
    if (status != TODO_OK)
        return status;
    app_state->commands = todo_store_commands(app_state->store);
    app_state->queries = todo_store_queries(app_state->store);
    return TODO_OK;
}

/* What logins are signed with. A signing key wins, so that the secret may stay until nobody needs it any more. */
static todo_status make_token_key(app *app_state, todo_error *error)
{
    const char *key = app_state->config->jwt_signing_key, *secret = app_state->config->jwt_secret;
    todo_status status;

    if (key == NULL)
        return todo_token_key_new_hs256(secret, strlen(secret), &app_state->token_key, error);
    status = todo_token_key_parse(key, strlen(key), NULL, &app_state->token_key, error);
    if (status == TODO_OK && !todo_token_key_can_sign(app_state->token_key))
        status = todo_error_set(error, TODO_ERR_INVALID, "key_public", NULL,
                                "this is a public key, which can't sign");
    return status;
}

static bool start_fiber_threads(app *app_state, todo_error *error)
{
    unsigned count = app_state->config->fiber_threads;

    if (count == 0)
        return true;
    app_state->fiber_threads = fiber_threads_start(count);
    if (app_state->fiber_threads == NULL)
        todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return app_state->fiber_threads != NULL;
}

static int run(app *app_state, const sigset_t *signals)
{
    todo_error error = TODO_ERROR_INIT;

    if (make_token_key(app_state, &error) != TODO_OK)
        return fail(app_state->config->jwt_signing_key != NULL ? "JWT_SIGNING_KEY" : "JWT_SECRET", &error);
    if (open_store(app_state, &error) != TODO_OK) {
        if (!app_state->config->check || strcmp(error.code, "store_missing") != 0)
            return fail("cannot open the store", &error);
        puts("todo-server: the configuration is valid; there is no store yet: the first start makes it");
        return EXIT_SUCCESS;
    }
    if (app_state->config->check)
        return check(app_state);
    if (workers_make(&app_state->workers, app_state->config->threads, &error) != TODO_OK ||
        !start_fiber_threads(app_state, &error))
        return fail("cannot start", &error);
    return serve(app_state, signals);
}

int main(int argc, char **argv)
{
    static server_config config;
    static app app_state;
    sigset_t signals;
    int code;

    switch (config_read(argc, argv, &config)) {
    case CONFIG_DONE:
        return EXIT_SUCCESS;
    case CONFIG_INVALID:
        return EXIT_FAILURE;
    case CONFIG_RUN:
        break;
    }
    share_heaps();
    signals = block_signals();
    log_set_level(config.log_level);
    app_state.config = &config;
    app_state.started = todo_time_now();
    code = run(&app_state, &signals);
    fiber_threads_stop(app_state.fiber_threads);
    workers_free(&app_state.workers);
    todo_store_close(app_state.store);
    todo_token_key_free(app_state.token_key);
    return code;
}

#include "dependencies.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define INTERVAL_MS      1000
#define PROBE_TIMEOUT_MS 1000
#define LATE_MAX         3 /* probes in a row: one that is late may only have waited for a busy pool */

typedef enum dependency_state { STATE_OK, STATE_LATE, STATE_DOWN, STATE_MISCONFIGURED } dependency_state;

typedef struct dependency {
    const char *name;
    dependency_state state; /* that the log has */
    unsigned late;          /* probes in a row that found no answer in time */
} dependency;

struct dependencies {
    todo_store *store;
    dependency parts[3];
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool end;
};

static bool is_misconfigured(const char *code)
{
    return strcmp(code, "database_misconfigured") == 0 || strcmp(code, "cache_misconfigured") == 0;
}

static dependency_state state_of(const todo_store_part *part)
{
    if (part->status == TODO_OK)
        return STATE_OK;
    if (part->status == TODO_ERR_TIMEOUT)
        return STATE_LATE;
    return is_misconfigured(part->code) ? STATE_MISCONFIGURED : STATE_DOWN;
}

static const char *words_of(dependency_state state)
{
    switch (state) {
    case STATE_OK:
        return "a dependency answers again";
    case STATE_LATE:
        return "a dependency does not answer in time";
    case STATE_DOWN:
        return "a dependency can't be reached";
    default:
        return "a dependency is not set up as it must be";
    }
}

static void log_change(const todo_store_part *part, dependency_state state)
{
    todo_buffer *buffer;
    log_line line;
    ssize_t ignored;

    if (!log_enabled(LOG_WARN) || todo_buffer_new(&buffer, NULL) != TODO_OK)
        return;
    line = log_begin(buffer, LOG_WARN, words_of(state));
    log_text(&line, "dependency", part->name);
    log_text(&line, "url", part->url);
    if (state != STATE_OK) {
        log_text(&line, "code", part->code);
        log_text(&line, "detail", part->detail);
    }
    log_end(&line);
    ignored = write(STDERR_FILENO, todo_buffer_data(buffer), todo_buffer_length(buffer));
    (void)ignored;
    todo_buffer_free(buffer);
}

static void see_part(void *arg, const todo_store_part *part)
{
    dependencies *watch = arg;
    dependency_state state = state_of(part);

    for (size_t i = 0; i < sizeof(watch->parts) / sizeof(watch->parts[0]); i++) {
        dependency *known = &watch->parts[i];

        if (strcmp(known->name, part->name) != 0)
            continue;
        known->late = state == STATE_LATE ? known->late + 1 : 0;
        if (state == known->state || (state == STATE_LATE && known->late < LATE_MAX))
            return;
        known->state = state;
        log_change(part, state);
    }
}

/* False when it is time to end. */
static bool wait_for_next(dependencies *watch)
{
    struct timespec until;
    bool goes_on;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += INTERVAL_MS / 1000;
    pthread_mutex_lock(&watch->mutex);
    if (!watch->end)
        pthread_cond_timedwait(&watch->ended, &watch->mutex, &until);
    goes_on = !watch->end;
    pthread_mutex_unlock(&watch->mutex);
    return goes_on;
}

static void *run(void *arg)
{
    dependencies *watch = arg;

    do {
        todo_call call = TODO_CALL_INIT;

        todo_call_set_timeout(&call, PROBE_TIMEOUT_MS);
        (void)todo_store_probe(watch->store, &call, see_part, watch, NULL);
    } while (wait_for_next(watch));
    return NULL;
}

todo_status dependencies_watch(todo_store *store, dependencies **ret_watch, todo_error *error)
{
    dependencies *watch = calloc(1, sizeof(*watch));
    pthread_condattr_t attributes;

    if (watch == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    watch->store = store;
    watch->parts[0].name = "writer";
    watch->parts[1].name = "reader";
    watch->parts[2].name = "cache";
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
        pthread_cond_destroy(&watch->ended);
        pthread_mutex_destroy(&watch->mutex);
        free(watch);
        return todo_error_set(error, TODO_ERR_INTERNAL, "thread_refused", NULL, NULL);
    }
    *ret_watch = watch;
    return TODO_OK;
}

void dependencies_forget(dependencies *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->end = true;
    pthread_cond_signal(&watch->ended);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->ended);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

/* ---- once ---- */

static void print_part(void *arg, const todo_store_part *part)
{
    dependency_state state = state_of(part);
    bool *sound = arg;

    if (state == STATE_OK)
        return;
    fprintf(stderr, "todo-server: %s: %s (%s)%s%s\n", part->name, words_of(state), part->url,
            part->detail[0] != '\0' ? ": " : "", part->detail);
    if (state == STATE_MISCONFIGURED)
        *sound = false;
}

bool dependencies_try(todo_store *store, const todo_call *call)
{
    bool sound = true;

    return todo_store_probe(store, call, print_part, &sound, NULL) == TODO_OK && sound;
}

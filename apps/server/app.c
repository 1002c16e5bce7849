#include "app.h"

#include <stdlib.h>
#include <string.h>

int64_t app_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

todo_status app_make_workers(app *app_state, todo_error *error)
{
    size_t size = app_state->config->threads * sizeof(worker);
    todo_status status = TODO_OK;

    app_state->workers = aligned_alloc(WORKER_ALIGNMENT, size);
    if (app_state->workers == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    memset(app_state->workers, 0, size);
    for (uint32_t i = 0; i < app_state->config->threads && status == TODO_OK; i++)
        status = worker_init(&app_state->workers[i], error);
    return status;
}

void app_free_workers(app *app_state)
{
    for (uint32_t i = 0; app_state->workers != NULL && i < app_state->config->threads; i++)
        worker_clear(&app_state->workers[i]);
    free(app_state->workers);
    app_state->workers = NULL;
}

bool app_is_busy(app *app_state)
{
    for (uint32_t i = 0; i < app_state->config->threads; i++)
        if (atomic_load(&app_state->workers[i].busy))
            return true;
    return false;
}

void app_flush_logs(app *app_state)
{
    for (uint32_t i = 0; i < app_state->config->threads; i++) {
        worker *each = &app_state->workers[i];

        if (!atomic_load_explicit(&each->has_log, memory_order_relaxed))
            continue;
        pthread_mutex_lock(&each->mutex);
        worker_write_log(each);
        pthread_mutex_unlock(&each->mutex);
    }
}

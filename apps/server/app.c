#include "app.h"

#include <stdlib.h>
#include <string.h>

#include "http.h"

int64_t app_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static todo_status prepare(worker *thread, todo_error *error)
{
    static const char blanks[HTTP_HEAD_ROOM];
    todo_status status = todo_buffer_new(&thread->answer, error);

    if (status == TODO_OK)
        status = todo_buffer_append(thread->answer, blanks, sizeof(blanks), error);
    if (status == TODO_OK)
        status = todo_buffer_new(&thread->log, error);
    return status;
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
        status = prepare(&app_state->workers[i], error);
    return status;
}

void app_free_workers(app *app_state)
{
    for (uint32_t i = 0; app_state->workers != NULL && i < app_state->config->threads; i++) {
        todo_buffer_free(app_state->workers[i].answer);
        todo_buffer_free(app_state->workers[i].log);
    }
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

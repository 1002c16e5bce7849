#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"

#define KEEP_MAX 65536 /* bytes of a buffer that are kept for the next request */

const int64_t worker_bucket_bounds[WORKER_BUCKETS - 1] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 2500000};

static todo_status make_answer(worker *self, todo_error *error)
{
    static const char blanks[WORKER_HEAD_ROOM];
    todo_status status = todo_buffer_new(&self->answer, error);

    return status == TODO_OK ? todo_buffer_append(self->answer, blanks, sizeof(blanks), error) : status;
}

todo_status worker_init(worker *self, todo_error *error)
{
    todo_status status = make_answer(self, error);

    pthread_mutex_init(&self->mutex, NULL);
    if (status == TODO_OK)
        status = todo_buffer_new(&self->log, error);
    if (status == TODO_OK && getrandom(&self->next_id, sizeof(self->next_id), 0) != sizeof(self->next_id))
        status = todo_error_set(error, TODO_ERR_INTERNAL, "random_failed", NULL, NULL);
    return status;
}

void worker_clear(worker *self)
{
    todo_buffer_free(self->answer);
    todo_buffer_free(self->log);
    free(self->input);
    pthread_mutex_destroy(&self->mutex);
}

void worker_wait_for_client(worker *self, size_t to_take)
{
    atomic_store_explicit(&self->client_bytes, to_take, memory_order_relaxed);
    atomic_store_explicit(&self->client_since, app_clock(), memory_order_relaxed);
}

void worker_got(worker *self, size_t bytes)
{
    atomic_fetch_add_explicit(&self->client_bytes, bytes, memory_order_relaxed);
}

void worker_go_on(worker *self)
{
    atomic_store_explicit(&self->client_since, 0, memory_order_relaxed);
}

void worker_set_peer(worker *self, const char *peer, int port)
{
    pthread_mutex_lock(&self->mutex);
    strncpy(self->peer.address, peer, sizeof(self->peer.address) - 1);
    self->peer.port = (uint16_t)port;
    pthread_mutex_unlock(&self->mutex);
}

/* A UUID version 8 (RFC 9562, 5.8): random bits of this worker, then a count that began at random too. */
void worker_make_id(worker *self, char text[TODO_UUID_TEXT_SIZE])
{
    uint8_t *bytes = self->next_id.bytes;

    for (int i = 15; i > 9 && ++bytes[i] == 0; i--)
        ;
    bytes[6] = (uint8_t)(0x80 | (bytes[6] & 0x0F));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3F));
    todo_uuid_format(&self->next_id, text);
}

/* Only its thread writes: no locked instruction is needed. */
static void add(atomic_ullong *counter, unsigned long long amount)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

void worker_count(worker *self, int status, int64_t duration_us)
{
    int bucket = 0;

    while (bucket < WORKER_BUCKETS - 1 && duration_us > worker_bucket_bounds[bucket])
        bucket++;
    add(&self->buckets[bucket], 1);
    add(&self->statuses[status / 100 % WORKER_STATUS_KINDS], 1);
    add(&self->duration_us, (unsigned long long)duration_us);
}

bool worker_grow_input(worker *self, size_t size)
{
    char *larger;

    if (size <= self->input_size)
        return true;
    larger = realloc(self->input, size);
    if (larger == NULL)
        return false;
    self->input = larger;
    self->input_size = size;
    return true;
}

void worker_shrink(worker *self)
{
    todo_buffer *large = self->answer;

    if (self->input_size > KEEP_MAX) {
        free(self->input);
        self->input = NULL;
        self->input_size = 0;
    }
    if (todo_buffer_length(large) <= KEEP_MAX)
        return;
    if (make_answer(self, NULL) == TODO_OK)
        todo_buffer_free(large);
    else
        self->answer = large;
}

void worker_write_log(worker *self)
{
    size_t length = todo_buffer_length(self->log);

    if (length == 0)
        return;
    /* There is nobody to tell when the log itself can't be written. */
    ssize_t ignored = write(STDERR_FILENO, todo_buffer_data(self->log), length);

    (void)ignored;
    todo_buffer_truncate(self->log, 0);
    atomic_store_explicit(&self->has_log, false, memory_order_relaxed);
}

todo_status workers_make(workers *self, uint32_t count, todo_error *error)
{
    todo_status status = TODO_OK;

    self->each = aligned_alloc(WORKER_ALIGNMENT, count * sizeof(worker));
    if (self->each == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    memset(self->each, 0, count * sizeof(worker));
    self->count = count;
    for (uint32_t i = 0; i < count && status == TODO_OK; i++)
        status = worker_init(&self->each[i], error);
    return status;
}

void workers_free(workers *self)
{
    for (uint32_t i = 0; i < self->count; i++)
        worker_clear(&self->each[i]);
    free(self->each);
    *self = (workers){0};
}

worker *workers_take(workers *self)
{
    unsigned index = atomic_fetch_add(&self->taken, 1);

    return index < self->count ? &self->each[index] : NULL;
}

bool workers_are_busy(const workers *self)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (atomic_load(&self->each[i].busy))
            return true;
    return false;
}

void workers_flush_logs(workers *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        worker *each = &self->each[i];

        if (!atomic_load_explicit(&each->has_log, memory_order_relaxed))
            continue;
        pthread_mutex_lock(&each->mutex);
        worker_write_log(each);
        pthread_mutex_unlock(&each->mutex);
    }
}

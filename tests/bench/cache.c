/*
 * How many calls the Redis cache answers by 1, 16 and 64 threads: todos and lists of 20 held by this process, todos that
 * Redis holds, changes, and todos that are read from a database which costs nothing; over the one connection that all share
 * and, to compare, over a connection for each thread. Prints calls per second and microseconds of processor time per call,
 * Redis' own not counted.
 * usage: bench-cache [SECONDS], on the Redis that TODO_TEST_CACHE_URL names
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adapters/redis/cache.h"

enum { THREADS_MAX = 64, IDS = 1000, USERS = 100, LIST = 20, EPOCH = 1 };

typedef enum calls { GETS, CHANGES, FILLS, LISTS } calls;

static int seconds = 1;
static todo_uuid ids[IDS], users[USERS];
static atomic_uint_fast64_t numbers[USERS];
static atomic_bool stop;

typedef struct worker {
    pthread_t thread;
    todo_cache *cache;
    unsigned seed;
    calls kind;
    long calls, misses, failures;
} worker;

static todo_item item_of(unsigned index, uint64_t number)
{
    return (todo_item){.id = ids[index],
                       .user_id = users[index % USERS],
                       .title = "Call the plumber about the leaking kitchen tap",
                       .description = "two litres, and the dark one if they have it",
                       .created_at = 1700000000000000,
                       .updated_at = 1700000000000000,
                       .version = (int64_t)number,
                       .modseq = (int64_t)number};
}

static void tell_sequence(const todo_call *call, unsigned user)
{
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = (todo_sequence){EPOCH, atomic_load(&numbers[user])};
}

/* What a read goes on with. */
typedef struct reading {
    worker *worker;
    unsigned index;
} reading;

static todo_status read_item(void *arg, const todo_call *call, const todo_item **ret_item, todo_error *error)
{
    reading *this = arg;
    todo_item item = item_of(this->index, 1);

    (void)error;
    this->worker->misses++;
    tell_sequence(call, this->index % USERS);
    *ret_item = todo_item_ref(&item);
    return TODO_OK;
}

static todo_status read_list(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                             todo_error *error)
{
    reading *this = arg;
    todo_item item = item_of(this->index, 1);
    todo_status status = TODO_OK;

    (void)error;
    this->worker->misses++;
    tell_sequence(call, this->index % USERS);
    for (int i = 0; i < LIST && status == TODO_OK; i++)
        status = visit(visit_arg, &item);
    return status;
}

static todo_status see(void *arg, const todo_item *item)
{
    *(int64_t *)arg += item->version != 0;
    return TODO_OK;
}

static todo_status get(worker *this, unsigned index)
{
    reading from = {this, index};
    const todo_item *item = NULL;
    todo_status status =
        todo_cache_load(this->cache, NULL, &users[index % USERS], &ids[index], read_item, &from, &item, NULL);

    todo_item_unref(item);
    return status;
}

static todo_status list(worker *this, unsigned index)
{
    reading from = {this, index};
    int64_t seen = 0;
    todo_status status =
        todo_cache_list(this->cache, NULL, &users[index % USERS], NULL, read_list, &from, see, &seen, NULL);

    return status == TODO_OK && seen != LIST ? TODO_ERR_INTERNAL : status;
}

static todo_status change(todo_cache *cache, unsigned index)
{
    uint64_t number = atomic_fetch_add(&numbers[index % USERS], 1) + 1;
    const todo_item item = item_of(index, number), *items = &item;
    todo_cache_change made = TODO_CACHE_CHANGE_INIT;

    made.user = users[index % USERS];
    made.sequence = (todo_sequence){EPOCH, number};
    made.count = made.item_count = 1;
    made.items = &items;
    return todo_cache_note_change(cache, NULL, &made, NULL);
}

/* A todo that no cache has. */
static todo_status fill(worker *this, unsigned index)
{
    reading from = {this, index};
    const todo_item *item = NULL;
    todo_uuid id = ids[index];
    todo_status status;

    memcpy(id.bytes, &this->calls, sizeof(this->calls));
    status = todo_cache_load(this->cache, NULL, &users[index % USERS], &id, read_item, &from, &item, NULL);
    todo_item_unref(item);
    return status;
}

static void *work(void *arg)
{
    worker *this = arg;

    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        unsigned index = (unsigned)rand_r(&this->seed) % IDS;
        todo_status status;

        switch (this->kind) {
        case LISTS:
            status = list(this, index);
            break;
        case CHANGES:
            status = change(this->cache, index);
            break;
        case FILLS:
            status = fill(this, index);
            break;
        default:
            status = get(this, index);
            break;
        }
        this->failures += status != TODO_OK;
        this->calls++;
    }
    return NULL;
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static todo_cache *open_cache(bool listen)
{
    const todo__redis_options options = {.url = getenv("TODO_TEST_CACHE_URL"),
                                         .connect_timeout_ms = 1000,
                                         .command_timeout_ms = 1000,
                                         .local_bytes = 8 * 1024 * 1024,
                                         .listen = listen};
    todo_cache *cache = NULL;

    if (todo__redis_cache_new(&options, &cache, NULL) != TODO_OK)
        exit(1);
    return cache;
}

/* `caches`: one for all, or one for each thread. */
static void measure(const char *name, todo_cache *const *caches, unsigned count, unsigned threads, calls kind)
{
    worker workers[THREADS_MAX] = {0};
    long made = 0, misses = 0, failures = 0;
    double cpu = cpu_seconds();

    atomic_store(&stop, false);
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (worker){.cache = caches[i % count], .seed = i, .kind = kind};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    sleep((unsigned)seconds);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        made += workers[i].calls, misses += workers[i].misses, failures += workers[i].failures;
    }
    cpu = cpu_seconds() - cpu;
    printf("%-28s %2u threads  %9ld/s  %6.2f us", name, threads, made / seconds, cpu * 1e6 / (double)made);
    printf(misses + failures > 0 ? "  (%ld misses, %ld failures)\n" : "\n", misses, failures);
}

static void measure_all(const char *name, todo_cache *const *caches, unsigned count, calls kind)
{
    static const unsigned threads[] = {1, 16, 64};

    for (unsigned i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
        measure(name, caches, count, threads[i], kind);
}

int main(int argc, char **argv)
{
    todo_cache *own[THREADS_MAX], *shared = open_cache(false), *listening = open_cache(true);

    if (argc > 1)
        seconds = atoi(argv[1]);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        own[i] = open_cache(false);
    for (unsigned i = 0; i < USERS; i++)
        todo_uuid_generate(&users[i], NULL);
    for (unsigned i = 0; i < IDS; i++) {
        todo_uuid_generate(&ids[i], NULL);
        change(shared, i);
    }
    measure("(warming up)", &listening, 1, 4, GETS);
    measure_all("held by this process", &listening, 1, GETS);
    measure("(warming up)", &listening, 1, 4, LISTS);
    measure_all("list, held by this process", &listening, 1, LISTS);
    measure_all("held by Redis, one for all", &shared, 1, GETS);
    measure_all("held by Redis, one each", own, THREADS_MAX, GETS);
    measure_all("miss and fill, one for all", &shared, 1, FILLS);
    measure_all("change, one for all", &shared, 1, CHANGES);
    measure_all("change, one each", own, THREADS_MAX, CHANGES);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        todo_cache_unref(own[i]);
    todo_cache_unref(shared);
    todo_cache_unref(listening);
    return 0;
}

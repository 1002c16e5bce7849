/*
 * How many calls the Redis cache answers by 1, 16 and 64 threads: items and lists of 20 held by this process, items that
 * Redis holds, and puts; over the one connection that all share and, to compare, over a connection for each thread. Prints calls
 * per second and microseconds of processor time per call, Redis' own not counted.
 * usage: bench-cache [SECONDS], on the Redis that TODO_TEST_CACHE_URL names
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <todo/port/build.h>

#include "adapters/redis/cache.h"

enum { THREADS_MAX = 64, IDS = 1000, LIST = 20 };

typedef enum calls { GETS, PUTS, LISTS } calls;

static int seconds = 1;
static todo_uuid ids[IDS];
static atomic_bool stop;

typedef struct worker {
    pthread_t thread;
    todo_cache *cache;
    unsigned seed;
    calls kind;
    long calls, misses, failures;
} worker;

static const todo_item *item_of(const todo_uuid *id, int64_t version)
{
    todo_item members = {0};
    const todo_item *item = NULL;

    members.id = *id;
    members.title = "Call the plumber about the leaking kitchen tap";
    members.description = "two litres, and the dark one if they have it";
    members.created_at = members.updated_at = todo_time_now();
    members.version = version;
    todo_item_build(&members, sizeof(members), &item, NULL);
    return item;
}

static todo_status read_list(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                             todo_error *error)
{
    worker *this = arg;
    const todo_item *item = item_of(&ids[0], 1);
    todo_status status = TODO_OK;

    (void)call, (void)error;
    this->misses++;
    for (int i = 0; i < LIST && status == TODO_OK; i++)
        status = visit(visit_arg, item);
    todo_item_unref(item);
    return status;
}

static todo_status see(void *arg, const todo_item *item)
{
    *(int64_t *)arg += item->version;
    return TODO_OK;
}

/* As the user of this id. */
static todo_status list(worker *this, const todo_uuid *id)
{
    int64_t seen = 0;
    todo_status status = todo_cache_list(this->cache, NULL, id, NULL, read_list, this, see, &seen, NULL);

    return status == TODO_OK && seen != LIST ? TODO_ERR_INTERNAL : status;
}

static void *work(void *arg)
{
    worker *this = arg;

    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        const todo_uuid *id = &ids[rand_r(&this->seed) % IDS];
        const todo_item *item = NULL;
        todo_status status;

        if (this->kind == LISTS) {
            status = list(this, id);
        } else if (this->kind == PUTS) {
            item = item_of(id, 2 + this->calls);
            status = todo_cache_put(this->cache, NULL, item, NULL);
        } else {
            status = todo_cache_get(this->cache, NULL, id, &item, NULL);
            this->misses += status == TODO_OK && item == NULL;
        }
        this->failures += status != TODO_OK;
        this->calls++;
        todo_item_unref(item);
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
    for (unsigned i = 0; i < IDS; i++) {
        const todo_item *item;

        todo_uuid_generate(&ids[i], NULL);
        item = item_of(&ids[i], 1);
        todo_cache_put(shared, NULL, item, NULL);
        todo_item_unref(item);
    }
    measure("(warming up)", &listening, 1, 4, GETS);
    measure_all("held by this process", &listening, 1, GETS);
    measure("(warming up)", &listening, 1, 4, LISTS);
    measure_all("list, held by this process", &listening, 1, LISTS);
    measure_all("held by Redis, one for all", &shared, 1, GETS);
    measure_all("held by Redis, one each", own, THREADS_MAX, GETS);
    measure_all("put, one for all", &shared, 1, PUTS);
    measure_all("put, one each", own, THREADS_MAX, PUTS);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        todo_cache_unref(own[i]);
    todo_cache_unref(shared);
    todo_cache_unref(listening);
    return 0;
}

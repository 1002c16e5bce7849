/*
 * How many calls a store answers: creates, changes, gets and lists of 20 by 1, 16 and 64 threads at once, straight on
 * its ports. Prints calls per second, the latency that half and 99 of 100 calls stay under, and the processor time of a
 * call, the database server's apart.
 * usage: bench-store [TODOS [OPERATION]], on the store that TODO_TEST_STORE_URL names; TODOS: how many its user has
 * before (20,000); OPERATION: create, patch, get or list alone.
 */
#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <todo/port/build.h>
#include <todo/store.h>

enum { THREADS_MAX = 64, SECONDS = 2, CALLS_MAX = 1 << 20, KNOWN = 1000 };

typedef struct subject {
    todo_store *store;
    todo_uuid user;
    todo_uuid known[KNOWN]; /* ids of todos */
    atomic_bool stop;
} subject;

typedef struct worker worker;
typedef todo_status (*work_step)(worker *this);

struct worker {
    pthread_t thread;
    subject *bench;
    work_step operation;
    unsigned seed;
    uint32_t *latencies_us;
    size_t calls, failures;
};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static todo_item new_item(const subject *bench)
{
    todo_item item = {.user_id = bench->user,
                      .title = "Call the plumber about the leaking kitchen tap",
                      .description = "two litres, and the dark one if they have it",
                      .version = 1};

    todo_uuid_generate(&item.id, NULL);
    item.created_at = item.updated_at = todo_time_now();
    return item;
}

static const todo_uuid *any_id(worker *this)
{
    return &this->bench->known[rand_r(&this->seed) % KNOWN];
}

static todo_status create(worker *this)
{
    todo_item item = new_item(this->bench);
    const todo_item *pointer = &item;

    return todo_writer_insert(todo_store_writer(this->bench->store), NULL, &pointer, 1, NULL);
}

static todo_status patch(worker *this)
{
    todo_item_patch change = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    todo_status status;

    change.completed = (todo_patch_flag){TODO_VALUE, rand_r(&this->seed) % 2 == 0};
    status = todo_writer_update(todo_store_writer(this->bench->store), NULL, &this->bench->user, any_id(this),
                                &change, todo_time_now(), &item, NULL);
    if (status == TODO_OK)
        todo_item_unref(item);
    return status;
}

static todo_status get(worker *this)
{
    const todo_item *item = NULL;
    todo_status status = todo_reader_get(todo_store_reader(this->bench->store), NULL, &this->bench->user,
                                         any_id(this), &item, NULL);

    if (status == TODO_OK)
        todo_item_unref(item);
    return status;
}

static todo_status look_at(void *arg, const todo_item *item)
{
    *(size_t *)arg += strlen(item->title);
    return TODO_OK;
}

static todo_status list(worker *this)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    size_t length = 0;

    query.limit = 20;
    return todo_reader_list(todo_store_reader(this->bench->store), NULL, &this->bench->user, &query, look_at,
                            &length, NULL);
}

static void *work(void *arg)
{
    worker *this = arg;

    while (!atomic_load(&this->bench->stop) && this->calls < CALLS_MAX) {
        int64_t start = now_us();

        this->failures += this->operation(this) != TODO_OK;
        this->latencies_us[this->calls++] = (uint32_t)(now_us() - start);
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static double own_cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* The ticks of the process that the line of /proc/PID/stat is about, if `parent` is its parent. */
static double child_ticks(const char *line, long parent)
{
    const char *after_name = strrchr(line, ')');
    long its_parent, user, system;

    if (after_name == NULL || sscanf(after_name, ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld",
                                     &its_parent, &user, &system) != 3)
        return 0;
    return its_parent == parent ? (double)(user + system) : 0;
}

/* Of the PostgreSQL that with-services started: of its processes, without those that have ended. */
static double server_cpu_us(void)
{
    char path[512], line[1024];
    long postmaster = -1;
    double ticks = 0;
    glob_t found;
    FILE *file;

    snprintf(path, sizeof(path), "%s/postmaster.pid", getenv("TODO_TEST_PG_DATA"));
    file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) != NULL)
        postmaster = strtol(line, NULL, 10);
    fclose(file);
    if (glob("/proc/[0-9]*/stat", 0, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        file = fopen(found.gl_pathv[i], "r");
        if (file == NULL)
            continue;
        if (fgets(line, sizeof(line), file) != NULL)
            ticks += child_ticks(line, postmaster);
        fclose(file);
    }
    globfree(&found);
    return ticks * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static void report(const char *name, unsigned threads, worker *workers, int64_t elapsed_us, double own_us,
                   double server_us)
{
    size_t calls = 0, failures = 0, place = 0;
    uint32_t *all;

    for (unsigned i = 0; i < threads; i++) {
        calls += workers[i].calls;
        failures += workers[i].failures;
    }
    all = malloc(calls * sizeof(*all) + 1);
    for (unsigned i = 0; i < threads; i++) {
        memcpy(all + place, workers[i].latencies_us, workers[i].calls * sizeof(*all));
        place += workers[i].calls;
    }
    qsort(all, calls, sizeof(*all), compare);
    printf("%-8s %3u threads %10.0f/s   p50 %7u us   p99 %7u us   cpu %6.1f + %6.1f us%s\n", name, threads,
           (double)calls * 1e6 / (double)elapsed_us, all[calls / 2], all[calls * 99 / 100],
           own_us / (double)calls, server_us / (double)calls, failures > 0 ? "   WITH FAILURES" : "");
    fflush(stdout);
    free(all);
}

static void run(subject *bench, const char *name, work_step operation, unsigned threads)
{
    worker workers[THREADS_MAX];
    struct timespec duration = {SECONDS, 0};
    double own = own_cpu_us(), server = server_cpu_us();
    int64_t start = now_us();

    atomic_store(&bench->stop, false);
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (worker){.bench = bench, .operation = operation, .seed = i + 1};
        workers[i].latencies_us = malloc(CALLS_MAX * sizeof(uint32_t));
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    nanosleep(&duration, NULL);
    atomic_store(&bench->stop, true);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    report(name, threads, workers, now_us() - start, own_cpu_us() - own, server_cpu_us() - server);
    for (unsigned i = 0; i < threads; i++)
        free(workers[i].latencies_us);
}

static todo_status add_user(subject *bench)
{
    todo_user_fields fields;
    const todo_user *user = NULL;
    char email[TODO_UUID_TEXT_SIZE];
    todo_status status;

    todo_user_fields_init(&fields, sizeof(fields));
    todo_uuid_generate(&fields.id, NULL);
    todo_uuid_format(&fields.id, email);
    fields.email = email;
    fields.password_hash = "*";
    status = todo_user_build(&fields, &user, NULL);
    if (status == TODO_OK)
        status = todo_users_insert(todo_store_users(bench->store), NULL, user, NULL);
    todo_user_unref(user);
    bench->user = fields.id;
    return status;
}

static todo_status fill(subject *bench, size_t todos)
{
    todo_item items[KNOWN];
    const todo_item *pointers[KNOWN];
    todo_status status = TODO_OK;

    for (size_t done = 0; done < todos && status == TODO_OK; done += KNOWN) {
        for (size_t i = 0; i < KNOWN; i++) {
            items[i] = new_item(bench);
            pointers[i] = &items[i];
            bench->known[i] = items[i].id;
        }
        status = todo_writer_insert(todo_store_writer(bench->store), NULL, pointers, KNOWN, NULL);
    }
    return status;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        work_step operation;
    } operations[] = {{"create", create}, {"patch", patch}, {"get", get}, {"list", list}};
    static const unsigned threads[] = {1, 16, THREADS_MAX};
    static subject bench;
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_error error = TODO_ERROR_INIT;

    options.url = getenv("TODO_TEST_STORE_URL");
    if (options.url == NULL || todo_store_open(&options, &bench.store, &error) != TODO_OK ||
        add_user(&bench) != TODO_OK ||
        fill(&bench, argc > 1 ? strtoul(argv[1], NULL, 10) : 20000) != TODO_OK) {
        fprintf(stderr, "bench-store: TODO_TEST_STORE_URL: %s %s\n", error.message, error.detail);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (argc > 2 && strcmp(argv[2], operations[i].name) != 0)
            continue;
        for (size_t j = 0; j < sizeof(threads) / sizeof(threads[0]); j++)
            run(&bench, operations[i].name, operations[i].operation, threads[j]);
    }
    todo_store_close(bench.store);
    return EXIT_SUCCESS;
}

/* GET /metrics: the text format of Prometheus, version 0.0.4. */
#include "../config.h"
#include "handlers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <todo/version.h>

/* What all workers counted, together. */
typedef struct totals {
    unsigned long long statuses[WORKER_STATUS_KINDS];
    unsigned long long buckets[WORKER_BUCKETS];
    unsigned long long duration_us;
    unsigned busy;
} totals;

static totals add_up(const workers *all)
{
    totals sum = {0};

    for (uint32_t i = 0; i < all->count; i++) {
        worker *each = &all->each[i];

        for (int j = 0; j < WORKER_STATUS_KINDS; j++)
            sum.statuses[j] += atomic_load_explicit(&each->statuses[j], memory_order_relaxed);
        for (int j = 0; j < WORKER_BUCKETS; j++)
            sum.buckets[j] += atomic_load_explicit(&each->buckets[j], memory_order_relaxed);
        sum.duration_us += atomic_load_explicit(&each->duration_us, memory_order_relaxed);
        sum.busy += atomic_load_explicit(&each->busy, memory_order_relaxed);
    }
    return sum;
}

__attribute__((format(printf, 2, 3))) static void put(http_request *request, const char *format, ...)
{
    char line[256];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(line) ||
        todo_buffer_append(http_body(request), line, (size_t)length, NULL) != TODO_OK)
        request->broken = true;
}

static void put_name(http_request *request, const char *name, const char *type, const char *help)
{
    put(request, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_requests(http_request *request, const totals *sum)
{
    unsigned long long count = 0;

    put_name(request, "todo_http_requests_total", "counter", "Requests answered.");
    for (int i = 1; i < WORKER_STATUS_KINDS; i++)
        put(request, "todo_http_requests_total{status=\"%dxx\"} %llu\n", i, sum->statuses[i]);
    put_name(request, "todo_http_request_duration_seconds", "histogram",
             "From a request's head to its answer's end.");
    for (int i = 0; i < WORKER_BUCKETS - 1; i++) {
        count += sum->buckets[i];
        put(request, "todo_http_request_duration_seconds_bucket{le=\"%g\"} %llu\n",
            (double)worker_bucket_bounds[i] / 1e6, count);
    }
    count += sum->buckets[WORKER_BUCKETS - 1];
    put(request, "todo_http_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n", count);
    put(request, "todo_http_request_duration_seconds_sum %.6f\n", (double)sum->duration_us / 1e6);
    put(request, "todo_http_request_duration_seconds_count %llu\n", count);
}

static void put_workers(http_request *request, const totals *sum)
{
    put_name(request, "todo_http_workers", "gauge", "Threads that serve connections.");
    put(request, "todo_http_workers %u\n", request->app->config->threads);
    put_name(request, "todo_http_workers_busy", "gauge", "Threads with a request under way.");
    put(request, "todo_http_workers_busy %u\n", sum->busy);
    put_name(request, "todo_http_connections", "gauge",
             "Connections that a thread serves, idle ones included.");
    put(request, "todo_http_connections %u\n", atomic_load(&request->app->workers.connections));
}

#define STAT(member) offsetof(todo_store_stats, member)

/* The counters of the library that are numbers. */
static const struct {
    const char *name;
    const char *type;
    size_t offset;
    const char *help;
} stats[] = {
    {"todo_cache_local_hits_total", "counter", STAT(cache_local_hits), "Todos that this process held."},
    {"todo_cache_hits_total", "counter", STAT(cache_hits), "Todos that Redis held."},
    {"todo_cache_misses_total", "counter", STAT(cache_misses), "Todos that Redis did not hold."},
    {"todo_cache_bypassed_total", "counter", STAT(cache_bypassed),
     "Times Redis was not asked, as it may be behind."},
    {"todo_cache_stale_avoided_total", "counter", STAT(cache_stale_avoided),
     "Older states neither kept nor believed."},
    {"todo_cache_errors_total", "counter", STAT(cache_errors), "Calls that Redis failed to answer in time."},
    {"todo_cache_connects_total", "counter", STAT(cache_connects), "Connections made to Redis."},
    {"todo_cache_breaker_opened_total", "counter", STAT(cache_breaker_opened),
     "Times the cache stood aside."},
    {"todo_cache_changes_total", "counter", STAT(cache_changes), "Changes heard of from Redis."},
    {"todo_cache_listener_lost_total", "counter", STAT(cache_listener_lost),
     "Times the local cache was emptied."},
    {"todo_cache_pending_repairs", "gauge", STAT(cache_pending_repairs),
     "Changes Redis could not be told of yet."},
    {"todo_cache_local_items", "gauge", STAT(cache_local_items), "Todos held by this process."},
    {"todo_cache_list_hits_total", "counter", STAT(cache_list_hits), "Lists that this process held."},
    {"todo_cache_list_misses_total", "counter", STAT(cache_list_misses),
     "Lists that this process did not hold."},
    {"todo_cache_local_lists", "gauge", STAT(cache_local_lists), "Pages of lists held by this process."},
    {"todo_cache_local_bytes", "gauge", STAT(cache_local_bytes), "The memory that todos and lists take."},
};

static void put_store(http_request *request)
{
    todo_store_stats now = TODO_STORE_STATS_INIT;
    uint64_t value;

    todo_store_get_stats(request->app->store, &now);
    for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++) {
        memcpy(&value, (const char *)&now + stats[i].offset, sizeof(value));
        put_name(request, stats[i].name, stats[i].type, stats[i].help);
        put(request, "%s %" PRIu64 "\n", stats[i].name, value);
    }
    put_name(request, "todo_cache_breaker_open", "gauge", "1 while the cache stands aside.");
    put(request, "todo_cache_breaker_open %d\n", now.cache_breaker_open);
    put_name(request, "todo_cache_listening", "gauge",
             "1 while the local cache hears of changes and so serves.");
    put(request, "todo_cache_listening %d\n", now.cache_listening);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Resident bytes, as the second number of /proc/self/statm says in pages. 0 when it can't be read. */
static uint64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    uint64_t pages = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void put_process(http_request *request)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    put_name(request, "process_cpu_seconds_total", "counter",
             "Processor time, of the user and of the system.");
    put(request, "process_cpu_seconds_total %.6f\n", seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    put_name(request, "process_resident_memory_bytes", "gauge", "Resident memory.");
    put(request, "process_resident_memory_bytes %" PRIu64 "\n", resident_bytes());
    put_name(request, "process_start_time_seconds", "gauge",
             "When the process started, since the Unix epoch.");
    put(request, "process_start_time_seconds %.3f\n", (double)request->app->started / 1e6);
    put_name(request, "todo_build_info", "gauge", "What runs.");
    put(request, "todo_build_info{version=\"%s\"} 1\n", todo_version());
}

todo_status metrics_get(http_request *request, todo_error *error)
{
    totals sum = add_up(&request->app->workers);

    (void)error;
    request->status = 200;
    request->content_type = "text/plain; version=0.0.4";
    put_requests(request, &sum);
    put_workers(request, &sum);
    put_store(request);
    put_process(request);
    return TODO_OK;
}

/*
 * todoctl bench: a quick measurement of a store through the library, as the servers use it. It works on a user of its
 * own, without a password, and removes it with all its todos in the end.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <todo/port/build.h>

#include "access.h"
#include "number.h"
#include "output.h"
#include "report.h"

#define CLIENTS_MAX 64u
#define COUNT_MAX   1000000u

static const char *count_option;
static const char *clients_option;

static volatile sig_atomic_t interrupted; /* by this signal */
static volatile bool stopped;

/* What is measured, in this order: each on what the ones before left. */
typedef enum ctl_operation {
    OPERATION_CREATE,
    OPERATION_GET,
    OPERATION_LIST,
    OPERATION_UPDATE,
    OPERATION_REMOVE
} ctl_operation;

#define OPERATIONS 5
static const char *const operation_names[OPERATIONS] = {"create", "get", "list of 20", "update", "remove"};

typedef struct ctl_bench {
    ctl_context *context;
    const todo_user *user;
    unsigned clients;
    uint64_t count;      /* of each operation, by all clients together */
    todo_uuid *ids;      /* of the todos */
    uint32_t *latencies; /* microseconds, of the operation that is measured */
    ctl_operation operation;
} ctl_bench;

/* One of the threads: it works on every `clients`th todo, from `first` on. */
typedef struct ctl_client {
    ctl_bench *bench;
    unsigned first;
    todo_status status;
    todo_error error;
} ctl_client;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static todo_status pass_over(void *arg, const todo_item *item)
{
    (void)arg;
    (void)item;
    return TODO_OK;
}

static todo_status create(ctl_client *client, const todo_call *call, todo_uuid *ret_id)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;
    draft.title = "A todo of ordinary length, to be measured";
    todo_status status = todo_commands_create(todo_store_commands(client->bench->context->store), call,
                                              &client->bench->user->id, &draft, &item, &client->error);
    if (status == TODO_OK)
        *ret_id = item->id;
    todo_item_unref(item);
    return status;
}

static todo_status update(ctl_client *client, const todo_call *call, const todo_uuid *id)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    patch.completed.presence = TODO_VALUE;
    patch.completed.value = true;
    todo_status status = todo_commands_update(todo_store_commands(client->bench->context->store), call,
                                              &client->bench->user->id, id, &patch, &item, &client->error);
    todo_item_unref(item);
    return status;
}

static todo_status perform(ctl_client *client, todo_uuid *id)
{
    ctl_bench *bench = client->bench;
    const todo_uuid *user = &bench->user->id;
    todo_queries *queries = todo_store_queries(bench->context->store);
    todo_call call = access_call(bench->context);
    todo_list_query query = TODO_LIST_QUERY_INIT;
    const todo_item *item = NULL;
    todo_status status;
    switch (bench->operation) {
    case OPERATION_CREATE:
        return create(client, &call, id);
    case OPERATION_GET:
        status = todo_queries_get(queries, &call, user, id, &item, &client->error);
        todo_item_unref(item);
        return status;
    case OPERATION_LIST:
        query.limit = 20;
        return todo_queries_each(queries, &call, user, &query, pass_over, NULL, NULL, NULL, &client->error);
    case OPERATION_UPDATE:
        return update(client, &call, id);
    default:
        return todo_commands_remove(todo_store_commands(bench->context->store), &call, user, id, 0,
                                    &client->error);
    }
}

static void *run_client(void *arg)
{
    ctl_client *client = arg;
    ctl_bench *bench = client->bench;
    for (uint64_t i = client->first;
         i < bench->count && client->status == TODO_OK && !interrupted && !stopped; i += bench->clients) {
        int64_t start = now();
        client->status = perform(client, &bench->ids[i]);
        bench->latencies[i] = (uint32_t)(now() - start);
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void report(const ctl_bench *bench, int64_t duration, list_output *list)
{
    qsort(bench->latencies, bench->count, sizeof(bench->latencies[0]), compare);
    double rate = (double)bench->count * 1e6 / (double)(duration > 0 ? duration : 1);
    uint32_t half = bench->latencies[bench->count / 2];
    uint32_t most = bench->latencies[bench->count - 1 - bench->count / 100];
    uint32_t longest = bench->latencies[bench->count - 1];
    if (list->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "operation",
                               json_object_new_string(operation_names[bench->operation]));
        json_object_object_add(object, "count", json_object_new_uint64(bench->count));
        json_object_object_add(object, "clients", json_object_new_int64(bench->clients));
        json_object_object_add(object, "per_second", json_object_new_int64((int64_t)rate));
        json_object_object_add(object, "p50_us", json_object_new_int64(half));
        json_object_object_add(object, "p99_us", json_object_new_int64(most));
        json_object_object_add(object, "max_us", json_object_new_int64(longest));
        list_add_object(list, object);
        return;
    }
    char texts[4][32];
    snprintf(texts[0], sizeof(texts[0]), "%10.0f", rate);
    snprintf(texts[1], sizeof(texts[1]), "%8.3f", half / 1000.0);
    snprintf(texts[2], sizeof(texts[2]), "%8.3f", most / 1000.0);
    snprintf(texts[3], sizeof(texts[3]), "%8.3f", longest / 1000.0);
    table_add(list->table, (const char *const[]){operation_names[bench->operation], texts[0], texts[1],
                                                 texts[2], texts[3]});
}

/* Runs an operation with all clients at once. */
static int measure(ctl_bench *bench, list_output *list)
{
    ctl_client clients[CLIENTS_MAX];
    pthread_t threads[CLIENTS_MAX];
    unsigned started = 0;
    int64_t start = now();
    for (; started < bench->clients; started++) {
        clients[started] = (ctl_client){.bench = bench, .first = started, .error = TODO_ERROR_INIT};
        int reason = pthread_create(&threads[started], NULL, run_client, &clients[started]);
        if (reason != 0) {
            stopped = true;
            fail(EXIT_FAILED, "fewer --clients", "cannot start a thread: %s", strerror(reason));
            break;
        }
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    int64_t duration = now() - start;
    for (unsigned i = 0; i < started; i++)
        if (clients[i].status != TODO_OK)
            return fail_error(&clients[i].error, NULL, "cannot measure %s",
                              operation_names[bench->operation]);
    if (interrupted || stopped)
        return EXIT_FAILED;
    report(bench, duration, list);
    return 0;
}

static int measure_all(ctl_bench *bench)
{
    static const char *const headers[] = {"OPERATION", "PER SECOND", "P50 ms", "P99 ms", "MAX ms"};
    list_output list;
    int code = 0;
    bench->ids = need_memory(calloc(bench->count, sizeof(bench->ids[0])));
    bench->latencies = need_memory(calloc(bench->count, sizeof(bench->latencies[0])));
    list_begin(&list, bench->context->json, headers, 5);
    for (int i = 0; i < OPERATIONS && code == 0; i++) {
        bench->operation = (ctl_operation)i;
        code = measure(bench, &list);
    }
    list_end(&list);
    free(bench->ids);
    free(bench->latencies);
    return code;
}

/* A user whose password matches nothing, under a name that can't be an address (RFC 2606). */
static int make_user(ctl_context *context, const todo_user **ret_user)
{
    char id[TODO_UUID_TEXT_SIZE];
    char email[80];
    todo_error error = TODO_ERROR_INIT;
    todo_user_fields fields;
    todo_user_fields_init(&fields, sizeof(fields));
    todo_call call = access_call(context);
    todo_status status = todo_uuid_generate(&fields.id, &error);
    todo_uuid_format(&fields.id, id);
    snprintf(email, sizeof(email), "bench-%s@todoctl.invalid", id);
    fields.email = email;
    fields.display_name = "todoctl bench";
    fields.password_hash = "*";
    fields.created_at = todo_time_now();
    if (status == TODO_OK)
        status = todo_user_build(&fields, ret_user, &error);
    if (status == TODO_OK)
        status = todo_users_insert(todo_store_users(context->store), &call, *ret_user, &error);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot add a user to measure with");
}

static int remove_user(ctl_context *context, const todo_user *user)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = TODO_CALL_INIT;
    if (todo_commands_remove_user(todo_store_commands(context->store), &call, &user->id, &error) == TODO_OK)
        return 0;
    char next[128];
    snprintf(next, sizeof(next), "todoctl user delete %s", user->email);
    return fail_error(&error, next, "cannot remove what was measured with");
}

static void interrupt(int signal)
{
    interrupted = signal;
}

static int run_bench(ctl_context *context, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    ctl_bench bench = {.context = context};
    uint64_t count = 1000;
    uint64_t clients = 1;
    if (count_option != NULL && !parse_number(count_option, 1, COUNT_MAX, &count))
        return fail(EXIT_USAGE, "--count 1000", "%s is no number from 1 to %u", count_option, COUNT_MAX);
    if (clients_option != NULL && !parse_number(clients_option, 1, CLIENTS_MAX, &clients))
        return fail(EXIT_USAGE, "--clients 16", "%s is no number from 1 to %u", clients_option, CLIENTS_MAX);
    bench.count = count;
    bench.clients = (unsigned)clients;
    context->connections = bench.clients;
    int code = access_open(context, TODO_STORE_EXISTING);
    if (code != 0)
        return code;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
    code = make_user(context, &bench.user);
    if (code == 0) {
        code = measure_all(&bench);
        int removed = remove_user(context, bench.user);
        code = code != 0 ? code : removed;
    }
    todo_user_unref(bench.user);
    if (interrupted) {
        todo_store_close(context->store);
        raise(interrupted); /* its default action is back, and ends the program as its parent expects */
    }
    return code;
}

static const option_spec options[] = {
    {"count", 'c', "COUNT", "how many of each operation (1000)", &count_option, NULL},
    {"clients", 0, "COUNT", "how many at the same time (1)", &clients_option, NULL},
    OPTION_END,
};

static const ctl_command commands[] = {
    {NULL, "", "Measure the store, on a user of its own",
     "Through the library, as the servers use it; the user is removed again. A few seconds on a store that "
     "is in use slow it down.",
     options, 0, 0, run_bench},
    {.run = NULL},
};

const command_group group_bench = {"bench", "A measurement", true, commands, false, false};

/*
 * A ledger of what was acknowledged, compared with the store after a kill -9: nothing acknowledged is lost, nothing is
 * half-written.
 *
 * usage: with-services postgres -- durability core|postgres [ROUNDS]
 *        durability embedded [ROUNDS]
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_server.h"
#include "http_client.h"
#include "load.h"
#include "services.h"

#define CLIENTS     6
#define BATCH       7
#define BATCHES_MAX 100

static core_server core;
static uint16_t ports[1];
static char users[LEDGER_USERS][37];

/* Writes batches, one after the other, until it is told to stop; the number of a batch is in its titles. */
typedef struct batches {
    pthread_t thread;
    char user[37];
    atomic_bool stop;
    unsigned sent;
    bool acknowledged[BATCHES_MAX];
} batches;

static void batch_body(char *body, size_t size, unsigned number)
{
    size_t length = (size_t)snprintf(body, size, "{\"todos\":[");

    for (int i = 0; i < BATCH; i++)
        length +=
            (size_t)snprintf(body + length, size - length, "%s{\"title\":\"%u\"}", i > 0 ? "," : "", number);
    snprintf(body + length, size - length, "]}");
}

static int ask(http_client *client, const char *user, const char *method, const char *path, const char *body,
               http_response *response)
{
    char fields[256];

    memset(response, 0, sizeof(*response));
    snprintf(fields, sizeof(fields), "X-Edge-Verified: %s\r\nX-User-Id: %s\r\n", CORE_EDGE_SECRET, user);
    return http_exchange(client, method, path, fields, body, response) ? response->status : 0;
}

static void *write_batches(void *arg)
{
    batches *this = arg;
    http_client *client = http_connect(ports[0]);

    while (client != NULL && !atomic_load(&this->stop) && this->sent < BATCHES_MAX) {
        char body[512];
        http_response response;

        batch_body(body, sizeof(body), this->sent);
        this->acknowledged[this->sent] =
            ask(client, this->user, "POST", "/api/todos/batch", body, &response) == 201;
        http_response_clear(&response);
        if (!this->acknowledged[this->sent++])
            break;
        usleep(4000); /* so that there are some left when the end comes */
    }
    http_close(client);
    return NULL;
}

static unsigned check_batches(const batches *this)
{
    http_client *client = http_connect(ports[0]);
    http_response response;
    unsigned counts[BATCHES_MAX] = {0}, wrong = 0;
    int status =
        client != NULL ? ask(client, this->user, "GET", "/api/todos?limit=1000", NULL, &response) : 0;
    json_object *todos = status == 200 ? json_tokener_parse(response.body) : NULL;

    for (size_t i = 0; todos != NULL && i < json_object_array_length(todos); i++) {
        const char *title =
            json_object_get_string(json_object_object_get(json_object_array_get_idx(todos, i), "title"));

        counts[strtoul(title, NULL, 10) % BATCHES_MAX]++;
    }
    for (unsigned i = 0; i < this->sent; i++)
        if (counts[i] != BATCH && (this->acknowledged[i] || counts[i] != 0)) {
            fprintf(stderr, "lost: batch %u (%sacknowledged) has %u of %d todos\n", i,
                    this->acknowledged[i] ? "" : "not ", counts[i], BATCH);
            wrong++;
        }
    if (todos == NULL)
        wrong++;
    json_object_put(todos);
    if (client != NULL)
        http_response_clear(&response);
    http_close(client);
    return wrong;
}

/* A todo must be there in its last acknowledged version, or in one that was under way when the end came. */
static unsigned check_todos(ledger *book)
{
    http_client *client = http_connect(ports[0]);
    unsigned wrong = client == NULL;

    for (size_t i = 0; client != NULL && i < ledger_items(book); i++) {
        char id[37], path[64];
        int user, status;
        uint32_t title;
        int64_t last = ledger_last(book, (int)i, id, &user, &title), version = 0;
        http_response response;
        json_object *todo = NULL;

        if (last == 0)
            continue;
        snprintf(path, sizeof(path), "/api/todos/%s", id);
        status = ask(client, users[user], "GET", path, NULL, &response);
        if (status == 200)
            todo = json_tokener_parse(response.body);
        version = json_object_get_int64(json_object_object_get(todo, "version"));
        if (version < last ||
            (version == last &&
             strtoul(json_object_get_string(json_object_object_get(todo, "title")), NULL, 10) != title)) {
            fprintf(stderr, "lost: todo %s is %d, version %" PRId64 " instead of %" PRId64 "\n", id, status,
                    version, last);
            wrong++;
        }
        json_object_put(todo);
        http_response_clear(&response);
    }
    http_close(client);
    return wrong;
}

static bool start_core(void)
{
    static const char *const settings[] = {NULL};

    if (!core_start(&core, settings))
        return false;
    ports[0] = core.port;
    return true;
}

/* Kills what is to be killed, and brings it back. */
static bool kill_and_restart(const char *what)
{
    if (strcmp(what, "postgres") == 0)
        return services_kill_postgres() && services_start_postgres();
    process_signal(&core.process, SIGKILL);
    process_wait(&core.process, 10000);
    return start_core();
}

/* The core notices by itself that its database is back: wait until it says so. */
static bool wait_until_ready(void)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        http_client *client = http_connect(ports[0]);
        http_response response = {0};
        bool ready = client != NULL && http_exchange(client, "GET", "/readyz", NULL, NULL, &response) &&
                     response.status == 200;

        http_response_clear(&response);
        http_close(client);
        if (ready)
            return true;
        usleep(100000);
    }
    return false;
}

static unsigned long acknowledged_batches(const batches *this)
{
    unsigned long count = 0;

    for (unsigned i = 0; i < this->sent; i++)
        count += this->acknowledged[i];
    return count;
}

static bool run_round(const char *what, unsigned number, unsigned long *acknowledged)
{
    ledger *book = ledger_new();
    load_options options = {ports, 1, users, CLIENTS, book};
    batches batch = {.sent = 0};
    load *run;
    unsigned long writes;
    unsigned wrong;
    bool good;

    good = load_register_users(ports[0], users);
    strcpy(batch.user, users[LEDGER_USERS - 1]);
    run = load_start(&options);
    good = good && pthread_create(&batch.thread, NULL, write_batches, &batch) == 0;
    /* On a busy machine it takes a while until there is something to lose. */
    for (int i = 0; i < 1000 && ledger_acknowledged(book) == 0; i++)
        usleep(10000);
    usleep(200000 + 37000 * (number % 11)); /* not always at the same place */
    good = good && kill_and_restart(what);
    atomic_store(&batch.stop, true);
    load_stop(run);
    pthread_join(batch.thread, NULL);
    good = good && wait_until_ready();
    wrong = check_todos(book) + check_batches(&batch) + ledger_violations(book);
    writes = ledger_acknowledged(book) + acknowledged_batches(&batch);
    *acknowledged += writes;
    good = good && wrong == 0 && writes > 0 && batch.sent > 0;
    printf("%s %u - %s killed, round %u: %lu writes acknowledged, %u lost or halved\n",
           good ? "ok" : "not ok", number, what, number, writes, wrong);
    fflush(stdout);
    load_free(run);
    ledger_free(book);
    return good;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "embedded";
    unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 3;
    unsigned long acknowledged = 0;

    if (!core_prepare(&core) || !start_core()) {
        printf("1..1\nnot ok 1 - the core starts\n");
    } else {
        for (unsigned number = 1; number <= rounds; number++)
            run_round(what, number, &acknowledged);
        printf("1..%u\n# %u times %s killed, %lu writes acknowledged\n", rounds, rounds, what, acknowledged);
    }
    core_remove(&core);
    return 0;
}

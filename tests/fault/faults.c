/*
 * Breaks one thing after the other under load and mends it again: no answer may be wrong, none may take longer than
 * the deadline, and the service recovers without a restart of the cores. Prints the share of errors, the longest answer
 * and the time to recover of each.
 *
 * usage: with-services postgres replica redis -- faults [SECONDS [NAME...]]
 *
 * SECONDS is how long each is watched after the repair, 3 by default; NAME is a fault, all by default.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_server.h"
#include "load.h"
#include "services.h"

#define CLIENTS            12
#define CALL_TIMEOUT_MS    2000
#define ANSWER_MAX_US      5000000 /* what a call may take, connecting anew and a busy machine included */
#define BEFORE_US          1000000 /* of load before the fault */
#define AFTER_S            3 /* of load after the repair, by default; the last CALM_US of it without an error */
#define CALM_US            1000000
#define BLIND_STALENESS_US INT64_C(10000000)

static core_server cores[LEDGER_CORES];
static uint16_t ports[LEDGER_CORES];
static char users[LEDGER_USERS][37];

static bool start_cores(void)
{
    char writer[600], reader[300], cache[100], timeout[60];
    const char *settings[] = {writer, reader, cache, timeout, NULL};

    snprintf(writer, sizeof(writer),
             "DATABASE_WRITER_URL=postgres://todo:todo-secret@127.0.0.1:%s,127.0.0.1:%s/"
             "todo?target_session_attrs=read-write",
             getenv("TODO_TEST_PG_PORT"), getenv("TODO_TEST_REPLICA_PORT"));
    snprintf(reader, sizeof(reader), "DATABASE_READER_URL=%s", getenv("TODO_TEST_READER_URL"));
    snprintf(cache, sizeof(cache), "REDIS_URL=%s", getenv("TODO_TEST_CACHE_URL"));
    snprintf(timeout, sizeof(timeout), "APP_CALL_TIMEOUT_MS=%d", CALL_TIMEOUT_MS);
    for (int i = 0; i < LEDGER_CORES; i++) {
        if (!core_prepare(&cores[i]) || !core_start(&cores[i], settings))
            return false;
        ports[i] = cores[i].port;
    }
    return true;
}

static bool kill_redis(void)
{
    return services_run("\"$TODO_TEST_REDIS_CTL\" stop");
}

static bool start_redis(void)
{
    return services_run("\"$TODO_TEST_REDIS_CTL\" start");
}

static bool pause_redis(void)
{
    return services_run("kill -STOP $(\"$TODO_TEST_REDIS_CTL\" pid)");
}

static bool resume_redis(void)
{
    return services_run("kill -CONT $(\"$TODO_TEST_REDIS_CTL\" pid)");
}

static bool stop_postgres(void)
{
    return services_run("\"$TODO_TEST_PG_CTL\" stop -m fast >/dev/null 2>&1");
}

static bool exhaust_connections(void)
{
    return services_sql("ALTER ROLE todo CONNECTION LIMIT 1") &&
           services_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'todo'");
}

static bool grant_connections(void)
{
    return services_sql("ALTER ROLE todo CONNECTION LIMIT -1");
}

/* What was acknowledged must not depend on a replica that has not heard of it. */
static bool replicate_synchronously(void)
{
    return services_sql("ALTER SYSTEM SET synchronous_standby_names = '*'") &&
           services_sql("SELECT pg_reload_conf()");
}

static bool promote_replica(void)
{
    return services_run("\"$TODO_TEST_REPLICA_CTL\" promote >/dev/null 2>&1");
}

typedef struct fault {
    const char *name;
    bool (*prepare)(void); /* NULL: nothing */
    bool (*inflict)(void);
    unsigned lasts_us;
    bool (*mend)(void);
    bool blinds; /* the primary can't be asked: whether a standby is late nobody knows then */
} fault;

static const fault faults[] = {
    {"redis-killed", NULL, kill_redis, 2000000, start_redis, false},
    {"redis-paused", NULL, pause_redis, 5000000, resume_redis, false},
    {"replica-killed", NULL, services_kill_replica, 2000000, services_start_replica, false},
    {"postgres-restarted", NULL, stop_postgres, 500000, services_start_postgres, true},
    {"connections-exhausted", NULL, exhaust_connections, 3000000, grant_connections, true},
    {"primary-killed", replicate_synchronously, services_kill_postgres, 500000, promote_replica, true},
};

#define FAULT_COUNT (sizeof(faults) / sizeof(faults[0]))

static void report(const fault *trouble, const load_figures *whole, int64_t mended, ledger *book)
{
    printf(
        "# %s: %lu answers, %lu errors (%.2f %%), the last %.1f s after the repair; longest answer %.2f s; "
        "%lu checks, %u violations\n",
        trouble->name, whole->answers, whole->errors,
        100.0 * (double)whole->errors / (double)(whole->answers + whole->errors + 1),
        whole->last_error > mended ? (double)(whole->last_error - mended) / 1e6 : 0.0,
        (double)whole->slowest_us / 1e6, ledger_checks(book), ledger_violations(book));
}

static bool suffer(const fault *trouble, unsigned after_s, size_t number)
{
    ledger *book = ledger_new();
    load_options options = {ports, LEDGER_CORES, users, CLIENTS, book};
    load *run;
    int64_t inflicted, mended, ended;
    load_figures whole, calm;
    bool good = (trouble->prepare == NULL || trouble->prepare());

    if (trouble->blinds)
        ledger_bear(book, BLIND_STALENESS_US);
    run = load_start(&options);
    usleep(BEFORE_US);
    inflicted = ledger_now();
    good = good && trouble->inflict();
    usleep(trouble->lasts_us);
    good = good && trouble->mend();
    mended = ledger_now();
    sleep(after_s);
    ended = ledger_now();
    load_stop(run);
    whole = load_between(run, inflicted, ended);
    calm = load_between(run, ended - CALM_US, ended);
    good = good && ledger_violations(book) == 0 && whole.unexpected == 0 &&
           whole.slowest_us < ANSWER_MAX_US && calm.errors == 0 && calm.answers > 0;
    report(trouble, &whole, mended, book);
    printf("%s %zu - %s\n", good ? "ok" : "not ok", number, trouble->name);
    fflush(stdout);
    load_free(run);
    ledger_free(book);
    return good;
}

static bool is_asked_for(const char *name, int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 2;
}

int main(int argc, char **argv)
{
    unsigned after_s = argc > 1 ? (unsigned)atoi(argv[1]) : AFTER_S;
    size_t number = 0;

    if (!start_cores() || !load_register_users(ports[0], users)) {
        printf("1..1\nnot ok 1 - the cores start\n");
    } else {
        sleep(1);
        for (size_t i = 0; i < FAULT_COUNT; i++)
            if (is_asked_for(faults[i].name, argc, argv))
                suffer(&faults[i], after_s, ++number);
        printf("1..%zu\n", number);
    }
    for (int i = 0; i < LEDGER_CORES; i++)
        core_remove(&cores[i]);
    return 0;
}

/*
 * Several cores on one primary, one lagging replica and one Redis, under random concurrent writes and reads, every
 * answer checked: own writes are seen at once on the same core, and anywhere by a client that brings its consistency
 * token; everybody's writes are seen everywhere within a second; no client with a token sees time run backwards.
 *
 * usage: with-services postgres replica [redis] -- coherence [SECONDS [CLIENTS [GUARD [TROUBLE]]]]
 *
 * GUARD leaves one of the guards of the cores out ("none": none), which takes a build with -Dbreakable=true: then the checker must find a violation. script/test --guards does that for
 * each. TROUBLE is what happens to Redis meanwhile: "pause" stops it for a while, again and again, "restart" kills it and starts it
 * with a snapshot of before. A race that is too rare to be seen is made frequent with TODO_TEST_PAUSE (libtodo/util/guard.h); that the guards
 * stand it is shown without GUARD.
 */
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_server.h"
#include "load.h"
#include "services.h"

static core_server cores[LEDGER_CORES];
static uint16_t ports[LEDGER_CORES];
static char users[LEDGER_USERS][37];

/* Redis drops what it holds at random, as when its memory is full: records, and what it knows of users. */
typedef struct evictor {
    pthread_t thread;
    ledger *book;
    const char *trouble; /* NULL: none */
    atomic_bool stop;
} evictor;

static redisContext *connect_redis(void)
{
    const char *port = getenv("TODO_TEST_REDIS_PORT");
    redisContext *redis = port != NULL ? redisConnect("127.0.0.1", atoi(port)) : NULL;

    if (redis != NULL && redis->err != 0) {
        redisFree(redis);
        return NULL;
    }
    return redis;
}

static void evict_for(evictor *this, redisContext *redis, uint32_t rounds)
{
    for (uint32_t i = 0; i < rounds && redis->err == 0 && !atomic_load(&this->stop); i++) {
        static uint32_t seed;
        int user = (int)(++seed % LEDGER_USERS);
        char id[37];

        if (seed % 16 == 0)
            freeReplyObject(redisCommand(redis, "UNLINK todo:user:{%s}", users[user]));
        else if (ledger_pick(this->book, user, seed * 2654435761u, id) >= 0)
            freeReplyObject(redisCommand(redis, "UNLINK todo:{%s}:%s", users[user], id));
        usleep(3000);
    }
}

/* One bout of what may befall Redis, of some seconds. */
static void befall(const char *trouble, redisContext *redis)
{
    if (strcmp(trouble, "pause") == 0) {
        services_run("kill -STOP $(\"$TODO_TEST_REDIS_CTL\" pid)");
        usleep(1600000);
        services_run("kill -CONT $(\"$TODO_TEST_REDIS_CTL\" pid)");
        usleep(1800000);
    } else {
        freeReplyObject(redisCommand(redis, "SAVE"));
        usleep(1200000);
        services_run("\"$TODO_TEST_REDIS_CTL\" stop && \"$TODO_TEST_REDIS_CTL\" start");
        usleep(2500000);
    }
}

static void *evict(void *arg)
{
    evictor *this = arg;

    while (!atomic_load(&this->stop)) {
        redisContext *redis = connect_redis();

        if (redis == NULL)
            break;
        evict_for(this, redis, 300);
        if (this->trouble != NULL && redis->err == 0)
            befall(this->trouble, redis);
        redisFree(redis);
    }
    return NULL;
}

static bool start_cores(const char *guard)
{
    const char *cache_url = getenv("TODO_TEST_CACHE_URL"); /* NULL: without Redis */
    char reader[300], cache[100], off[100];
    const char *settings[] = {reader, off, cache_url != NULL ? cache : NULL, NULL};

    snprintf(reader, sizeof(reader), "DATABASE_READER_URL=%s", getenv("TODO_TEST_READER_URL"));
    snprintf(cache, sizeof(cache), "REDIS_URL=%s", cache_url != NULL ? cache_url : "");
    snprintf(off, sizeof(off), "TODO_TEST_GUARD_OFF=%s", guard != NULL ? guard : "");
    for (int i = 0; i < LEDGER_CORES; i++) {
        if (!core_prepare(&cores[i]) || !core_start(&cores[i], settings))
            return false;
        ports[i] = cores[i].port;
    }
    return true;
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
    size_t clients = argc > 2 ? (size_t)atoi(argv[2]) : 16;
    const char *guard = argc > 3 && strcmp(argv[3], "none") != 0 ? argv[3] : NULL;
    const char *trouble = argc > 4 ? argv[4] : NULL;
    ledger *book = ledger_new();
    load_options options = {ports, LEDGER_CORES, users, clients, book};
    load_figures figures = {0};
    bool good = clients <= LOAD_CLIENTS_MAX && start_cores(guard) && load_register_users(ports[0], users);
    unsigned long violations;

    if (good) {
        evictor drops = {.book = book, .trouble = trouble};
        load *run;

        sleep(2); /* the users reach the replica */
        run = load_start(&options);
        good = pthread_create(&drops.thread, NULL, evict, &drops) == 0;
        sleep(seconds);
        atomic_store(&drops.stop, true);
        pthread_join(drops.thread, NULL);
        load_stop(run);
        figures = load_between(run, 0, INT64_MAX);
        load_free(run);
    }
    for (int i = 0; i < LEDGER_CORES; i++)
        core_remove(&cores[i]);
    violations = ledger_violations(book) + figures.unexpected;
    good = good && (violations == 0) == (guard == NULL) && figures.errors == 0 && figures.answers > 0;
    printf("1..1\n# %lu answers, %lu errors, %lu checks, %lu violations, slowest %" PRId64 " ms\n",
           figures.answers, figures.errors, ledger_checks(book), violations, figures.slowest_us / 1000);
    if (guard != NULL)
        printf("%s 1 - it is noticed when %s is not guarded\n", good ? "ok" : "not ok", guard);
    else
        printf("%s 1 - %d cores stay coherent for %u s\n", good ? "ok" : "not ok", LEDGER_CORES, seconds);
    ledger_free(book);
    return 0;
}

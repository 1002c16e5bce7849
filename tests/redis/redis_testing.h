/* A real Redis under the tests of this folder: looked into past the library, stopped, paused and started again. */
#ifndef TODO_TESTS_REDIS_TESTING_H
#define TODO_TESTS_REDIS_TESTING_H

#include <unistd.h>

#include <hiredis/hiredis.h>

#include "fakes.h"

#include "adapters/redis/cache.h"

/* Patient enough for a busy machine and for valgrind. */
#define PATIENT_MS 10000u

/* Waits patiently for what must come about sooner or later. */
#define EVENTUALLY(condition)                             \
    do {                                                  \
        int tries_ = 0;                                   \
        while (!(condition) && ++tries_ < 4000)           \
            usleep(5000);                                 \
        if (tries_ == 4000)                               \
            fail_msg("it never came to: %s", #condition); \
    } while (0)

/* Runs a command (formatted as hiredis does) on a connection of the test's own; freeReplyObject releases the reply. */
redisReply *raw(const char *format, ...);

/* The same, for its effect alone; it must not fail. */
void raw_do(const char *format, ...);

/* Closes the test's own connection, as before Redis goes away. */
void raw_close(void);

/* "start" or "stop" (the process is killed). */
void redis_control(const char *action);

/* SIGSTOP or SIGCONT for the server. */
void redis_signal(int signal);

/* The URL of the test's Redis with something in front of the host and behind the port. */
const char *redis_url(const char *userinfo, const char *path);

/* A cache with these options; it is the test's Redis (url NULL) and PATIENT_MS (a time-out of 0) where they say nothing. */
todo_cache *cache_with(todo__redis_options options);

/* A cache at the URL that waits patiently and believes Redis at once, without a listener. */
todo_cache *patient_cache_at(const char *url);

/* An item of this version; the caller owns the reference. */
const todo_item *item_of_version(const todo_uuid *id, int64_t version);

void put_version(todo_cache *cache, const todo_uuid *id, int64_t version);

/* What that cache has counted. */
todo__redis_stats *stats_of(todo_cache *cache);

/* The key of an id, in a buffer of the function's. */
const char *key_of(const todo_uuid *id);

/* The version that the cache holds; 0: none. */
int64_t held_version(todo_cache *cache, const todo_uuid *id);

#endif

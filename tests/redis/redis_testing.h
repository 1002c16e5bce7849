/* A real Redis under the tests of this folder: looked into past the library, stopped, paused and started again. */
#ifndef TODO_TESTS_REDIS_TESTING_H
#define TODO_TESTS_REDIS_TESTING_H

#include <pthread.h>
#include <stdatomic.h>
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

/*
 * A database with the todos of one user, fake_id(101), whose ids are fake_id(N). The version of a todo is the number of its
 * last change, and the description says it too.
 */
typedef struct test_database {
    pthread_mutex_t lock;
    uint64_t number;         /* of the last change */
    int64_t versions[256];   /* by the last byte of the id; 0: there is none */
    atomic_uint reads;       /* so far */
    todo_sequence demanded;  /* by the last read */
    bool primary_down;       /* reads with a demand fail */
    void (*meanwhile)(void); /* called once, by a read that has read and not yet answered */
} test_database;

extern test_database database;

#define DATABASE_EPOCH 7u

/* Empties it. */
void database_reset(void);

/* Changes or removes a todo, without a cache hearing of it: the number of the change. */
uint64_t commit(const todo_uuid *id);
uint64_t commit_removal(const todo_uuid *id);

/* Tells a cache that the change of this number made the todo what it was, or removed it. */
todo_status tell(todo_cache *cache, const todo_uuid *id, uint64_t number);
todo_status tell_removal(todo_cache *cache, const todo_uuid *id, uint64_t number);

/* Tells a cache that it is unknown whether there was a change. */
todo_status tell_doubt(todo_cache *cache);

/* Changes a todo and tells the cache, which must succeed: the number of the change. */
int64_t change(todo_cache *cache, const todo_uuid *id);

/* The version that is read through the cache; 0 for a todo that is not there. `call` may be NULL. */
int64_t version_for(todo_cache *cache, const todo_call *call, const todo_uuid *id);
int64_t version_in(todo_cache *cache, const todo_uuid *id);

/* The version that the cache has by itself; 0: none. */
int64_t held_version(todo_cache *cache, const todo_uuid *id);

/* The number of todos, or the sum of their versions, of a list that is read through the cache. Both may be NULL. */
unsigned list_for(todo_cache *cache, const todo_call *call, const todo_list_query *query, int64_t *ret_sum);

/* What that cache has counted. */
todo__redis_stats *stats_of(todo_cache *cache);

/* The key of a todo's record, and that of the user, in buffers of the functions'. */
const char *key_of(const todo_uuid *id);
const char *user_key(void);

#endif

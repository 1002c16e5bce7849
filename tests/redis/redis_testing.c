#include "redis_testing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "testing.h"

static redisContext *raw_context;

static redisReply *run_raw(const char *format, va_list arguments)
{
    if (raw_context == NULL) {
        raw_context = redisConnect("127.0.0.1", atoi(getenv("TODO_TEST_REDIS_PORT")));
        assert_int_equal(raw_context->err, 0);
    }
    return redisvCommand(raw_context, format, arguments);
}

redisReply *raw(const char *format, ...)
{
    va_list arguments;
    redisReply *reply;

    va_start(arguments, format);
    reply = run_raw(format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    return reply;
}

void raw_do(const char *format, ...)
{
    va_list arguments;
    redisReply *reply;

    va_start(arguments, format);
    reply = run_raw(format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

void raw_close(void)
{
    if (raw_context != NULL)
        redisFree(raw_context);
    raw_context = NULL;
}

void redis_control(const char *action)
{
    char command[256];

    raw_close();
    snprintf(command, sizeof(command), "%s %s", getenv("TODO_TEST_REDIS_CTL"), action);
    assert_int_equal(system(command), 0);
}

void redis_signal(int signal)
{
    char command[256], text[32] = "";
    FILE *output;

    snprintf(command, sizeof(command), "%s pid", getenv("TODO_TEST_REDIS_CTL"));
    output = popen(command, "r");
    assert_non_null(output);
    assert_non_null(fgets(text, sizeof(text), output));
    pclose(output);
    assert_true(atoi(text) > 1);
    assert_int_equal(kill(atoi(text), signal), 0);
}

const char *redis_url(const char *userinfo, const char *path)
{
    static char url[256];

    snprintf(url, sizeof(url), "redis://%s127.0.0.1:%s%s", userinfo, getenv("TODO_TEST_REDIS_PORT"), path);
    return url;
}

todo_cache *cache_with(todo__redis_options options)
{
    todo_cache *cache = NULL;

    if (options.url == NULL)
        options.url = redis_url("", "");
    if (options.connect_timeout_ms == 0)
        options.connect_timeout_ms = PATIENT_MS;
    if (options.command_timeout_ms == 0)
        options.command_timeout_ms = PATIENT_MS;
    assert_int_equal(todo__redis_cache_new(&options, &cache, NULL), TODO_OK);
    return cache;
}

todo_cache *patient_cache_at(const char *url)
{
    return cache_with((todo__redis_options){.url = url});
}

todo__redis_stats *stats_of(todo_cache *cache)
{
    return &todo__redis_cache_of(cache)->stats;
}

const char *key_of(const todo_uuid *id)
{
    static char key[5 + TODO_UUID_TEXT_SIZE] = "todo:";

    todo_uuid_format(id, key + 5);
    return key;
}

const todo_item *item_of_version(const todo_uuid *id, int64_t version)
{
    todo_item members = {0};
    const todo_item *item = NULL;

    members.id = *id;
    members.user_id = fake_id(101);
    members.title = "milk";
    members.description = version % 2 == 0 ? "even" : NULL;
    members.created_at = 1000000;
    members.updated_at = 1000000 + version;
    members.version = version;
    assert_int_equal(todo_item_build(&members, sizeof(members), &item, NULL), TODO_OK);
    return item;
}

void put_version(todo_cache *cache, const todo_uuid *id, int64_t version)
{
    const todo_item *item = item_of_version(id, version);

    assert_int_equal(todo_cache_put(cache, NULL, item, NULL), TODO_OK);
    todo_item_unref(item);
}

int64_t held_version(todo_cache *cache, const todo_uuid *id)
{
    const todo_item *item = NULL;
    int64_t version;

    assert_int_equal(todo_cache_get(cache, NULL, id, &item, NULL), TODO_OK);
    version = item != NULL ? item->version : 0;
    todo_item_unref(item);
    return version;
}

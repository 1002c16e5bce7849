#include "redis_testing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    static char key[100];
    char user_text[TODO_UUID_TEXT_SIZE], id_text[TODO_UUID_TEXT_SIZE];
    todo_uuid user = fake_id(101);

    todo_uuid_format(&user, user_text);
    todo_uuid_format(id, id_text);
    snprintf(key, sizeof(key), "todo:{%s}:%s", user_text, id_text);
    return key;
}

const char *user_key(void)
{
    static char key[100];
    char text[TODO_UUID_TEXT_SIZE];
    todo_uuid user = fake_id(101);

    todo_uuid_format(&user, text);
    snprintf(key, sizeof(key), "todo:user:{%s}", text);
    return key;
}

/* ---- the database ---- */

test_database database = {.lock = PTHREAD_MUTEX_INITIALIZER};

void database_reset(void)
{
    pthread_mutex_lock(&database.lock);
    database.number = 0;
    memset(database.versions, 0, sizeof(database.versions));
    database.reads = 0;
    database.primary_down = false;
    database.meanwhile = NULL;
    pthread_mutex_unlock(&database.lock);
}

static uint64_t commit_as(const todo_uuid *id, bool removed)
{
    uint64_t number;

    pthread_mutex_lock(&database.lock);
    number = ++database.number;
    database.versions[id->bytes[15]] = removed ? 0 : (int64_t)number;
    pthread_mutex_unlock(&database.lock);
    return number;
}

uint64_t commit(const todo_uuid *id)
{
    return commit_as(id, false);
}

uint64_t commit_removal(const todo_uuid *id)
{
    return commit_as(id, true);
}

static todo_item item_of(const todo_uuid *id, int64_t version, char *text)
{
    snprintf(text, 24, "%lld", (long long)version);
    return (todo_item){.id = *id,
                       .user_id = fake_id(101),
                       .title = "milk",
                       .description = text,
                       .created_at = id->bytes[15],
                       .updated_at = 1000000 + version,
                       .version = version,
                       .modseq = version};
}

static todo_status tell_change(todo_cache *cache, todo_cache_change *change, uint64_t number)
{
    change->user = fake_id(101);
    change->sequence = (todo_sequence){number != 0 ? DATABASE_EPOCH : 0, number};
    change->count = 1;
    return todo_cache_note_change(cache, NULL, change, NULL);
}

todo_status tell(todo_cache *cache, const todo_uuid *id, uint64_t number)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    char text[24];
    const todo_item item = item_of(id, (int64_t)number, text), *items = &item;

    change.items = &items;
    change.item_count = 1;
    return tell_change(cache, &change, number);
}

todo_status tell_removal(todo_cache *cache, const todo_uuid *id, uint64_t number)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    change.removed = id;
    change.removed_count = 1;
    return tell_change(cache, &change, number);
}

todo_status tell_doubt(todo_cache *cache)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    return tell_change(cache, &change, 0);
}

int64_t change(todo_cache *cache, const todo_uuid *id)
{
    uint64_t number = commit(id);

    assert_int_equal(tell(cache, id, number), TODO_OK);
    return (int64_t)number;
}

/* What a read begins and ends with. */
static bool begin_read(const todo_call *call)
{
    pthread_mutex_lock(&database.lock);
    database.reads++;
    database.demanded = call != NULL && call->at_least != NULL ? *call->at_least : (todo_sequence){0, 0};
    return !(database.primary_down && database.demanded.epoch != 0);
}

static void end_read(const todo_call *call)
{
    void (*meanwhile)(void) = database.meanwhile;

    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = (todo_sequence){DATABASE_EPOCH, database.number};
    database.meanwhile = NULL;
    pthread_mutex_unlock(&database.lock);
    if (meanwhile != NULL)
        meanwhile();
}

static todo_status refuse_read(todo_error *error)
{
    pthread_mutex_unlock(&database.lock);
    return todo_error_set(error, TODO_ERR_UNAVAILABLE, "sequence_unavailable", NULL, NULL);
}

static todo_status read_todo(void *arg, const todo_call *call, const todo_item **ret_item, todo_error *error)
{
    const todo_uuid *id = arg;
    char text[24];
    todo_item item;

    if (!begin_read(call))
        return refuse_read(error);
    item = item_of(id, database.versions[id->bytes[15]], text);
    end_read(call);
    if (item.version == 0)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    *ret_item = todo_item_ref(&item);
    if (*ret_item == NULL) { /* it was the library's memory that ran out, not the database's */
        static todo_item borrowed;
        static char kept[24];

        borrowed = item_of(id, item.version, kept);
        *ret_item = &borrowed;
    }
    return TODO_OK;
}

static todo_status read_nothing(void *arg, const todo_call *call, const todo_item **ret_item,
                                todo_error *error)
{
    (void)arg, (void)call, (void)ret_item;
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

static int64_t load_version(todo_cache *cache, const todo_call *call, const todo_uuid *id,
                            todo_cache_loader loader)
{
    todo_uuid user = fake_id(101), wanted = *id;
    const todo_item *item = NULL;
    todo_status status = todo_cache_load(cache, call, &user, id, loader, &wanted, &item, NULL);
    int64_t version = 0;

    assert_true(status == TODO_OK || status == TODO_ERR_NOT_FOUND);
    if (status == TODO_OK) {
        version = item->version;
        assert_int_equal(atoll(item->description), version);
        assert_int_equal(item->modseq, version);
    }
    todo_item_unref(item);
    return version;
}

int64_t version_for(todo_cache *cache, const todo_call *call, const todo_uuid *id)
{
    return load_version(cache, call, id, read_todo);
}

int64_t version_in(todo_cache *cache, const todo_uuid *id)
{
    return load_version(cache, NULL, id, read_todo);
}

int64_t held_version(todo_cache *cache, const todo_uuid *id)
{
    return load_version(cache, NULL, id, read_nothing);
}

static todo_status read_todos(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                              todo_error *error)
{
    int64_t versions[256];
    todo_status status = TODO_OK;

    (void)arg;
    if (!begin_read(call))
        return refuse_read(error);
    memcpy(versions, database.versions, sizeof(versions));
    end_read(call);
    for (unsigned i = 0; i < 256 && status == TODO_OK; i++) {
        todo_uuid id = fake_id((uint8_t)i);
        char text[24];
        todo_item item = item_of(&id, versions[i], text);

        if (versions[i] != 0)
            status = visit(visit_arg, &item);
    }
    return status;
}

/* What a list showed. */
typedef struct shown {
    unsigned count;
    int64_t sum;
} shown;

static todo_status add_up(void *arg, const todo_item *item)
{
    shown *this = arg;

    assert_string_equal(item->title, "milk");
    this->count++;
    this->sum += item->version;
    return TODO_OK;
}

unsigned list_for(todo_cache *cache, const todo_call *call, const todo_list_query *query, int64_t *ret_sum)
{
    todo_uuid user = fake_id(101);
    shown this = {0, 0};

    assert_int_equal(todo_cache_list(cache, call, &user, query, read_todos, NULL, add_up, &this, NULL),
                     TODO_OK);
    if (ret_sum != NULL)
        *ret_sum = this.sum;
    return this.count;
}

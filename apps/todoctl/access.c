#include "access.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report.h"
#include "terminal.h"

#define EMBEDDED_DEFAULT "todo.db" /* of todo_store_options.url */
#define SQLITE_SCHEME    "sqlite:"

void store_settings_wipe(store_settings *settings)
{
    secret_wipe(&settings->store.secret);
    secret_wipe(&settings->reader.secret);
    secret_wipe(&settings->cache.secret);
}

static void find_path(store_settings *settings)
{
    const char *url = settings->options.url;
    if (url == NULL) {
        settings->embedded = true;
        settings->path = EMBEDDED_DEFAULT;
    } else if (strncmp(url, SQLITE_SCHEME, strlen(SQLITE_SCHEME)) == 0) {
        settings->embedded = true;
        settings->path = url + strlen(SQLITE_SCHEME);
        if (strcmp(settings->path, ":memory:") == 0)
            settings->path = NULL;
    }
}

bool store_settings_find(const ctl_context *context, store_settings *ret_settings, char *problem, size_t size)
{
    store_settings *settings = ret_settings;
    *settings = (store_settings){.path = NULL};
    if (!config_find(&context->config, SETTING_STORE, &settings->store, problem, size) ||
        !config_find(&context->config, SETTING_READER, &settings->reader, problem, size) ||
        !config_find(&context->config, SETTING_CACHE, &settings->cache, problem, size)) {
        store_settings_wipe(settings);
        return false;
    }
    todo_store_options_init(&settings->options, sizeof(settings->options));
    settings->options.url = settings->store.secret.text;
    settings->options.reader_url = settings->reader.secret.text;
    settings->options.cache_url = settings->cache.secret.text;
    settings->options.pool_size = context->connections > 0 ? context->connections : 1;
    settings->options.connect_timeout_ms = context->connect_timeout_ms;
    settings->options.call_timeout_ms = context->timeout_ms;
    settings->options.skip_migrations = true;
    find_path(settings);
    return true;
}

static int read_settings(const ctl_context *context, store_settings *ret_settings)
{
    char problem[1024];
    if (store_settings_find(context, ret_settings, problem, sizeof(problem)))
        return 0;
    return fail(EXIT_USAGE, CONFIG_NEXT, "%s", problem);
}

static int open_with(ctl_context *context, const store_settings *settings)
{
    todo_error error = TODO_ERROR_INIT;
    if (todo_store_open(&settings->options, &context->store, &error) == TODO_OK)
        return 0;
    if (strcmp(error.code, "store_missing") == 0)
        return fail(EXIT_UNAVAILABLE, "todoctl migrate to make it, or --store URL", "there is no store at %s",
                    settings->path);
    return fail_error(&error, strcmp(error.code, "store_foreign") == 0 ? "--store with another file" : NULL,
                      "cannot open the store");
}

int access_open_raw(ctl_context *context, todo_store_mode mode)
{
    store_settings settings;
    int code = read_settings(context, &settings);
    if (code == 0) {
        settings.options.mode = mode;
        code = open_with(context, &settings);
        store_settings_wipe(&settings);
    }
    return code;
}

int access_open_or_none(ctl_context *context)
{
    store_settings settings;
    todo_error error = TODO_ERROR_INIT;
    int code = read_settings(context, &settings);
    if (code != 0)
        return code;
    settings.options.mode = TODO_STORE_READ;
    if (todo_store_open(&settings.options, &context->store, &error) != TODO_OK) {
        if (strcmp(error.code, "store_missing") == 0)
            settings.options.url = "sqlite::memory:";
        code = open_with(context, &settings);
    }
    store_settings_wipe(&settings);
    return code;
}

static void count_pending(void *arg, const todo_migration *migration)
{
    unsigned *pending = arg;
    *pending += !migration->applied;
}

static int check_schema(ctl_context *context)
{
    todo_error error = TODO_ERROR_INIT;
    unsigned pending = 0;
    todo_call call = access_call(context);
    if (todo_store_migrations(context->store, &call, count_pending, &pending, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot read the state of the schema");
    return pending == 0 ? 0
                        : fail(EXIT_FAILED, "todoctl migrate", "the store's schema lacks %u migration%s",
                               pending, pending == 1 ? "" : "s");
}

int access_open(ctl_context *context, todo_store_mode mode)
{
    store_settings settings;
    int code = read_settings(context, &settings);
    if (code != 0)
        return code;
    bool in_memory = settings.embedded && settings.path == NULL;
    settings.options.mode = in_memory ? TODO_STORE_CREATE : mode;
    settings.options.skip_migrations = !in_memory;
    context->reads_file = settings.path != NULL && mode == TODO_STORE_READ;
    code = open_with(context, &settings);
    code = code == 0 ? check_schema(context) : code;
    store_settings_wipe(&settings);
    return code;
}

int access_finish(ctl_context *context)
{
    todo_error error = TODO_ERROR_INIT;
    unsigned pending = 0;
    todo_call call = access_call(context);
    if (!context->reads_file ||
        todo_store_migrations(context->store, &call, count_pending, &pending, &error) == TODO_OK)
        return 0;
    return fail_error(&error, "running the command again", "the result may be wrong");
}

void access_allow_long(ctl_context *context)
{
    if (!context->timeout_given)
        context->timeout_ms = 86400000;
}

todo_call access_call(const ctl_context *context)
{
    todo_call call = TODO_CALL_INIT;
    todo_call_set_timeout(&call, context->timeout_ms);
    return call;
}

int access_user(ctl_context *context, const char *who, const todo_user **ret_user)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    todo_queries *queries = todo_store_queries(context->store);
    todo_uuid id;
    todo_status status = todo_uuid_parse(who, &id, NULL) == TODO_OK
                             ? todo_queries_user(queries, &call, &id, ret_user, &error)
                             : todo_queries_user_by_email(queries, &call, who, ret_user, &error);
    if (status == TODO_ERR_NOT_FOUND || status == TODO_ERR_INVALID)
        return fail(EXIT_NOT_FOUND, "todoctl user list", "there is no user %s", who);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot look up %s", who);
}

int access_owner(ctl_context *context, const char *option, const todo_user **ret_user)
{
    config_value value;
    if (option != NULL)
        return access_user(context, option, ret_user);
    int code = config_get(&context->config, SETTING_USER, &value);
    if (code == 0 && value.secret.text == NULL)
        code = fail(EXIT_USAGE, "--user EMAIL or --user ID, or TODO_USER in the environment",
                    "no user given; use --user or TODO_USER");
    code = code != 0 ? code : access_user(context, value.secret.text, ret_user);
    secret_wipe(&value.secret);
    return code;
}

void access_add_id(access_ids *users, const todo_uuid *id)
{
    if (users->count == users->room) {
        users->room = users->room == 0 ? 64 : 2 * users->room;
        users->ids = need_memory(realloc(users->ids, users->room * sizeof(users->ids[0])));
    }
    users->ids[users->count++] = *id;
}

static todo_status add_user(void *arg, const todo_user *user)
{
    access_add_id(arg, &user->id);
    return TODO_OK;
}

int access_all_users(ctl_context *context, access_ids *users)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    if (todo_queries_each_user(todo_store_queries(context->store), &call, add_user, users, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot list the users");
    return 0;
}

int access_confirm(const ctl_context *context, const char *format, ...)
{
    if (context->yes)
        return 0;
    char question[512];
    char prompt[576];
    char answer[16];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(question, sizeof(question), format, arguments);
    va_end(arguments);
    make_printable(question);
    snprintf(prompt, sizeof(prompt), "%s [y/N] ", question);
    if (!terminal_ask(prompt, true, answer, sizeof(answer)))
        return fail(EXIT_USAGE, "--yes", "there is no terminal to ask: %s", question);
    if (strcasecmp(answer, "y") != 0 && strcasecmp(answer, "yes") != 0)
        return fail(EXIT_FAILED, NULL, "nothing was changed");
    return 0;
}

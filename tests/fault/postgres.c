#include "testing.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <todo/port/build.h>
#include <todo/store.h>

#include "database.h"

#define RECOVERY_LIMIT_MS 10000 /* until which a server that was started again must be in use again */

/* The backends of the library's connections. */
#define OURS "FROM pg_stat_activity WHERE application_name = 'libtodo' AND datname = current_database()"

typedef struct fixture {
    PGconn *admin;
    todo_store *store;
    todo_uuid user;
    todo_error error;
} fixture;

static todo_store_options options_for(const char *url)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;

    options.url = url;
    options.pool_size = 4;
    return options;
}

static todo_store *open_store(const todo_store_options *options)
{
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;

    if (todo_store_open(options, &store, &error) != TODO_OK)
        fail_msg("%s: %s", error.code, error.detail);
    return store;
}

static todo_uuid add_user(todo_store *store, const char *email)
{
    const todo_user *user = NULL;
    todo_user_fields fields;

    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    fields.email = email;
    fields.password_hash = "$y$j9T$not.a.hash";
    fields.created_at = todo_time_now();
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(store), NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
    return fields.id;
}

static todo_status create(fixture *f, const todo_call *call, todo_uuid *ret_id)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;
    todo_status status;

    draft.title = "milk";
    status = todo_commands_create(todo_store_commands(f->store), call, &f->user, &draft, &item, &f->error);
    if (status == TODO_OK)
        *ret_id = item->id;
    todo_item_unref(item);
    return status;
}

static todo_status get(fixture *f, const todo_call *call, const todo_uuid *id)
{
    const todo_item *item = NULL;
    todo_status status = todo_queries_get(todo_store_queries(f->store), call, &f->user, id, &item, &f->error);

    todo_item_unref(item);
    return status;
}

static todo_status rename_item(fixture *f, const todo_call *call, const todo_uuid *id)
{
    static atomic_uint renamed;
    char title[32]; /* another one each time: a patch that changes nothing does not count */
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    todo_status status;

    snprintf(title, sizeof(title), "renamed %u", atomic_fetch_add(&renamed, 1));
    patch.title = (todo_patch_text){TODO_VALUE, title};
    status =
        todo_commands_update(todo_store_commands(f->store), call, &f->user, id, &patch, &item, &f->error);
    todo_item_unref(item);
    return status;
}

static todo_call call_within(uint32_t milliseconds)
{
    todo_call call = TODO_CALL_INIT;

    todo_call_set_timeout(&call, milliseconds);
    return call;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    todo_store_options options = options_for(database_url("todo"));
    char email[80];

    todo_error_init(&f->error, sizeof(f->error));
    f->admin = database_admin("todo");
    f->store = open_store(&options);
    snprintf(email, sizeof(email), "%lld@example.org", (long long)todo_time_now());
    f->user = add_user(f->store, email);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    todo_store_close(f->store);
    PQfinish(f->admin);
    free(f);
    return 0;
}

/* The contract's tables as another implementation makes them, with a row each. */
static const char existing_schema[] =
    "SET ROLE todo;"
    "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(255) UNIQUE NOT NULL,"
    " display_name varchar(100), password_hash varchar(255) NOT NULL, created_at timestamp DEFAULT now());"
    "CREATE TABLE todos (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES "
    "users(id)"
    " ON DELETE CASCADE, title varchar(255) NOT NULL, description text, completed boolean DEFAULT false,"
    " created_at timestamp DEFAULT now(), updated_at timestamptz DEFAULT now());"
    "CREATE INDEX idx_todos_user_id ON todos (user_id);"
    "CREATE TABLE files (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), todo_id uuid NOT NULL REFERENCES "
    "todos(id)"
    " ON DELETE CASCADE, filename varchar(255) NOT NULL, mime_type varchar(100) NOT NULL, size_bytes bigint "
    "NOT NULL,"
    " storage_path text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());"
    "INSERT INTO users VALUES ('00000000-0000-4000-8000-000000000001', 'ann@example.org', 'Ann', "
    "'$2b$10$hash',"
    " '2024-02-29 12:00:00.000001');"
    "INSERT INTO todos VALUES ('00000000-0000-4000-8000-00000000000a', "
    "'00000000-0000-4000-8000-000000000001', 'old',"
    " NULL, NULL, '2024-02-29 12:00:00.123456', '2024-02-29 13:00:00.654321+01');"
    "INSERT INTO todos VALUES ('00000000-0000-4000-8000-00000000000b', "
    "'00000000-0000-4000-8000-000000000001', 'new',"
    " 'text', true, '2024-03-01 00:00:00', '2024-03-01 00:00:00+00');"
    "INSERT INTO files VALUES ('00000000-0000-4000-8000-0000000000f0', "
    "'00000000-0000-4000-8000-00000000000a', 'a',"
    " 'text/plain', 1, 'users/x');"
    "RESET ROLE";

static void check_adopted_list(todo_store *store, const todo_uuid *user)
{
    todo_item_list *list = NULL;
    const todo_item *old;
    char text[TODO_TIME_TEXT_SIZE];

    assert_int_equal(todo_queries_list(todo_store_queries(store), NULL, user, NULL, &list, NULL), TODO_OK);
    assert_int_equal(todo_item_list_count(list), 2);
    assert_string_equal(todo_item_list_at(list, 0)->title, "new");
    assert_true(todo_item_list_at(list, 0)->completed);
    assert_string_equal(todo_item_list_at(list, 0)->description, "text");
    old = todo_item_list_at(list, 1);
    assert_string_equal(old->title, "old");
    assert_false(old->completed);
    assert_null(old->description);
    assert_int_equal(old->version, 1);
    todo_time_format(old->created_at, text);
    assert_string_equal(text, "2024-02-29T12:00:00.123456Z");
    todo_time_format(old->updated_at, text);
    assert_string_equal(text, "2024-02-29T12:00:00.654321Z");
    todo_item_list_free(list);
}

static void check_adopted_changes(todo_store *store, PGconn *admin, const todo_uuid *user)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    uint32_t purged = 0;
    todo_uuid id;

    todo_uuid_parse("00000000-0000-4000-8000-00000000000a", &id, NULL);
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    assert_int_equal(todo_commands_update(todo_store_commands(store), NULL, user, &id, &patch, &item, NULL),
                     TODO_OK);
    assert_true(item->completed);
    assert_string_equal(item->title, "old");
    assert_int_equal(item->version, 2);
    todo_item_unref(item);
    assert_int_equal(database_number(admin, "SELECT count(*) FROM files"), 1);
    assert_int_equal(todo_commands_remove(todo_store_commands(store), NULL, user, &id, 2, NULL), TODO_OK);
    assert_int_equal(database_number(admin, "SELECT count(*) FROM files"), 1); /* until the purge */
    assert_int_equal(todo_commands_purge(todo_store_commands(store), NULL, user, INT64_MAX, 0, &purged, NULL),
                     TODO_OK);
    assert_int_equal(purged, 1);
    assert_int_equal(database_number(admin, "SELECT count(*) FROM files"), 0);
    assert_int_equal(database_number(admin, "SELECT count(*) FROM todos"), 1);
}

static void an_existing_database_is_adopted_without_loss(void **state)
{
    PGconn *first = ((fixture *)*state)->admin, *admin;
    const todo_user *user = NULL;
    todo_store_options options;
    todo_store *store;
    char text[TODO_TIME_TEXT_SIZE];

    database_run(first, "CREATE DATABASE adopted OWNER todo");
    admin = database_admin("adopted");
    database_run(admin, existing_schema);
    options = options_for(database_url("adopted"));
    store = open_store(&options);
    assert_int_equal(
        todo_queries_user_by_email(todo_store_queries(store), NULL, "ann@example.org", &user, NULL), TODO_OK);
    assert_string_equal(user->display_name, "Ann");
    assert_string_equal(todo_user_password_hash(user), "$2b$10$hash");
    todo_time_format(user->created_at, text);
    assert_string_equal(text, "2024-02-29T12:00:00.000001Z");
    check_adopted_list(store, &user->id);
    check_adopted_changes(store, admin, &user->id);
    todo_user_unref(user);
    todo_store_close(store);
    store = open_store(&options); /* once is enough, twice does no harm */
    todo_store_close(store);
    PQfinish(admin);
}

/* Only the way into the trash and out of it touches an index: other changes stay on the page, as heap-only tuples. */
static void a_change_touches_no_index(void **state)
{
    PGconn *admin = ((fixture *)*state)->admin;

    database_run(admin, "BEGIN; INSERT INTO users VALUES ('00000000-0000-4000-8000-0000000000aa', "
                        "'hot@example.org', NULL, '*', now());"
                        "INSERT INTO todos VALUES ('00000000-0000-4000-8000-0000000000ab', "
                        "'00000000-0000-4000-8000-0000000000aa', 'hot')");
    database_run(admin,
                 "UPDATE todos SET title = 'x', description = 'y', completed = true, updated_at = now(),"
                 " version = version + 1 WHERE id = '00000000-0000-4000-8000-0000000000ab'");
    assert_int_equal(database_number(admin, "SELECT pg_stat_get_xact_tuples_hot_updated('todos'::regclass)"),
                     1);
    database_run(admin,
                 "UPDATE todos SET deleted_at = now() WHERE id = '00000000-0000-4000-8000-0000000000ab'");
    assert_int_equal(database_number(admin, "SELECT pg_stat_get_xact_tuples_hot_updated('todos'::regclass)"),
                     1);
    assert_int_equal(database_number(admin, "SELECT pg_stat_get_xact_tuples_updated('todos'::regclass)"), 2);
    database_run(admin, "ROLLBACK");
}

static void processes_that_migrate_at_once_do_not_disturb_each_other(void **state)
{
    PGconn *first = ((fixture *)*state)->admin, *admin;
    todo_store_options options;
    pid_t children[4];

    database_run(first, "CREATE DATABASE fresh OWNER todo");
    options = options_for(database_url("fresh"));
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            todo_error error = TODO_ERROR_INIT;
            todo_store *store = NULL;

            if (todo_store_open(&options, &store, &error) != TODO_OK)
                print_error("%s: %s\n", error.code, error.detail);
            _exit(error.status);
        }
    }
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        int status = -1;

        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    admin = database_admin("fresh");
    assert_int_equal(database_number(admin, "SELECT count(*) - max(number) FROM schema_migrations"), 0);
    PQfinish(admin);
}

static void a_changed_or_newer_schema_is_refused(void **state)
{
    fixture *f = *state;

    database_run(f->admin, "INSERT INTO schema_migrations VALUES (999, 'future', 'x', now())");
    assert_int_equal(todo_store_migrate(f->store, NULL, NULL, &f->error), TODO_ERR_INTERNAL);
    assert_string_equal(f->error.code, "schema_newer");
    database_run(f->admin, "DELETE FROM schema_migrations WHERE number = 999;"
                           " UPDATE schema_migrations SET checksum = 'x' || checksum WHERE number = 1");
    assert_int_equal(todo_store_migrate(f->store, NULL, NULL, &f->error), TODO_ERR_INTERNAL);
    assert_string_equal(f->error.code, "migration_changed");
    database_run(f->admin, "UPDATE schema_migrations SET checksum = substr(checksum, 2) WHERE number = 1");
    assert_int_equal(todo_store_migrate(f->store, NULL, NULL, &f->error), TODO_OK);
}

static void connections_that_were_ended_are_replaced(void **state)
{
    fixture *f = *state;
    todo_uuid id;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    database_run(f->admin, "SELECT pg_terminate_backend(pid, 5000) " OURS);
    assert_int_equal(get(f, NULL, &id), TODO_OK);
    database_run(f->admin, "SELECT pg_terminate_backend(pid, 5000) " OURS);
    assert_int_equal(rename_item(f, NULL, &id), TODO_OK);
}

static void a_stopped_server_fails_calls_at_once_and_is_used_again(void **state)
{
    fixture *f = *state;
    todo_status status = TODO_ERR_UNAVAILABLE;
    int64_t start;
    todo_uuid id, other;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    PQfinish(f->admin);
    database_control("stop -m fast");
    for (int i = 0; i < 20; i++) {
        assert_int_equal(get(f, NULL, &id), TODO_ERR_UNAVAILABLE);
        assert_string_equal(f->error.code, "database_unavailable");
        assert_true(f->error.retryable);
        assert_true(f->error.retry_after > 0);
        assert_int_equal(create(f, NULL, &other), TODO_ERR_UNAVAILABLE);
    }
    /* Had they waited for their deadline of 30 s, the test would have been ended long ago. */
    database_control("start");
    start = now_ms();
    while (status == TODO_ERR_UNAVAILABLE && now_ms() - start < RECOVERY_LIMIT_MS)
        status = get(f, NULL, &id);
    assert_int_equal(status, TODO_OK);
    assert_int_equal(create(f, NULL, &other), TODO_OK);
    f->admin = database_admin("todo");
}

static void nobody_waits_beyond_the_deadline_for_a_lock(void **state)
{
    fixture *f = *state;
    const todo_item *item = NULL;
    todo_call call;
    todo_uuid id;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    database_run(f->admin, "BEGIN; SELECT FROM todos FOR UPDATE");
    call = call_within(200);
    assert_int_equal(rename_item(f, &call, &id), TODO_ERR_TIMEOUT);
    /* The server gives the statement up too, though the lock is still held. */
    database_await(f->admin, "SELECT count(*) " OURS " AND state = 'active'", 0);
    database_run(f->admin, "ROLLBACK");
    assert_int_equal(todo_queries_get(todo_store_queries(f->store), NULL, &f->user, &id, &item, NULL),
                     TODO_OK);
    assert_int_equal(item->version, 1);
    todo_item_unref(item);
    assert_int_equal(rename_item(f, NULL, &id), TODO_OK);
}

typedef struct waiter {
    fixture *f;
    todo_call call;
    todo_uuid id;
    todo_status status;
} waiter;

static void *rename_in_thread(void *arg)
{
    waiter *w = arg;
    fixture apart = *w->f;

    todo_error_init(&apart.error, sizeof(apart.error));
    w->status = rename_item(&apart, &w->call, &w->id);
    return NULL;
}

static void nobody_waits_beyond_the_deadline_for_a_connection(void **state)
{
    fixture *f = *state;
    todo_store_options options = options_for(database_url("todo"));
    todo_store *shared = f->store;
    waiter holder = {.f = f};
    todo_call call;
    pthread_t thread;
    todo_uuid other;

    options.pool_size = 1;
    f->store = open_store(&options);
    assert_int_equal(create(f, NULL, &holder.id), TODO_OK);
    database_run(f->admin, "BEGIN; SELECT FROM todos FOR UPDATE");
    holder.call = call_within(20000);
    pthread_create(&thread, NULL, rename_in_thread, &holder);
    database_await(f->admin, "SELECT count(*) " OURS " AND wait_event_type = 'Lock'", 1);
    call = call_within(100);
    assert_int_equal(create(f, &call, &other), TODO_ERR_TIMEOUT);
    database_run(f->admin, "ROLLBACK");
    pthread_join(thread, NULL);
    assert_int_equal(holder.status, TODO_OK);
    assert_int_equal(create(f, NULL, &other), TODO_OK);
    todo_store_close(f->store);
    f->store = shared;
}

static void nobody_waits_beyond_the_deadline_for_a_server_that_hangs(void **state)
{
    fixture *f = *state;
    todo_call call;
    todo_uuid id;
    long backend;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    backend = database_number(f->admin, "SELECT pid " OURS " ORDER BY state_change DESC LIMIT 1");
    kill((pid_t)backend, SIGSTOP);
    call = call_within(200);
    assert_int_equal(get(f, &call, &id), TODO_ERR_TIMEOUT);
    assert_int_equal(get(f, NULL, &id), TODO_OK); /* on another connection */
    kill((pid_t)backend, SIGCONT);
}

static void a_server_out_of_connections_is_used_with_those_there_are(void **state)
{
    fixture *f = *state;
    todo_store_options options = options_for(database_url("todo"));
    todo_store *shared = f->store;
    waiter waiters[8];
    pthread_t threads[COUNT_OF(waiters)];

    todo_store_close(shared);
    database_await(f->admin, "SELECT count(*) " OURS, 0);
    database_run(f->admin, "ALTER ROLE todo CONNECTION LIMIT 2");
    options.pool_size = COUNT_OF(waiters);
    f->store = open_store(&options);
    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        waiters[i] = (waiter){.f = f, .call = call_within(20000)};
        assert_int_equal(create(f, NULL, &waiters[i].id), TODO_OK);
    }
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        pthread_create(&threads[i], NULL, rename_in_thread, &waiters[i]);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        assert_int_equal(waiters[i].status, TODO_OK);
    database_run(f->admin, "ALTER ROLE todo CONNECTION LIMIT -1");
}

static void a_demoted_server_is_left_until_it_takes_writes_again(void **state)
{
    fixture *f = *state;
    todo_status status = TODO_ERR_UNAVAILABLE;
    int64_t start;
    todo_uuid id;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    database_run(f->admin, "ALTER SYSTEM SET default_transaction_read_only = on");
    database_run(f->admin, "SELECT pg_reload_conf()");
    start = now_ms();
    while (create(f, NULL, &id) != TODO_ERR_UNAVAILABLE && now_ms() - start < RECOVERY_LIMIT_MS)
        usleep(10000);
    assert_string_equal(f->error.code, "database_misconfigured");
    database_await(f->admin, "SELECT count(*) " OURS, 0);
    database_run(f->admin, "SET default_transaction_read_only = off");
    database_run(f->admin, "ALTER SYSTEM RESET default_transaction_read_only");
    database_run(f->admin, "SELECT pg_reload_conf()");
    start = now_ms();
    while (status == TODO_ERR_UNAVAILABLE && now_ms() - start < RECOVERY_LIMIT_MS)
        status = create(f, NULL, &id);
    assert_int_equal(status, TODO_OK);
}

static void a_change_of_the_table_under_a_prepared_statement_goes_unnoticed(void **state)
{
    fixture *f = *state;
    todo_uuid id;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    assert_int_equal(get(f, NULL, &id), TODO_OK);
    database_run(f->admin, "ALTER TABLE todos ALTER COLUMN title TYPE varchar(1000)");
    assert_int_equal(get(f, NULL, &id), TODO_OK);
    assert_int_equal(rename_item(f, NULL, &id), TODO_OK);
    database_run(f->admin, "ALTER TABLE todos ALTER COLUMN title TYPE text");
    assert_int_equal(get(f, NULL, &id), TODO_OK);
}

static void a_reader_that_is_down_is_replaced_by_the_writer(void **state)
{
    fixture *f = *state;
    todo_store_options options = options_for(database_url("todo"));
    todo_store *shared = f->store;
    todo_uuid id;

    options.reader_url = "postgres://todo:hunter2@127.0.0.1:1/todo";
    f->store = open_store(&options);
    assert_int_equal(create(f, NULL, &id), TODO_OK);
    assert_int_equal(get(f, NULL, &id), TODO_OK);
    todo_store_close(f->store);
    f->store = shared;
}

static void the_next_host_is_tried_when_one_does_not_answer(void **state)
{
    fixture *f = *state;
    todo_store_options options;
    char url[256];

    /* 192.0.2.1 is in TEST-NET-1 (RFC 5737): nobody answers there, or the network says so. */
    snprintf(url, sizeof(url), "postgres://todo:todo-secret@192.0.2.1:5432,127.0.0.1:1,127.0.0.1:%s/todo",
             getenv("TODO_TEST_PG_PORT"));
    options = options_for(url);
    options.connect_timeout_ms = 300;
    todo_store_close(open_store(&options));
    (void)f;
}

static void keep_part(void *arg, const todo_store_part *part)
{
    if (strcmp(part->name, "reader") == 0)
        snprintf(arg, 1024, "%s %s %d", part->url, part->detail, (int)part->status);
}

static void no_password_is_ever_shown(void **state)
{
    fixture *f = *state;
    todo_store_options options = options_for(database_url("todo"));
    todo_error error = TODO_ERROR_INIT;
    todo_store *store;
    char text[1024] = "";

    options.reader_url = "postgres://todo:hunter2@127.0.0.1:1/todo?password=hunter2";
    store = open_store(&options);
    assert_int_equal(todo_store_probe(store, NULL, keep_part, text, NULL), TODO_OK);
    assert_non_null(strstr(text, "postgresql://todo@127.0.0.1:1/todo "));
    assert_null(strstr(text, "hunter2"));
    todo_store_close(store);
    options.reader_url = "postgres://todo:hunter2@127.0.0.1:1/todo?no_such_option=1";
    assert_int_equal(todo_store_open(&options, &store, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "store_url_invalid");
    assert_null(strstr(error.detail, "hunter2"));
    assert_null(strstr(error.message, "hunter2"));
    (void)f;
}

static void statements_work_behind_a_transaction_pooler(void **state)
{
    fixture *f = *state;
    todo_store_options options = options_for(getenv("TODO_TEST_POOLER_URL"));
    todo_store *shared = f->store;
    waiter waiters[8];
    pthread_t threads[COUNT_OF(waiters)];

    options.pool_size = COUNT_OF(waiters);
    f->store = open_store(&options);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT_OF(waiters); i++) {
            waiters[i] = (waiter){.f = f, .call = call_within(20000)};
            assert_int_equal(create(f, NULL, &waiters[i].id), TODO_OK);
            pthread_create(&threads[i], NULL, rename_in_thread, &waiters[i]);
        }
        for (size_t i = 0; i < COUNT_OF(waiters); i++)
            pthread_join(threads[i], NULL);
        for (size_t i = 0; i < COUNT_OF(waiters); i++) {
            assert_int_equal(waiters[i].status, TODO_OK);
            assert_int_equal(get(f, NULL, &waiters[i].id), TODO_OK);
        }
    }
    assert_int_equal(todo_store_migrate(f->store, NULL, NULL, &f->error), TODO_OK);
    todo_store_close(f->store);
    f->store = shared;
}

typedef struct inserter {
    fixture *f;
    todo_uuid id;
    todo_status status;
} inserter;

static void *create_in_thread(void *arg)
{
    inserter *i = arg;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;

    draft.id = &i->id;
    draft.title = "milk";
    i->status =
        todo_commands_create(todo_store_commands(i->f->store), NULL, &i->f->user, &draft, &item, NULL);
    todo_item_unref(item);
    return NULL;
}

/* Holds a lock for which every insert waits, so that those of the threads go into the same statements. */
static void a_create_that_fails_takes_no_other_along(void **state)
{
    fixture *f = *state;
    PGconn *locker = database_admin("todo");
    inserter inserters[24];
    pthread_t threads[COUNT_OF(inserters)];
    todo_uuid taken;

    assert_int_equal(create(f, NULL, &taken), TODO_OK);
    database_run(locker, "BEGIN; LOCK TABLE todos IN SHARE MODE");
    for (size_t i = 0; i < COUNT_OF(inserters); i++) {
        inserters[i] = (inserter){.f = f, .id = taken};
        if (i % 4 != 0)
            todo_uuid_generate(&inserters[i].id, NULL);
        pthread_create(&threads[i], NULL, create_in_thread, &inserters[i]);
    }
    database_await(f->admin, "SELECT (count(*) > 0)::int " OURS " AND wait_event_type = 'Lock'", 1);
    database_run(locker, "ROLLBACK");
    for (size_t i = 0; i < COUNT_OF(inserters); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(inserters); i++) {
        assert_int_equal(inserters[i].status, i % 4 == 0 ? TODO_ERR_CONFLICT : TODO_OK);
        assert_int_equal(get(f, NULL, &inserters[i].id), TODO_OK);
    }
    PQfinish(locker);
}

static void a_locked_todo_holds_up_no_other(void **state)
{
    fixture *f = *state;
    PGconn *locker = database_admin("todo");
    waiter waiters[24];
    pthread_t threads[COUNT_OF(waiters)];
    char sql[160], id[TODO_UUID_TEXT_SIZE];

    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        waiters[i] = (waiter){.f = f, .call = call_within(i == 0 ? 3000 : 30000)};
        assert_int_equal(create(f, NULL, &waiters[i].id), TODO_OK);
    }
    todo_uuid_format(&waiters[0].id, id);
    snprintf(sql, sizeof(sql), "BEGIN; SELECT FROM todos WHERE id = '%s' FOR UPDATE", id);
    database_run(locker, sql);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        pthread_create(&threads[i], NULL, rename_in_thread, &waiters[i]);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        assert_int_equal(waiters[i].status, i == 0 ? TODO_ERR_TIMEOUT : TODO_OK);
    database_run(locker, "ROLLBACK");
    assert_int_equal(rename_item(f, NULL, &waiters[0].id), TODO_OK);
    PQfinish(locker);
}

static void changes_of_one_todo_by_many_all_count(void **state)
{
    fixture *f = *state;
    waiter waiters[24];
    pthread_t threads[COUNT_OF(waiters)];
    const todo_item *item = NULL;
    todo_uuid id;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        waiters[i] = (waiter){.f = f, .id = id, .call = call_within(30000)};
        pthread_create(&threads[i], NULL, rename_in_thread, &waiters[i]);
    }
    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(waiters[i].status, TODO_OK);
    }
    assert_int_equal(todo_queries_get(todo_store_queries(f->store), NULL, &f->user, &id, &item, NULL),
                     TODO_OK);
    assert_int_equal(item->version, 1 + COUNT_OF(waiters));
    todo_item_unref(item);
}

static todo_status count_item(void *arg, const todo_item *item)
{
    (void)item;
    ++*(int *)arg;
    return TODO_OK;
}

static void a_position_beyond_the_database_s_times_is_no_error(void **state)
{
    fixture *f = *state;
    const todo_cursor ends[] = {
        {INT64_MIN, {{0}}}, {INT64_MAX, {{0}}}, {INT64_MIN + 1, {{0}}}, {INT64_MAX - 1, {{0}}}};
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_uuid id;

    assert_int_equal(create(f, NULL, &id), TODO_OK);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        int count = 0;

        query.after = &ends[i];
        assert_int_equal(todo_reader_list(todo_store_reader(f->store), NULL, &f->user, &query, count_item,
                                          &count, &f->error),
                         TODO_OK);
        assert_int_equal(count, ends[i].key > 0);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_existing_database_is_adopted_without_loss),
        CASE(a_change_touches_no_index),
        CASE(processes_that_migrate_at_once_do_not_disturb_each_other),
        CASE(a_changed_or_newer_schema_is_refused),
        CASE(connections_that_were_ended_are_replaced),
        CASE(a_stopped_server_fails_calls_at_once_and_is_used_again),
        CASE(nobody_waits_beyond_the_deadline_for_a_lock),
        CASE(nobody_waits_beyond_the_deadline_for_a_connection),
        CASE(nobody_waits_beyond_the_deadline_for_a_server_that_hangs),
        CASE(a_server_out_of_connections_is_used_with_those_there_are),
        CASE(a_demoted_server_is_left_until_it_takes_writes_again),
        CASE(a_change_of_the_table_under_a_prepared_statement_goes_unnoticed),
        CASE(a_reader_that_is_down_is_replaced_by_the_writer),
        CASE(the_next_host_is_tried_when_one_does_not_answer),
        CASE(no_password_is_ever_shown),
        CASE(statements_work_behind_a_transaction_pooler),
        CASE(a_create_that_fails_takes_no_other_along),
        CASE(a_locked_todo_holds_up_no_other),
        CASE(changes_of_one_todo_by_many_all_count),
        CASE(a_position_beyond_the_database_s_times_is_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

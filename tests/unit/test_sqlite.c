/* What is particular to the SQLite adapter; what it has in common with others is in tests/contract. */
#include "testing.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <todo/port/build.h>
#include <todo/store.h>

#include "adapters/migrations.h"
#include "adapters/sqlite/statements.h"

#define THREADS 16

typedef struct sandbox {
    char folder[64];
    char path[96];
    char url[128];
} sandbox;

static int make_sandbox(void **state)
{
    sandbox *box = calloc(1, sizeof(*box));

    strcpy(box->folder, "/tmp/todo-sqlite.XXXXXX");
    if (mkdtemp(box->folder) == NULL)
        return -1;
    snprintf(box->path, sizeof(box->path), "%s/todo.db", box->folder);
    snprintf(box->url, sizeof(box->url), "sqlite:%s", box->path);
    *state = box;
    return 0;
}

static int remove_sandbox(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    sandbox *box = *state;
    char path[128];
    int rc;

    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        snprintf(path, sizeof(path), "%s%s", box->path, suffixes[i]);
        unlink(path);
    }
    rc = rmdir(box->folder);
    free(box);
    return rc;
}

static todo_status try_open(const char *url, todo_store **ret_store, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;

    options.url = url;
    return todo_store_open(&options, ret_store, error);
}

static todo_status open_as(const char *url, todo_store_mode mode, todo_store **ret_store, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;

    options.url = url;
    options.mode = mode;
    return todo_store_open(&options, ret_store, error);
}

static todo_store *open_store(const char *url)
{
    todo_store *store = NULL;
    todo_error error = TODO_ERROR_INIT;

    if (try_open(url, &store, &error) != TODO_OK)
        fail_msg("%s: %s (%s)", url, error.message, error.detail);
    return store;
}

/* The same database, past the adapter. */
static sqlite3 *open_raw(const sandbox *box)
{
    sqlite3 *raw = NULL;

    assert_int_equal(sqlite3_open(box->path, &raw), SQLITE_OK);
    return raw;
}

static void run_raw(sqlite3 *raw, const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(raw, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static int64_t ask_raw(sqlite3 *raw, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static todo_uuid add_user(todo_store *store)
{
    todo_user_fields fields;
    const todo_user *user = NULL;
    char email[TODO_UUID_TEXT_SIZE + 16];
    char id[TODO_UUID_TEXT_SIZE];

    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    todo_uuid_format(&fields.id, id);
    snprintf(email, sizeof(email), "%s@example.org", id);
    fields.email = email;
    fields.password_hash = "*";
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(store), NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
    return fields.id;
}

static todo_status add_item(todo_store *store, const todo_call *call, const todo_uuid *user,
                            todo_error *error)
{
    todo_item item = {.user_id = *user, .title = "milk", .created_at = 1, .updated_at = 1, .version = 1};
    const todo_item *items[] = {&item};

    if (todo_uuid_generate(&item.id, error) != TODO_OK)
        return TODO_ERR_INTERNAL;
    return todo_writer_insert(todo_store_writer(store), call, items, 1, error);
}

static void keeps_its_file_to_its_owner(void **state)
{
    sandbox *box = *state;
    mode_t mask = umask(0);
    todo_store *store = open_store(box->url);
    struct stat info;
    char path[128];

    umask(mask);
    add_user(store);
    assert_int_equal(stat(box->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    snprintf(path, sizeof(path), "%s-wal", box->path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    todo_store_close(store);
}

static void says_what_to_do_when_it_cannot_open(void **state)
{
    sandbox *box = *state;
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;
    char url[160];
    FILE *file;

    snprintf(url, sizeof(url), "sqlite:%s/missing/todo.db", box->folder);
    assert_int_equal(try_open(url, &store, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "store_url_invalid");
    assert_non_null(strstr(error.message, "folder"));
    assert_non_null(strstr(error.detail, "/missing/todo.db"));

    snprintf(url, sizeof(url), "sqlite:%s", box->folder);
    assert_int_equal(try_open(url, &store, &error), TODO_ERR_UNAVAILABLE);
    assert_non_null(strstr(error.detail, box->folder));

    assert_int_equal(try_open("sqlite:", &store, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "store_url_invalid");

    file = fopen(box->path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("not a database\n", file);
    fclose(file);
    assert_int_equal(try_open(box->url, &store, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "store_url_invalid");
    assert_non_null(strstr(error.message, "not an SQLite database"));
    assert_null(store);
}

static void a_file_in_another_encoding_is_refused(void **state)
{
    sandbox *box = *state;
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;
    sqlite3 *sqlite = NULL;

    assert_int_equal(sqlite3_open(box->path, &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite, "PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x); DROP TABLE t",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(sqlite);
    assert_int_equal(try_open(box->url, &store, &error), TODO_ERR_INVALID);
    assert_non_null(strstr(error.message, "not in UTF-8"));
}

static void a_relative_path_stays_valid_when_the_folder_changes(void **state)
{
    sandbox *box = *state;
    todo_store *store;
    todo_uuid user;
    char *folder = getcwd(NULL, 0);

    assert_int_equal(chdir(box->folder), 0);
    store = open_store("sqlite:todo.db");
    assert_int_equal(chdir(folder), 0);
    user = add_user(store);
    assert_int_equal(add_item(store, NULL, &user, NULL), TODO_OK);
    todo_store_close(store);
    assert_int_equal(access(box->path, R_OK), 0);
    free(folder);
}

static todo_status count_one(void *arg, const todo_item *item)
{
    (void)item;
    ++*(size_t *)arg;
    return TODO_OK;
}

#define USER_UNKNOWN SIZE_MAX

static size_t count_items(todo_store *store, const todo_call *call, const todo_uuid *user)
{
    size_t count = 0;
    todo_status status =
        todo_reader_list(todo_store_reader(store), call, user, NULL, count_one, &count, NULL);

    if (status == TODO_ERR_UNAUTHENTICATED && count == 0)
        return USER_UNKNOWN;
    assert_int_equal(status, TODO_OK);
    return count;
}

static void a_lock_of_another_process_holds_writes_up_but_not_reads(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_uuid user = add_user(store);
    todo_call call = TODO_CALL_INIT;
    todo_error error = TODO_ERROR_INIT;
    sqlite3 *raw = open_raw(box);

    run_raw(raw, "BEGIN IMMEDIATE");
    todo_call_set_timeout(&call, 60);
    assert_int_equal(add_item(store, &call, &user, &error), TODO_ERR_TIMEOUT);
    assert_true(error.retryable);
    assert_int_equal(todo_call_remaining(&call), 0);
    assert_int_equal(count_items(store, NULL, &user), 0);
    run_raw(raw, "ROLLBACK");
    assert_int_equal(add_item(store, NULL, &user, &error), TODO_OK);
    assert_int_equal(count_items(store, NULL, &user), 1);
    sqlite3_close(raw);
    todo_store_close(store);
}

/* As a library left it that knew the first migration only: nothing is lost, and all of it is there at once. */
static void a_database_of_before_the_trash_is_taken_over(void **state)
{
    sandbox *box = *state;
    sqlite3 *raw = open_raw(box);
    char record[256];
    todo_store *store;
    todo_uuid user;

    run_raw(raw, todo__sqlite_migrations[0].sql);
    run_raw(raw, "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                 " checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
    snprintf(record, sizeof(record), "INSERT INTO schema_migrations VALUES (1, 'initial', '%s', 1)",
             todo__sqlite_migrations[0].checksum);
    run_raw(raw, record);
    run_raw(raw, "INSERT INTO users VALUES (x'00000000000040008000000000000001', 'a@b.c', NULL, '*', 1)");
    run_raw(raw,
            "INSERT INTO todos (id, user_id, title, completed, created_at, updated_at, version)"
            " VALUES (x'0000000000004000800000000000000a', x'00000000000040008000000000000001', 'old', 0, 2, "
            "3, 4), (x'0000000000004000800000000000000b', x'00000000000040008000000000000001', 'done', 1, "
            "5, 6, 7)");
    sqlite3_close(raw);
    store = open_store(box->url);
    assert_int_equal(todo_uuid_parse("00000000-0000-4000-8000-000000000001", &user, NULL), TODO_OK);
    assert_int_equal(count_items(store, NULL, &user), 2);
    raw = open_raw(box);
    assert_int_equal(ask_raw(raw, "SELECT count(*) - count(deleted_at) FROM todos"), 2);
    assert_int_equal(ask_raw(raw, "SELECT max(number) FROM schema_migrations"),
                     todo__sqlite_migrations_count);
    assert_int_equal(ask_raw(raw, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    sqlite3_close(raw);
    todo_store_close(store);
}

/* The plan of a statement, its steps joined. */
static void explain(sqlite3 *raw, todo__sqlite_statement_id id, char plan[2048])
{
    char sql[TODO__SQLITE_TEXT_SIZE + 32] = "EXPLAIN QUERY PLAN ";
    sqlite3_stmt *statement = NULL;

    todo__sqlite_statement_text(id, sql + strlen(sql));
    plan[0] = '\0';
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        snprintf(plan + strlen(plan), 2048 - strlen(plan), "%s\n",
                 (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
}

/* So a page takes the same time wherever it lies in a list, and however many todos a filter leaves out. */
static void a_list_enters_an_index_at_its_position_and_sorts_nothing(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    sqlite3 *raw = open_raw(box);
    todo_cursor after = {0};
    char plan[2048], range[128];

    for (unsigned variant = 0; variant < 24; variant++) {
        todo_list_query query = TODO_LIST_QUERY_INIT;
        const char *key = variant & 1 ? "updated_at" : "created_at";
        bool both;

        query.sort = variant & 1 ? TODO_SORT_UPDATED_AT : TODO_SORT_CREATED_AT;
        query.ascending = (variant & 2) != 0;
        query.after = variant & 4 ? &after : NULL;
        query.completed = (todo_flag_filter)(variant / 8);
        both = query.completed == TODO_ANY;
        explain(raw, todo__sqlite_list_statement(&query), plan);
        snprintf(range, sizeof(range),
                 "SEARCH todos USING INDEX todos_by_%s (user_id=? AND <expr>=? AND completed=?", key);
        if (query.after != NULL)
            snprintf(range + strlen(range), sizeof(range) - strlen(range), " AND (%s,id)%c(?,?))\n", key,
                     query.ascending ? '>' : '<');
        else
            strcat(range, ")\n");
        if (strstr(plan, range) == NULL || strstr(plan, "TEMP B-TREE") != NULL ||
            strstr(plan, "SCAN") != NULL || (strstr(plan, "MERGE (UNION ALL)") != NULL) != both)
            fail_msg("the plan of variant %u is\n%s and not\n%s", variant, plan, range);
    }
    sqlite3_close(raw);
    todo_store_close(store);
}

static void the_other_statements_find_their_rows_by_an_index(void **state)
{
    static const todo__sqlite_statement_id ids[] = {
        TODO__SQLITE_TODO_UPDATE,       TODO__SQLITE_TODO_DELETE,
        TODO__SQLITE_TODO_TRASH,        TODO__SQLITE_TODO_RESTORE,
        TODO__SQLITE_TODO_PURGE,        TODO__SQLITE_TODO_PURGE_USER,
        TODO__SQLITE_TODO_COUNT_TRASH,  TODO__SQLITE_TODO_COUNT_TRASH_USER,
        TODO__SQLITE_TODO_FIND_TRASHED, TODO__SQLITE_TODO_FIND,
        TODO__SQLITE_TODO_EXISTS,       TODO__SQLITE_SEQUENCE,
        TODO__SQLITE_SEQUENCE_STORE,    TODO__SQLITE_USER_SET_HASH,
        TODO__SQLITE_USER_DELETE,       TODO__SQLITE_USER_BY_ID,
        TODO__SQLITE_USER_BY_EMAIL};
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    sqlite3 *raw = open_raw(box);
    char plan[2048];

    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        explain(raw, ids[i], plan);
        assert_non_null(strstr(plan, "SEARCH"));
        if (strstr(plan, "SCAN todos") != NULL || strstr(plan, "SCAN users") != NULL)
            fail_msg("the plan of statement %d is\n%s", ids[i], plan);
    }
    sqlite3_close(raw);
    todo_store_close(store);
}

typedef struct late_writer {
    todo_store *store;
    const todo_uuid *user;
    uint32_t timeout_ms;
    todo_status status;
} late_writer;

static void *write_late(void *arg)
{
    late_writer *this = arg;
    todo_call call = TODO_CALL_INIT;

    todo_call_set_timeout(&call, this->timeout_ms);
    this->status = add_item(this->store, &call, this->user, NULL);
    return NULL;
}

static void each_waiting_write_has_its_own_deadline(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_uuid user = add_user(store);
    sqlite3 *raw = open_raw(box);
    late_writer writers[THREADS];
    pthread_t threads[THREADS];

    run_raw(raw, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < THREADS; i++) {
        writers[i] = (late_writer){store, &user, i % 2 == 0 ? 30 : 60000, TODO_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, write_late, &writers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i += 2)
        pthread_join(threads[i], NULL);
    run_raw(raw, "ROLLBACK");
    for (size_t i = 1; i < THREADS; i += 2)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(writers[i].status, i % 2 == 0 ? TODO_ERR_TIMEOUT : TODO_OK);
    assert_int_equal(count_items(store, NULL, &user), THREADS / 2);
    sqlite3_close(raw);
    todo_store_close(store);
}

typedef struct mixed_writer {
    todo_store *store;
    const todo_uuid *user;
    unsigned failures, successes;
} mixed_writer;

/* Every third write breaks a rule of the database; in whatever group it ends up, the others must not notice. */
static void *write_mixed(void *arg)
{
    mixed_writer *this = arg;
    todo_uuid nobody = {{0}};

    for (int i = 0; i < 30; i++) {
        if (i % 3 == 0)
            this->failures += add_item(this->store, NULL, &nobody, NULL) == TODO_ERR_UNAUTHENTICATED;
        else
            this->successes += add_item(this->store, NULL, this->user, NULL) == TODO_OK;
    }
    return NULL;
}

static void a_failed_write_leaves_its_group_alone(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_uuid user = add_user(store);
    mixed_writer writers[THREADS];
    pthread_t threads[THREADS];
    sqlite3 *raw;

    for (size_t i = 0; i < THREADS; i++) {
        writers[i] = (mixed_writer){store, &user, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_mixed, &writers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].failures, 10);
        assert_int_equal(writers[i].successes, 20);
    }
    raw = open_raw(box);
    assert_int_equal(ask_raw(raw, "SELECT count(*) FROM todos"), 20 * THREADS);
    sqlite3_close(raw);
    todo_store_close(store);
}

static void a_removal_that_takes_too_long_is_undone(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_uuid user = add_user(store);
    todo_call call = TODO_CALL_INIT;
    sqlite3 *raw = open_raw(box);

    run_raw(raw, "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
                 " INSERT INTO todos (id, user_id, title, completed, created_at, updated_at, version)"
                 " SELECT randomblob(16), (SELECT id FROM users), 'many', 0, i, i, 1 FROM n");
    todo_call_set_timeout(&call, 5);
    assert_int_equal(todo_users_remove(todo_store_users(store), &call, &user, NULL, NULL, NULL),
                     TODO_ERR_TIMEOUT);
    assert_int_equal(ask_raw(raw, "SELECT count(*) FROM todos"), 40000);
    assert_int_equal(todo_users_remove(todo_store_users(store), NULL, &user, NULL, NULL, NULL), TODO_OK);
    assert_int_equal(ask_raw(raw, "SELECT count(*) FROM todos"), 0);
    sqlite3_close(raw);
    todo_store_close(store);
}

/* A limit on the file's size is a disk that is full, without a disk. */
static void a_full_disk_fails_the_write_and_nothing_else(void **state)
{
    enum { BIG = 4 << 20 };
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_uuid user = add_user(store);
    todo_item item = {.user_id = user, .title = "big", .created_at = 1, .updated_at = 1, .version = 1};
    const todo_item *items[] = {&item};
    todo_error error = TODO_ERROR_INIT;
    char *description = calloc(1, BIG + 1);
    struct rlimit unlimited, limited;
    todo_status status;

    memset(description, 'x', BIG);
    item.description = description;
    assert_int_equal(todo_uuid_generate(&item.id, NULL), TODO_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    limited = unlimited;
    limited.rlim_cur = BIG / 2;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limited), 0);
    status = todo_writer_insert(todo_store_writer(store), NULL, items, 1, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    assert_int_equal(status, TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, "database_unavailable");
    assert_int_equal(count_items(store, NULL, &user), 0);
    assert_int_equal(todo_writer_insert(todo_store_writer(store), NULL, items, 1, &error), TODO_OK);
    assert_int_equal(count_items(store, NULL, &user), 1);
    free(description);
    todo_store_close(store);
}

/* Somebody always reads: before one transaction ends the next has begun. */
typedef struct steady_reader {
    sqlite3 *raw[2];
    atomic_bool stop;
} steady_reader;

static void *read_steadily(void *arg)
{
    steady_reader *this = arg;
    struct timespec pause = {0, 400000};

    for (unsigned turn = 0; !atomic_load(&this->stop); turn++) {
        sqlite3_exec(this->raw[turn % 2], "BEGIN; SELECT count(*) FROM users", NULL, NULL, NULL);
        nanosleep(&pause, NULL);
        sqlite3_exec(this->raw[(turn + 1) % 2], "ROLLBACK", NULL, NULL, NULL);
    }
    for (size_t i = 0; i < COUNT_OF(this->raw); i++)
        sqlite3_close(this->raw[i]);
    return NULL;
}

static long log_size(const sandbox *box)
{
    char path[128];
    struct stat info;

    snprintf(path, sizeof(path), "%s-wal", box->path);
    assert_int_equal(stat(path, &info), 0);
    return (long)info.st_size;
}

/* On a busy machine a reader may be held up in its transaction: then it takes longer until the log begins anew. */
static void the_log_stays_short_although_somebody_always_reads(void **state)
{
    enum { ITEMS = 10, SIZE = 200000, BATCHES_MAX = 250, ENOUGH = 50 << 20 };
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_item items[ITEMS], item = {.user_id = add_user(store), .title = "big", .version = 1};
    const todo_item *pointers[ITEMS];
    steady_reader reader = {.raw = {open_raw(box), open_raw(box)}};
    char *description = calloc(1, SIZE + 1);
    long written = 0;
    pthread_t thread;

    item.description = memset(description, 'x', SIZE);
    assert_int_equal(pthread_create(&thread, NULL, read_steadily, &reader), 0);
    for (int batch = 0; batch < BATCHES_MAX && (written < ENOUGH || log_size(box) > written / 3 * 2);
         batch++) {
        for (size_t i = 0; i < ITEMS; i++) {
            items[i] = item;
            pointers[i] = &items[i];
            assert_int_equal(todo_uuid_generate(&items[i].id, NULL), TODO_OK);
        }
        assert_int_equal(todo_writer_insert(todo_store_writer(store), NULL, pointers, ITEMS, NULL), TODO_OK);
        written += ITEMS * SIZE;
    }
    atomic_store(&reader.stop, true);
    pthread_join(thread, NULL);
    assert_true(log_size(box) <= written / 3 * 2);
    free(description);
    todo_store_close(store);
}

static void refuses_a_changed_migration(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_error error = TODO_ERROR_INIT;
    sqlite3 *raw = open_raw(box);

    todo_store_close(store);
    store = NULL;
    run_raw(raw, "UPDATE schema_migrations SET checksum = 'other' WHERE number = 1");
    assert_int_equal(try_open(box->url, &store, &error), TODO_ERR_INTERNAL);
    assert_string_equal(error.code, "migration_changed");
    assert_null(store);
    sqlite3_close(raw);
}

static void refuses_a_newer_schema(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_error error = TODO_ERROR_INIT;
    sqlite3 *raw = open_raw(box);

    todo_store_close(store);
    store = NULL;
    run_raw(raw, "INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 1)");
    assert_int_equal(try_open(box->url, &store, &error), TODO_ERR_INTERNAL);
    assert_string_equal(error.code, "schema_newer");
    sqlite3_close(raw);
}

static void a_migration_that_fails_leaves_the_database_as_it_was(void **state)
{
    sandbox *box = *state;
    todo_store *store = NULL;
    todo_error error = TODO_ERROR_INIT;
    sqlite3 *raw = open_raw(box);

    run_raw(raw, "CREATE TABLE todos (somebody, elses); PRAGMA application_id = 0x746f646f");
    assert_int_equal(try_open(box->url, &store, &error), TODO_ERR_INTERNAL);
    assert_string_equal(error.code, "migration_failed");
    assert_non_null(strstr(error.detail, "todos"));
    assert_int_equal(ask_raw(raw, "SELECT count(*) FROM sqlite_schema"), 1);
    sqlite3_close(raw);
}

static void many_processes_may_open_a_new_file_at_once(void **state)
{
    sandbox *box = *state;
    pid_t children[8];
    sqlite3 *raw;
    int status;

    for (size_t i = 0; i < COUNT_OF(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            todo_store *store = NULL;
            bool ok = try_open(box->url, &store, NULL) == TODO_OK;

            if (ok)
                todo_store_close(store);
            _exit(ok ? 0 : 1);
        }
    }
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    raw = open_raw(box);
    assert_int_equal(ask_raw(raw, "SELECT count(*) FROM schema_migrations"),
                     ask_raw(raw, "SELECT max(number) FROM schema_migrations"));
    sqlite3_close(raw);
}

static void a_store_that_is_missing_is_made_only_if_asked_for(void **state)
{
    static const todo_store_mode modes[] = {TODO_STORE_EXISTING, TODO_STORE_READ};
    sandbox *box = *state;

    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        todo_error error = TODO_ERROR_INIT;
        todo_store *store = NULL;

        assert_int_equal(open_as(box->url, modes[i], &store, &error), TODO_ERR_UNAVAILABLE);
        assert_string_equal(error.code, "store_missing");
        assert_int_equal(access(box->path, F_OK), -1);
    }
}

static void what_is_opened_to_read_refuses_every_change(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_error error = TODO_ERROR_INIT;
    todo_uuid user = add_user(store);
    uint32_t applied;

    assert_int_equal(add_item(store, NULL, &user, NULL), TODO_OK);
    todo_store_close(store);
    assert_int_equal(open_as(box->url, TODO_STORE_READ, &store, &error), TODO_OK);
    assert_int_equal(count_items(store, NULL, &user), 1);
    assert_int_equal(add_item(store, NULL, &user, &error), TODO_ERR_UNSUPPORTED);
    assert_string_equal(error.code, "store_read_only");
    assert_int_equal(todo_store_vacuum(store, NULL, &error), TODO_ERR_UNSUPPORTED);
    assert_int_equal(todo_store_migrate(store, NULL, &applied, &error), TODO_OK); /* nothing is outstanding */
    assert_int_equal(applied, 0);
    todo_store_close(store);
}

static void a_file_that_changes_while_it_is_read_without_a_lock_is_noticed(void **state)
{
    sandbox *box = *state;
    todo_store *writer = open_store(box->url), *reader = NULL;
    todo_uuid user = add_user(writer);
    todo_error error = TODO_ERROR_INIT;

    todo_store_close(writer);
    assert_int_equal(open_as(box->url, TODO_STORE_READ, &reader, &error), TODO_OK);
    assert_int_equal(count_items(reader, NULL, &user), 0);
    assert_int_equal(todo_store_probe(reader, NULL, NULL, NULL, &error), TODO_OK);
    writer = open_store(box->url);
    assert_int_equal(todo_store_probe(reader, NULL, NULL, NULL, &error), TODO_ERR_UNAVAILABLE);
    assert_int_equal(add_item(writer, NULL, &user, NULL), TODO_OK);
    todo_store_close(writer);
    assert_int_equal(todo_store_probe(reader, NULL, NULL, NULL, &error), TODO_ERR_UNAVAILABLE);
    todo_store_close(reader);
}

#define TURNS 150

/* What one of several processes does to a store that each has opened for itself. */
static bool take_turns(const sandbox *box, const todo_uuid *user, const todo_uuid *shared)
{
    todo_store *store = NULL;
    bool good = open_as(box->url, TODO_STORE_EXISTING, &store, NULL) == TODO_OK;

    for (int i = 0; good && i < TURNS; i++) {
        todo_item_patch patch = TODO_ITEM_PATCH_INIT;
        const todo_item *item = NULL;
        todo_status status;

        good = add_item(store, NULL, user, NULL) == TODO_OK;
        patch.completed.presence = TODO_VALUE;
        patch.completed.value = true;
        do { /* as a client does that is told 412 */
            todo_item_unref(item);
            item = NULL;
            good = good &&
                   todo_queries_get(todo_store_queries(store), NULL, user, shared, &item, NULL) == TODO_OK;
            if (!good)
                break;
            patch.if_version = item->version;
            patch.completed.value = !item->completed;
            todo_item_unref(item);
            item = NULL;
            status =
                todo_commands_update(todo_store_commands(store), NULL, user, shared, &patch, &item, NULL);
        } while (status == TODO_ERR_PRECONDITION);
        good = good && status == TODO_OK;
        todo_item_unref(item);
    }
    todo_store_close(store);
    return good;
}

/* Two cores on one file: no write is lost, none is refused, and a version is given once. */
static void several_processes_may_write_to_one_file(void **state)
{
    sandbox *box = *state;
    todo_store *store = open_store(box->url);
    todo_uuid user = add_user(store), shared;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;
    pid_t children[3];
    sqlite3 *raw;
    int status;

    draft.title = "shared";
    assert_int_equal(todo_commands_create(todo_store_commands(store), NULL, &user, &draft, &item, NULL),
                     TODO_OK);
    shared = item->id;
    todo_item_unref(item);
    todo_store_close(store);
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(take_turns(box, &user, &shared) ? 0 : 1);
    }
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    store = open_store(box->url);
    assert_int_equal(todo_queries_get(todo_store_queries(store), NULL, &user, &shared, &item, NULL), TODO_OK);
    assert_int_equal(item->version, 1 + TURNS * COUNT_OF(children));
    todo_item_unref(item);
    todo_store_close(store);
    raw = open_raw(box);
    assert_int_equal(ask_raw(raw, "SELECT count(*) FROM todos"), 1 + TURNS * COUNT_OF(children));
    sqlite3_close(raw);
}

static void a_database_in_memory_is_shared_by_the_threads_of_one_store(void **state)
{
    todo_store *store = open_store("sqlite::memory:"), *other = open_store("sqlite::memory:");
    todo_uuid user = add_user(store);
    mixed_writer writers[4];
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(writers); i++) {
        writers[i] = (mixed_writer){store, &user, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_mixed, &writers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(writers); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(count_items(store, NULL, &user), 80);
    assert_true(count_items(other, NULL, &user) == USER_UNKNOWN);
    todo_store_close(store);
    todo_store_close(other);
}

#define in_a_sandbox(test) cmocka_unit_test_setup_teardown(test, make_sandbox, remove_sandbox)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_sandbox(keeps_its_file_to_its_owner),
        in_a_sandbox(says_what_to_do_when_it_cannot_open),
        in_a_sandbox(a_file_in_another_encoding_is_refused),
        in_a_sandbox(a_relative_path_stays_valid_when_the_folder_changes),
        in_a_sandbox(a_database_of_before_the_trash_is_taken_over),
        in_a_sandbox(a_list_enters_an_index_at_its_position_and_sorts_nothing),
        in_a_sandbox(the_other_statements_find_their_rows_by_an_index),
        in_a_sandbox(a_lock_of_another_process_holds_writes_up_but_not_reads),
        in_a_sandbox(each_waiting_write_has_its_own_deadline),
        in_a_sandbox(a_failed_write_leaves_its_group_alone),
        in_a_sandbox(a_removal_that_takes_too_long_is_undone),
        in_a_sandbox(a_full_disk_fails_the_write_and_nothing_else),
        in_a_sandbox(the_log_stays_short_although_somebody_always_reads),
        in_a_sandbox(refuses_a_changed_migration),
        in_a_sandbox(refuses_a_newer_schema),
        in_a_sandbox(a_migration_that_fails_leaves_the_database_as_it_was),
        in_a_sandbox(many_processes_may_open_a_new_file_at_once),
        in_a_sandbox(a_store_that_is_missing_is_made_only_if_asked_for),
        in_a_sandbox(what_is_opened_to_read_refuses_every_change),
        in_a_sandbox(a_file_that_changes_while_it_is_read_without_a_lock_is_noticed),
        in_a_sandbox(several_processes_may_write_to_one_file),
        cmocka_unit_test(a_database_in_memory_is_shared_by_the_threads_of_one_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

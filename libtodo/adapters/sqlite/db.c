#include "adapters/sqlite/db.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "adapters/sqlite/error.h"
#include "adapters/sqlite/file.h"
#include "adapters/sqlite/maintain.h"
#include "util/alloc.h"
#include "util/monotonic.h"

/* Reading is work for a core; a few more connections keep it busy while others wait for the disk. */
#define READERS_MIN 4
#define READERS_MAX 16

int64_t todo__sqlite_deadline(const todo__sqlite *db, const todo_call *call)
{
    return call != NULL && call->deadline != 0 ? call->deadline : todo__monotonic_us() + db->call_timeout_us;
}

todo_status todo__sqlite_reader(todo__sqlite *db, const todo_call *call,
                                todo__sqlite_connection **ret_connection, todo_error *error)
{
    /* What was read before is what was there only if no process has changed the file since. */
    if (db->pool.mode == TODO__SQLITE_FROZEN && !todo__sqlite_is_frozen(db->pool.path, &db->frozen)) {
        todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL,
                       "another process has opened the SQLite file meanwhile: run the command again");
        todo_error_set_detail(error, db->pool.path);
        return TODO_ERR_UNAVAILABLE;
    }
    return todo__sqlite_pool_take(&db->pool, todo__parking_of(call), todo__sqlite_deadline(db, call),
                                  ret_connection, error);
}

bool todo__sqlite_reads_only(const todo__sqlite *db)
{
    return db->pool.mode != TODO__SQLITE_WRITE;
}

todo_status todo__sqlite_refuse_write(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNSUPPORTED, "store_read_only", NULL,
                          "the store was opened to read only");
}

static todo_status path_of(const char *url, const char **ret_path, todo_error *error)
{
    static const char scheme[] = "sqlite:";

    if (strncasecmp(url, scheme, strlen(scheme)) != 0 || url[strlen(scheme)] == '\0')
        return todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", NULL,
                              "the store's URL must be sqlite:PATH or sqlite::memory:");
    *ret_path = url + strlen(scheme);
    return TODO_OK;
}

/* What the first connection failed with, with a word on what to do. */
static todo_status not_opened(const char *path, const todo_error *reason, todo_error *error)
{
    if (reason->status == TODO_ERR_UNAVAILABLE && strcmp(reason->code, "store_missing") != 0)
        return todo__sqlite_not_usable(error, reason->status,
                                       "the SQLite file can't be opened: check its rights and the disk", path,
                                       reason->detail);
    if (reason->status == TODO_ERR_INVALID && strcmp(reason->code, "store_foreign") != 0)
        return todo__sqlite_not_usable(error, reason->status, reason->message, path, reason->detail);
    todo_error_set(error, reason->status, reason->code, NULL, reason->message);
    todo_error_set_detail(error, reason->detail[0] != '\0' ? reason->detail : path);
    return reason->status;
}

static todo_status open_first(const char *path, todo__sqlite_mode mode, bool may_be_empty, int64_t deadline,
                              todo__sqlite_connection **ret_connection, todo_error *error)
{
    todo_error reason = TODO_ERROR_INIT;
    todo__sqlite_connection *connection = NULL;
    todo_status status = todo__sqlite_connect(path, mode, may_be_empty, deadline, &connection, &reason);

    if (status == TODO_OK && mode == TODO__SQLITE_WRITE &&
        sqlite3_db_readonly(connection->sqlite, "main") == 1) {
        todo__sqlite_disconnect(connection);
        return todo__sqlite_not_usable(error, TODO_ERR_UNAVAILABLE,
                                       "the SQLite file may not be written: check its rights", path,
                                       "read-only");
    }
    if (status != TODO_OK)
        return not_opened(path, &reason, error);
    *ret_connection = connection;
    return TODO_OK;
}

static unsigned readers_wanted(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < READERS_MIN ? READERS_MIN : cores > READERS_MAX ? READERS_MAX : (unsigned)cores;
}

/* Opens the connection that every database needs: the writer of a file, or the first to read with. */
static todo_status open_connections(todo__sqlite *db, const char *path, todo_store_mode wanted,
                                    int64_t deadline, todo_error *error)
{
    bool in_memory = strcmp(path, ":memory:") == 0;
    todo__sqlite_mode mode = TODO__SQLITE_WRITE;
    todo__sqlite_connection *first = NULL;
    todo_status status =
        in_memory ? TODO_OK : todo__sqlite_prepare_file(path, wanted, &mode, &db->frozen, error);

    if (status == TODO_OK)
        status = open_first(path, mode, wanted == TODO_STORE_CREATE, deadline, &first, error);
    if (status != TODO_OK)
        return status;
    /* SQLite knows the absolute path: readers opened later find the file from any working directory. */
    status = todo__sqlite_pool_init(&db->pool, in_memory ? path : sqlite3_db_filename(first->sqlite, "main"),
                                    mode, in_memory ? 1 : readers_wanted(), error);
    if (status != TODO_OK)
        todo__sqlite_disconnect(first);
    else if (in_memory || mode != TODO__SQLITE_WRITE)
        todo__sqlite_pool_adopt(&db->pool, first);
    else
        db->writer = first;
    return status;
}

/* The writer last: the last connection of all to a file moves its log into the database. */
static void close_db(void *self)
{
    todo__sqlite *db = self;

    if (db == NULL)
        return;
    todo__sqlite_pool_destroy(&db->pool);
    todo__sqlite_disconnect(db->writer);
    todo__queue_destroy(&db->queue);
    todo__free(db->url);
    todo__free(db);
}

static todo_status probe(void *self, const todo_call *call, todo_store_part_visit visit, void *arg,
                         todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    todo_error reason = TODO_ERROR_INIT;
    int64_t start = todo__monotonic_us();
    todo_status status = todo__sqlite_reader(db, call, &connection, &reason);
    todo_store_part part = {.size = sizeof(part), .name = "writer", .url = db->url};
    char version[32];

    if (status == TODO_OK) {
        status = todo__sqlite_run(connection, TODO__SQLITE_PING, &reason);
        todo__sqlite_pool_give(&db->pool, connection);
    }
    part.status = status;
    part.latency_us = todo__monotonic_us() - start;
    snprintf(version, sizeof(version), "SQLite %s", sqlite3_libversion());
    part.version = status == TODO_OK ? version : "";
    part.detail = reason.detail[0] != '\0' ? reason.detail : reason.message;
    part.code = status == TODO_OK ? "" : reason.code;
    if (visit != NULL)
        visit(arg, &part);
    if (status == TODO_OK)
        return TODO_OK;
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL, NULL);
    todo_error_set_detail(error, part.detail);
    return TODO_ERR_UNAVAILABLE;
}

static const todo__backend_ops backend_ops = {
    .close = close_db,
    .migrate = todo__sqlite_migrate,
    .migrations = todo__sqlite_migrations_visit,
    .revert = todo__sqlite_revert,
    .probe = probe,
    .check = todo__sqlite_check,
    .vacuum = todo__sqlite_vacuum,
};

static todo_status make_ports(todo__sqlite *db, todo__backend *backend, todo_error *error)
{
    todo_status status = todo_reader_new(&todo__sqlite_reader_ops, db, &backend->reader, error);

    if (status == TODO_OK)
        status = todo_writer_new(&todo__sqlite_writer_ops, db, &backend->writer, error);
    if (status == TODO_OK)
        status = todo_users_new(&todo__sqlite_users_ops, db, &backend->users, error);
    if (status != TODO_OK) {
        todo_reader_unref(backend->reader);
        todo_writer_unref(backend->writer);
    }
    return status;
}

todo_status todo__sqlite_open(const todo_store_options *options, todo__backend *ret_backend,
                              todo_error *error)
{
    int64_t deadline = todo__monotonic_us() + (int64_t)options->connect_timeout_ms * 1000;
    todo__backend backend = {.ops = &backend_ops};
    const char *path = NULL;
    todo__sqlite *db;
    todo_status status = path_of(options->url, &path, error);

    if (status != TODO_OK)
        return status;
    db = todo__calloc(1, sizeof(*db));
    if (db == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    db->call_timeout_us = (int64_t)options->call_timeout_ms * 1000;
    todo__sqlite_queue_init(&db->queue);
    db->url = todo__strdup(options->url);
    if (db->url == NULL)
        status = todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    else
        status = open_connections(db, path, options->mode, deadline, error);
    if (status == TODO_OK)
        status = make_ports(db, &backend, error);
    if (status != TODO_OK) {
        close_db(db);
        return status;
    }
    backend.self = db;
    *ret_backend = backend;
    return TODO_OK;
}

#include "adapters/sqlite/connection.h"

#include <string.h>
#include <time.h>

#include "adapters/sqlite/error.h"
#include "util/alloc.h"
#include "util/monotonic.h"

/* Virtual machine instructions between two looks at the clock: some 0.1 ms. */
#define INSTRUCTIONS_PER_LOOK 4000
#define VERSION_MIN           3037000 /* STRICT tables */

/*
 * FULL: each commit is synced, so an acknowledged write survives the loss of power. The limit only bounds the log's
 * file after a burst. The cache is per connection, and the system's page cache stands behind it.
 */
static const char settings[] = "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA cache_size = -2000;"
                               "PRAGMA journal_size_limit = 67108864;";

static bool is_late(const todo__sqlite_connection *connection)
{
    return connection->deadline != TODO__SQLITE_NO_DEADLINE && todo__monotonic_us() >= connection->deadline;
}

/* Waits for a lock that another process, or another store on the same file, holds. */
static int on_busy(void *arg, int attempts)
{
    static const long pauses_us[] = {50, 100, 200, 500, 1000, 2000};
    int last = (int)(sizeof(pauses_us) / sizeof(pauses_us[0])) - 1;
    struct timespec pause = {0, 1000 * pauses_us[attempts < last ? attempts : last]};

    if (is_late(arg))
        return 0;
    nanosleep(&pause, NULL);
    return 1;
}

static int on_progress(void *arg)
{
    return is_late(arg);
}

/* Switching a file to WAL for the first time does not always ask the busy handler: two may do so at once. */
static int switch_to_wal(todo__sqlite_connection *connection, bool *ret_is_wal)
{
    sqlite3_stmt *statement = NULL;
    int rc = SQLITE_OK, attempts = 0;

    do {
        rc = sqlite3_prepare_v2(connection->sqlite, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
            *ret_is_wal = strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
        sqlite3_finalize(statement);
    } while (rc == SQLITE_BUSY && on_busy(connection, attempts++));
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Text is compared by its bytes, in UTF-8: a file that another program made in UTF-16 would order it otherwise. */
static todo_status check_encoding(sqlite3 *sqlite, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(sqlite, "PRAGMA encoding", -1, &statement, NULL);
    bool right = false;

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        right = strcmp((const char *)sqlite3_column_text(statement, 0), "UTF-8") == 0;
    sqlite3_finalize(statement);
    if (rc != SQLITE_ROW)
        return todo__sqlite_error(sqlite, rc, error);
    return right ? TODO_OK
                 : todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", NULL,
                                  "the SQLite file is not in UTF-8");
}

/* The library that is loaded may be older than the one that this was compiled against. */
static todo_status check_version(todo_error *error)
{
    if (sqlite3_libversion_number() >= VERSION_MIN && sqlite3_threadsafe() != 0)
        return TODO_OK;
    todo_error_set(error, TODO_ERR_UNSUPPORTED, "adapter_missing", NULL,
                   "SQLite 3.37 or later, built with threads, is needed");
    todo_error_set_detail(error, sqlite3_libversion());
    return TODO_ERR_UNSUPPORTED;
}

static todo_status set_up_handle(todo__sqlite_connection *connection, bool writes, todo_error *error)
{
    bool is_wal = !writes;
    int rc = sqlite3_exec(connection->sqlite, settings, NULL, NULL, NULL);

    if (rc == SQLITE_OK && writes)
        rc = switch_to_wal(connection, &is_wal);
    if (rc != SQLITE_OK)
        return todo__sqlite_error(connection->sqlite, rc, error);
    if (!is_wal)
        return todo_error_set(
            error, TODO_ERR_INVALID, "store_url_invalid", NULL,
            "the file system of the SQLite file has no shared memory (WAL): use a local disk");
    return TODO_OK;
}

/* Without `query_only` a statement could change the file, and without the other closing it could. */
static int forbid_changes(sqlite3 *sqlite)
{
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return sqlite3_exec(sqlite, "PRAGMA query_only = ON", NULL, NULL, NULL);
}

static int allow_changes(sqlite3 *sqlite)
{
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return sqlite3_exec(sqlite, "PRAGMA query_only = OFF", NULL, NULL, NULL);
}

static todo_status set_up(todo__sqlite_connection *connection, todo__sqlite_mode mode, bool in_memory,
                          bool may_be_empty, todo_error *error)
{
    todo_status status = TODO_OK;
    int rc;

    sqlite3_extended_result_codes(connection->sqlite, 1);
    sqlite3_busy_handler(connection->sqlite, on_busy, connection);
    sqlite3_progress_handler(connection->sqlite, INSTRUCTIONS_PER_LOOK, on_progress, connection);
    todo__sqlite_log_watch(connection);
    sqlite3_db_config(connection->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc = forbid_changes(connection->sqlite);
    if (rc != SQLITE_OK)
        return todo__sqlite_error(connection->sqlite, rc, error);
    if (!in_memory)
        status = todo__sqlite_identify(connection->sqlite, may_be_empty, error);
    if (status == TODO_OK)
        status = check_encoding(connection->sqlite, error);
    if (status != TODO_OK)
        return status;
    if (mode == TODO__SQLITE_WRITE)
        rc = allow_changes(connection->sqlite);
    if (rc != SQLITE_OK)
        return todo__sqlite_error(connection->sqlite, rc, error);
    return set_up_handle(connection, mode == TODO__SQLITE_WRITE && !in_memory, error);
}

todo_status todo__sqlite_connect(const char *path, todo__sqlite_mode mode, bool may_be_empty,
                                 int64_t deadline, todo__sqlite_connection **ret_connection,
                                 todo_error *error)
{
    todo__sqlite_connection *connection;
    todo_status status = check_version(error);
    int rc;

    if (status != TODO_OK)
        return status;
    connection = todo__calloc(1, sizeof(*connection));
    if (connection == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    connection->deadline = deadline;
    rc = todo__sqlite_open_file(path, mode, &connection->sqlite);
    if (rc != SQLITE_OK)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    else
        status = set_up(connection, mode, strcmp(path, ":memory:") == 0, may_be_empty, error);
    if (status != TODO_OK) {
        todo__sqlite_disconnect(connection);
        return status;
    }
    *ret_connection = connection;
    return TODO_OK;
}

void todo__sqlite_disconnect(todo__sqlite_connection *connection)
{
    if (connection == NULL)
        return;
    connection->deadline = TODO__SQLITE_NO_DEADLINE;
    for (int id = 0; id < TODO__SQLITE_STATEMENT_COUNT; id++)
        sqlite3_finalize(connection->statements[id]);
    sqlite3_close(connection->sqlite);
    todo__free(connection);
}

todo_status todo__sqlite_statement(todo__sqlite_connection *connection, todo__sqlite_statement_id id,
                                   sqlite3_stmt **ret_statement, todo_error *error)
{
    char text[TODO__SQLITE_TEXT_SIZE];
    int rc;

    if (connection->statements[id] == NULL) {
        todo__sqlite_statement_text(id, text);
        rc = sqlite3_prepare_v3(connection->sqlite, text, -1, SQLITE_PREPARE_PERSISTENT,
                                &connection->statements[id], NULL);
        if (rc != SQLITE_OK)
            return todo__sqlite_error(connection->sqlite, rc, error);
    }
    *ret_statement = connection->statements[id];
    return TODO_OK;
}

void todo__sqlite_done(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
}

todo_status todo__sqlite_run(todo__sqlite_connection *connection, todo__sqlite_statement_id id,
                             todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, id, &statement, error);
    int rc;

    if (status != TODO_OK)
        return status;
    rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    todo__sqlite_done(statement);
    return status;
}

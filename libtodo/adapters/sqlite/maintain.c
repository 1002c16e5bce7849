/* Looking after the file: is it whole, and is it no larger than it has to be. */
#include <string.h>

#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "adapters/sqlite/maintain.h"
#include "util/monotonic.h"

/* What holds for every todo that the library stored. SQLite checks the rest itself. */
static const char broken_rules[] =
    "SELECT * FROM (SELECT 'todo ' || lower(hex(id)) || ' has a title of ' || length(title) || ' characters'"
    " FROM todos WHERE length(title) NOT BETWEEN 1 AND 200 LIMIT 100) "
    "UNION ALL SELECT * FROM (SELECT 'todo ' || lower(hex(id)) || ' has version ' || version"
    " FROM todos WHERE version < 1 LIMIT 100) "
    "UNION ALL SELECT * FROM (SELECT 'todo ' || lower(hex(id)) || ' has no user'"
    " FROM todos WHERE user_id NOT IN (SELECT id FROM users) LIMIT 100) "
    "UNION ALL SELECT * FROM (SELECT 'todo ' || lower(hex(t.id)) || ' has number ' || t.modseq || ' of ' || "
    "s.modseq"
    " FROM todos t JOIN user_sequences s ON s.user_id = t.user_id WHERE t.modseq > s.modseq LIMIT 100)";

/* They take as long as the file is large: their only limit is one that the caller sets. */
static int64_t deadline_of(const todo_call *call)
{
    return call != NULL && call->deadline != 0 ? call->deadline : TODO__SQLITE_NO_DEADLINE;
}

/* Reports each row's text but "ok". */
static todo_status report(todo__sqlite_connection *connection, const char *sql, todo_store_flaw_visit visit,
                          void *arg, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(connection->sqlite, sql, -1, &statement, NULL);

    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        const char *text;

        rc = sqlite3_step(statement);
        if (rc != SQLITE_ROW)
            break;
        text = (const char *)sqlite3_column_text(statement, 0);
        if (text != NULL && strcmp(text, "ok") != 0)
            visit(arg, text);
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

todo_status todo__sqlite_check(void *self, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                               todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    todo_status status =
        todo__sqlite_pool_take(&db->pool, todo__parking_of(call), deadline_of(call), &connection, error);

    if (status != TODO_OK)
        return status;
    status = report(connection, "PRAGMA integrity_check", visit, arg, error);
    if (status == TODO_OK)
        status = report(connection,
                        "SELECT 'row ' || rowid || ' of ' || \"table\" || ' refers to no row of ' || parent"
                        " FROM pragma_foreign_key_check LIMIT 100",
                        visit, arg, error);
    if (status == TODO_OK)
        status = report(connection, broken_rules, visit, arg, error);
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

static todo_status vacuum(todo__sqlite_connection *connection, todo_error *error)
{
    int rc = sqlite3_exec(connection->sqlite, "VACUUM; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL,
                          NULL);

    return rc == SQLITE_OK ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

/* On a connection of its own, for VACUUM has to stand outside of a transaction and the queue's are in one. */
todo_status todo__sqlite_vacuum(void *self, const todo_call *call, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    bool in_memory = db->writer == NULL;
    todo_status status;

    if (todo__sqlite_reads_only(db))
        return todo__sqlite_refuse_write(error);
    /* SQLite looks at the clock now and then only: a small file would be done before. */
    if (todo__monotonic_us() >= deadline_of(call))
        return todo__sqlite_timeout(error);
    status =
        in_memory
            ? todo__sqlite_pool_take(&db->pool, todo__parking_of(call), deadline_of(call), &connection, error)
            : todo__sqlite_connect(db->pool.path, db->pool.mode, true, deadline_of(call), &connection, error);
    if (status != TODO_OK)
        return status;
    status = vacuum(connection, error);
    if (in_memory)
        todo__sqlite_pool_give(&db->pool, connection);
    else
        todo__sqlite_disconnect(connection);
    return status;
}

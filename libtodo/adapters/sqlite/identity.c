#include "adapters/sqlite/identity.h"

#include <stdio.h>
#include <string.h>

#include "adapters/sqlite/error.h"
#include "util/alloc.h"

/* One row: both marks, the number of tables and such, and the columns of the record of migrations. */
static const char look[] = "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version "
                           "FROM pragma_user_version),"
                           " (SELECT count(*) FROM sqlite_schema),"
                           " (SELECT group_concat(name, ' ') FROM pragma_table_info('schema_migrations'))";

static const char record_columns[] = "number name checksum applied_at";

typedef enum owner { OWNER_NONE, OWNER_US, OWNER_FOREIGN } owner;

static owner owner_of(sqlite3_stmt *row)
{
    const char *columns = (const char *)sqlite3_column_text(row, 3);
    int64_t application = sqlite3_column_int64(row, 0);

    if (application == TODO__SQLITE_APPLICATION_ID)
        return OWNER_US;
    if (application != 0 || sqlite3_column_int64(row, 1) != 0)
        return OWNER_FOREIGN;
    if (sqlite3_column_int64(row, 2) == 0)
        return OWNER_NONE;
    return columns != NULL && strcmp(columns, record_columns) == 0 ? OWNER_US : OWNER_FOREIGN;
}

static int find_owner(sqlite3 *sqlite, owner *ret_owner)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(sqlite, look, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *ret_owner = owner_of(statement);
        rc = sqlite3_errcode(sqlite) == SQLITE_NOMEM ? SQLITE_NOMEM : SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return rc;
}

static todo_status refuse(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_INVALID, "store_foreign", NULL,
                          "the SQLite file belongs to another program");
}

/* A URI of SQLite's: the path with escapes, and what it is opened with. */
static char *frozen_uri(const char *path)
{
    static const char start[] = "file:", end[] = "?immutable=1";
    char *uri = todo__calloc(1, sizeof(start) + 2 + 3 * strlen(path) + sizeof(end));
    char *at;

    if (uri == NULL)
        return NULL;
    at = uri + sprintf(uri, "%s%s", start, path[0] == '/' ? "//" : "");
    for (; *path != '\0'; path++)
        at += sprintf(at, strchr("?#%", *path) != NULL ? "%%%02X" : "%c", (unsigned char)*path);
    strcpy(at, end);
    return uri;
}

int todo__sqlite_open_file(const char *path, todo__sqlite_mode mode, sqlite3 **ret_sqlite)
{
    /* No mutex of SQLite's own: a connection is used by one thread at a time. */
    int flags = SQLITE_OPEN_NOMUTEX;
    char *uri;
    int rc;

    if (mode != TODO__SQLITE_FROZEN)
        return sqlite3_open_v2(path, ret_sqlite, flags | SQLITE_OPEN_READWRITE, NULL);
    uri = frozen_uri(path);
    if (uri == NULL)
        return SQLITE_NOMEM;
    rc = sqlite3_open_v2(uri, ret_sqlite, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    todo__free(uri);
    return rc;
}

todo_status todo__sqlite_peek(const char *path, todo_error *error)
{
    sqlite3 *sqlite = NULL;
    owner found = OWNER_NONE;
    int rc = todo__sqlite_open_file(path, TODO__SQLITE_FROZEN, &sqlite);

    if (rc == SQLITE_OK)
        rc = find_owner(sqlite, &found);
    sqlite3_close(sqlite);
    if (rc == SQLITE_NOMEM)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return rc == SQLITE_OK && found == OWNER_FOREIGN ? refuse(error) : TODO_OK;
}

todo_status todo__sqlite_identify(sqlite3 *sqlite, bool may_be_empty, todo_error *error)
{
    owner found = OWNER_NONE;
    int rc = find_owner(sqlite, &found);

    if (rc != SQLITE_OK)
        return todo__sqlite_error(sqlite, rc, error);
    if (found == OWNER_FOREIGN)
        return refuse(error);
    if (found == OWNER_NONE && !may_be_empty)
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "store_missing", NULL,
                              "the SQLite file holds no store");
    return TODO_OK;
}

todo_status todo__sqlite_is_stamped(sqlite3 *sqlite, uint32_t count, bool *ret_stamped, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(sqlite, look, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret_stamped = sqlite3_column_int64(statement, 0) == TODO__SQLITE_APPLICATION_ID &&
                       sqlite3_column_int64(statement, 1) == count;
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? TODO_OK : todo__sqlite_error(sqlite, rc, error);
}

todo_status todo__sqlite_stamp(sqlite3 *sqlite, uint32_t count, todo_error *error)
{
    char sql[96];
    int rc;

    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %u",
             TODO__SQLITE_APPLICATION_ID, (unsigned)count);
    rc = sqlite3_exec(sqlite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? TODO_OK : todo__sqlite_error(sqlite, rc, error);
}

#include "adapters/sqlite/log.h"

#include "adapters/sqlite/connection.h"
#include "util/monotonic.h"

/* Of 4 KiB: a checkpoint every 4 MB, and from 16 MB on one that waits, but never longer than others can bear. */
#define PAGES_BETWEEN   1000
#define PAGES_MANY      4000
#define WAIT_AT_MOST_US 50000

static int on_commit(void *arg, sqlite3 *sqlite, const char *database, int pages)
{
    todo__sqlite_log *log = arg;

    (void)sqlite, (void)database;
    if (pages < log->pages) /* it began anew */
        log->next_at = PAGES_BETWEEN;
    log->pages = pages;
    return SQLITE_OK;
}

void todo__sqlite_log_watch(todo__sqlite_connection *connection)
{
    connection->log.next_at = PAGES_BETWEEN;
    sqlite3_wal_hook(connection->sqlite, on_commit, &connection->log);
}

bool todo__sqlite_log_is_due(const todo__sqlite_connection *connection)
{
    return connection->log.pages >= connection->log.next_at;
}

/*
 * The work first, then the waiting, which therefore has its whole time. A failure is no one's: the log stays as it is,
 * and later commits come back to it.
 */
void todo__sqlite_log_checkpoint(todo__sqlite_connection *connection)
{
    sqlite3_wal_checkpoint_v2(connection->sqlite, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (connection->log.pages >= PAGES_MANY) {
        connection->deadline = todo__monotonic_us() + WAIT_AT_MOST_US;
        sqlite3_wal_checkpoint_v2(connection->sqlite, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
        connection->deadline = TODO__SQLITE_NO_DEADLINE;
    }
    connection->log.next_at = connection->log.pages + PAGES_BETWEEN;
}

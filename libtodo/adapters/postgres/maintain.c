#include "adapters/postgres/maintain.h"

/* What holds for every todo that the library stored; a database that was adopted may have others. */
static const char broken_rules[] =
    "(SELECT format('todo %s has no user', t.id) FROM todos t LEFT JOIN users u ON u.id = t.user_id"
    " WHERE u.id IS NULL LIMIT 100) "
    "UNION ALL (SELECT format('todo %s has a title of %s characters', id, length(title)) FROM todos"
    " WHERE length(title) NOT BETWEEN 1 AND 200 LIMIT 100) "
    "UNION ALL (SELECT format('todo %s has version %s', id, version) FROM todos WHERE version < 1 LIMIT 100) "
    "UNION ALL (SELECT format('todo %s has number %s of %s', t.id, t.modseq, s.modseq) FROM todos t"
    " JOIN user_sequences s ON s.user_id = t.user_id WHERE t.modseq > s.modseq LIMIT 100) "
    "UNION ALL (SELECT format('user %s has an e-mail with capital letters', id) FROM users"
    " WHERE email <> lower(email) LIMIT 100)";

/* Both take as long as the tables are large: their only limit is one that the caller sets. */
static int64_t deadline_of(const todo_call *call)
{
    return call != NULL && call->deadline != 0 ? call->deadline : INT64_MAX;
}

static todo_status check(todo__pg_connection *connection, int64_t deadline, todo_store_flaw_visit visit,
                         void *arg, todo_error *error)
{
    const todo__pg_params none = {.count = 0};
    PGresult *result = NULL;
    todo_status status = todo__pg_execute_text(connection, deadline,
                                               "BEGIN READ ONLY; SET LOCAL statement_timeout = 0", error);

    if (status == TODO_OK)
        status = todo__pg_execute_once(connection, deadline, broken_rules, &none, &result, error);
    if (status != TODO_OK) {
        /* Closing the connection rolls back, whatever state it is in. */
        connection->verdict = TODO__PG_LOST;
        return status;
    }
    for (int row = 0; row < PQntuples(result); row++)
        visit(arg, PQgetvalue(result, row, 0));
    PQclear(result);
    return todo__pg_execute_text(connection, deadline, "COMMIT", error);
}

todo_status todo__pg_check(todo__pg_pool *pool, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                           todo_error *error)
{
    todo__pg_connection *connection;
    todo_status status = todo__pg_acquire(pool, todo__pg_deadline(pool, call), &connection, error);

    if (status != TODO_OK)
        return status;
    status = check(connection, deadline_of(call), visit, arg, error);
    todo__pg_release(pool, connection);
    return status;
}

/* VACUUM has to be alone in its text, outside of a transaction; each table has a text of its own. */
todo_status todo__pg_vacuum(todo__pg_pool *pool, const todo_call *call, todo_error *error)
{
    static const char *const texts[] = {
        "SET statement_timeout = 0",       "VACUUM (ANALYZE) users", "VACUUM (ANALYZE) todos",
        "VACUUM (ANALYZE) user_sequences", "VACUUM (ANALYZE) files", "RESET statement_timeout",
    };
    todo__pg_connection *connection;
    todo_status status = todo__pg_acquire(pool, todo__pg_deadline(pool, call), &connection, error);

    if (status != TODO_OK)
        return status;
    for (size_t i = 0; status == TODO_OK && i < sizeof(texts) / sizeof(texts[0]); i++)
        status = todo__pg_execute_text(connection, deadline_of(call), texts[i], error);
    if (status != TODO_OK)
        connection->verdict = TODO__PG_LOST; /* its settings are not the pool's */
    todo__pg_release(pool, connection);
    return status;
}

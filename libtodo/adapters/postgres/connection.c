#include "adapters/postgres/connection.h"

#include <poll.h>

#include "util/alloc.h"

_Static_assert(TODO__PG_STATEMENTS <= 64, "todo__pg_connection.prepared has a bit for each statement");

todo_status todo__pg_connect(todo__pg_endpoint *endpoint, int64_t deadline,
                             todo__pg_connection **ret_connection, todo_error *error)
{
    todo__pg_connection *connection = todo__calloc(1, sizeof(*connection));
    todo_status status;

    if (connection == NULL)
        return todo__pg_nomem(error);
    todo__pg_write_statements();
    status = todo__pg_endpoint_connect(endpoint, deadline, &connection->pg, error);
    if (status != TODO_OK) {
        todo__free(connection);
        return status;
    }
    *ret_connection = connection;
    return TODO_OK;
}

void todo__pg_disconnect(todo__pg_connection *connection)
{
    if (connection == NULL)
        return;
    PQfinish(connection->pg);
    todo__free(connection);
}

bool todo__pg_alive(const todo__pg_connection *connection)
{
    struct pollfd waited = {PQsocket(connection->pg), POLLIN, 0};

    return poll(&waited, 1, 0) == 0;
}

static todo_status lost(todo__pg_connection *connection, todo_error *error)
{
    connection->verdict = TODO__PG_LOST;
    return todo__pg_unavailable(connection->pg, error);
}

static todo_status late(todo__pg_connection *connection, todo_error *error)
{
    connection->verdict = TODO__PG_LOST;
    return todo__pg_timeout(error);
}

/* Sends what libpq holds back, reading meanwhile, for the server may not read on before its answers are read. */
static todo_status flush(todo__pg_connection *connection, int64_t deadline, todo_error *error)
{
    int pending;

    while ((pending = PQflush(connection->pg)) == 1) {
        if (!todo__pg_wait(connection->pg, POLLIN | POLLOUT, deadline))
            return late(connection, error);
        if (!PQconsumeInput(connection->pg))
            return lost(connection, error);
    }
    return pending == 0 ? TODO_OK : lost(connection, error);
}

/* The last of the results, all of which are read. */
static todo_status receive(todo__pg_connection *connection, int64_t deadline, PGresult **ret_result,
                           todo_error *error)
{
    PGresult *last = NULL, *result;

    for (;;) {
        while (PQisBusy(connection->pg)) {
            if (!todo__pg_wait(connection->pg, POLLIN, deadline)) {
                PQclear(last);
                return late(connection, error);
            }
            /* When the connection is gone, PQgetResult says so. */
            if (!PQconsumeInput(connection->pg))
                break;
        }
        result = PQgetResult(connection->pg);
        if (result == NULL)
            break;
        PQclear(last);
        last = result;
    }
    if (last == NULL)
        return lost(connection, error);
    *ret_result = last;
    return TODO_OK;
}

/* Gives a result, or what its failure means. */
static todo_status judge(todo__pg_connection *connection, PGresult *result, PGresult **ret_result,
                         todo_error *error)
{
    todo_status status;

    if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK) {
        connection->verdict = TODO__PG_KEEP;
        *ret_result = result;
        return TODO_OK;
    }
    status = todo__pg_result_error(result, &connection->verdict, error);
    PQclear(result);
    if (PQstatus(connection->pg) == CONNECTION_BAD)
        connection->verdict = TODO__PG_LOST;
    return status;
}

/* Sees a statement that was sent through to its result. */
static todo_status finish(todo__pg_connection *connection, int64_t deadline, PGresult **ret_result,
                          todo_error *error)
{
    PGresult *result = NULL;
    todo_status status = flush(connection, deadline, error);

    if (status == TODO_OK)
        status = receive(connection, deadline, &result, error);
    return status == TODO_OK ? judge(connection, result, ret_result, error) : status;
}

static todo_status prepare(todo__pg_connection *connection, int64_t deadline, todo__pg_statement_id id,
                           todo_error *error)
{
    const todo__pg_statement *statement = &todo__pg_statements[id];
    PGresult *result;
    todo_status status;

    if (!PQsendPrepare(connection->pg, statement->name, statement->sql, 0, NULL))
        return lost(connection, error);
    status = finish(connection, deadline, &result, error);
    if (status != TODO_OK)
        return status;
    PQclear(result);
    connection->prepared |= UINT64_C(1) << id;
    return TODO_OK;
}

todo_status todo__pg_execute_once(todo__pg_connection *connection, int64_t deadline, const char *sql,
                                  const todo__pg_params *params, PGresult **ret_result, todo_error *error)
{
    if (!PQsendQueryParams(connection->pg, sql, params->count, NULL, params->values, params->lengths,
                           todo__pg_binary, 1))
        return lost(connection, error);
    return finish(connection, deadline, ret_result, error);
}

todo_status todo__pg_execute(todo__pg_connection *connection, int64_t deadline, todo__pg_statement_id id,
                             const todo__pg_params *params, PGresult **ret_result, todo_error *error)
{
    const todo__pg_statement *statement = &todo__pg_statements[id];

    if (connection->unnamed)
        return todo__pg_execute_once(connection, deadline, statement->sql, params, ret_result, error);
    if ((connection->prepared >> id & 1) == 0) {
        todo_status status = prepare(connection, deadline, id, error);

        if (status != TODO_OK)
            return status;
    }
    if (!PQsendQueryPrepared(connection->pg, statement->name, params->count, params->values, params->lengths,
                             todo__pg_binary, 1))
        return lost(connection, error);
    return finish(connection, deadline, ret_result, error);
}

/* Makes sure that a statement is prepared, unless it is sent unprepared. */
static todo_status ready(todo__pg_connection *connection, int64_t deadline, todo__pg_statement_id id,
                         todo_error *error)
{
    if (connection->unnamed || (connection->prepared >> id & 1) != 0)
        return TODO_OK;
    return prepare(connection, deadline, id, error);
}

static bool queue_statement(todo__pg_connection *connection, todo__pg_statement_id id,
                            const todo__pg_params *params)
{
    const todo__pg_statement *statement = &todo__pg_statements[id];

    if (connection->unnamed)
        return PQsendQueryParams(connection->pg, statement->sql, params->count, NULL, params->values,
                                 params->lengths, todo__pg_binary, 1) != 0;
    return PQsendQueryPrepared(connection->pg, statement->name, params->count, params->values,
                               params->lengths, todo__pg_binary, 1) != 0;
}

/* The next thing that has come: a result, or NULL between two statements. False when the deadline passed first. */
static bool next_result(todo__pg_connection *connection, int64_t deadline, PGresult **ret_result)
{
    while (PQisBusy(connection->pg)) {
        if (!todo__pg_wait(connection->pg, POLLIN, deadline))
            return false;
        /* When the connection is gone, PQgetResult says so. */
        if (!PQconsumeInput(connection->pg))
            break;
    }
    *ret_result = PQgetResult(connection->pg);
    return true;
}

/* Reads up to the synchronization, and keeps the first failure, or the last result if there is none. */
static todo_status drain(todo__pg_connection *connection, int64_t deadline, PGresult **ret_result,
                         todo_error *error)
{
    PGresult *kept = NULL, *result;
    bool failed = false;

    for (;;) {
        if (!next_result(connection, deadline, &result)) {
            PQclear(kept);
            return late(connection, error);
        }
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
            break;
        if (result == NULL && PQstatus(connection->pg) == CONNECTION_BAD) {
            PQclear(kept);
            return lost(connection, error);
        }
        if (result == NULL || failed || PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
            PQclear(result);
            continue;
        }
        PQclear(kept);
        kept = result;
        failed = PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK;
    }
    PQclear(result);
    *ret_result = kept;
    return kept != NULL ? TODO_OK : lost(connection, error);
}

static todo_status run_pipeline(todo__pg_connection *connection, int64_t deadline,
                                const todo__pg_params *users, todo__pg_statement_id id,
                                const todo__pg_params *params, PGresult **ret_result, todo_error *error)
{
    todo_status status;

    if (!PQenterPipelineMode(connection->pg) || !queue_statement(connection, TODO__PG_LOCK, users) ||
        !queue_statement(connection, id, params) || !PQpipelineSync(connection->pg))
        return lost(connection, error);
    status = flush(connection, deadline, error);
    if (status == TODO_OK)
        status = drain(connection, deadline, ret_result, error);
    if (status == TODO_OK && !PQexitPipelineMode(connection->pg)) {
        PQclear(*ret_result);
        return lost(connection, error);
    }
    return status;
}

todo_status todo__pg_execute_locked(todo__pg_connection *connection, int64_t deadline,
                                    const todo__pg_params *users, todo__pg_statement_id id,
                                    const todo__pg_params *params, PGresult **ret_result, todo_error *error)
{
    PGresult *result = NULL;
    todo_status status = ready(connection, deadline, TODO__PG_LOCK, error);

    if (status == TODO_OK)
        status = ready(connection, deadline, id, error);
    if (status == TODO_OK)
        status = run_pipeline(connection, deadline, users, id, params, &result, error);
    return status == TODO_OK ? judge(connection, result, ret_result, error) : status;
}

todo_status todo__pg_execute_text(todo__pg_connection *connection, int64_t deadline, const char *sql,
                                  todo_error *error)
{
    PGresult *result;
    todo_status status;

    if (!PQsendQuery(connection->pg, sql))
        return lost(connection, error);
    status = finish(connection, deadline, &result, error);
    if (status == TODO_OK)
        PQclear(result);
    return status;
}

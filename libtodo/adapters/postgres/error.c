#include "adapters/postgres/error.h"

#include <stdio.h>
#include <string.h>

static bool is(const char *sqlstate, const char *code)
{
    return strncmp(sqlstate, code, strlen(code)) == 0;
}

todo_status todo__pg_unavailable(const PGconn *pg, todo_error *error)
{
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL, NULL);
    if (pg != NULL)
        todo_error_set_detail(error, PQerrorMessage(pg));
    return TODO_ERR_UNAVAILABLE;
}

todo_status todo__pg_misconfigured(const char *detail, todo_error *error)
{
    todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_misconfigured", NULL,
                   "the database is not set up as this service needs it");
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

/* "FATAL:  28P01: password authentication failed": the last of them, for each address of a host may have one. */
static const char *find_sqlstate(const char *message)
{
    const char *found = NULL;

    for (const char *at = strstr(message, ":  "); at != NULL; at = strstr(at + 1, ":  "))
        if (strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && at[8] == ':')
            found = at + 3;
    return found;
}

/* invalid_authorization, invalid_catalog_name, insufficient_privilege, a parameter that is unknown or has a wrong value */
static bool is_misconfigured(const char *sqlstate)
{
    return is(sqlstate, "28") || is(sqlstate, "3D000") || is(sqlstate, "42501") || is(sqlstate, "42704") ||
           is(sqlstate, "22023");
}

/* TLS that one side wants and the other has not, or a certificate that is not believed; not a handshake that broke off. */
static bool is_tls_refused(const char *message, ConnStatusType failed_at)
{
    return failed_at == CONNECTION_SSL_STARTUP && strstr(message, "SYSCALL") == NULL &&
           (strstr(message, "SSL") != NULL || strstr(message, "certificate") != NULL);
}

/* The role or the database makes every transaction read-only, as opposed to a standby. */
static bool is_read_only_by_setting(const PGconn *pg)
{
    const char *standby = PQparameterStatus(pg, "in_hot_standby");
    const char *read_only = PQparameterStatus(pg, "default_transaction_read_only");

    return standby != NULL && strcmp(standby, "off") == 0 && read_only != NULL &&
           strcmp(read_only, "on") == 0;
}

todo_status todo__pg_connect_error(const PGconn *pg, ConnStatusType failed_at, todo_error *error)
{
    const char *message = PQerrorMessage(pg), *sqlstate = find_sqlstate(message);
    bool misconfigured = sqlstate != NULL ? is_misconfigured(sqlstate)
                                          : PQconnectionNeedsPassword(pg) || is_read_only_by_setting(pg) ||
                                                is_tls_refused(message, failed_at);
    const char *location = strstr(message, "\nLOCATION:");
    char detail[256];

    snprintf(detail, sizeof(detail), "%.*s", location != NULL ? (int)(location - message) : -1, message);
    if (misconfigured)
        return todo__pg_misconfigured(detail, error);
    todo__pg_unavailable(NULL, error);
    todo_error_set_detail(error, detail);
    return TODO_ERR_UNAVAILABLE;
}

todo_status todo__pg_timeout(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_TIMEOUT, NULL, NULL, NULL);
}

todo_status todo__pg_nomem(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

static todo__pg_verdict judge(const char *sqlstate)
{
    if (is(sqlstate, "25006"))
        return TODO__PG_DEMOTED;
    /* invalid_sql_statement_name, duplicate_prepared_statement */
    if (is(sqlstate, "26000") || is(sqlstate, "42P05"))
        return TODO__PG_UNNAMED;
    /* "cached plan must not change result type", after a migration */
    if (is(sqlstate, "0A000"))
        return TODO__PG_REPLAN;
    /* deadlock_detected, lock_not_available: by lock_timeout */
    if (is(sqlstate, "40P01") || is(sqlstate, "55P03"))
        return TODO__PG_LOCKED;
    /* connection_exception, admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle timeout */
    if (is(sqlstate, "08") || is(sqlstate, "57P"))
        return TODO__PG_LOST;
    return TODO__PG_KEEP;
}

/* Whether it is an id that is there already; the detail then says which, and tells nothing else. */
static bool is_of_id(const PGresult *result)
{
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

    return constraint != NULL && strstr(constraint, "pkey") != NULL &&
           PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) != NULL;
}

static todo_status conflict(const PGresult *result, todo_error *error)
{
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);

    if (table != NULL && strcmp(table, "users") == 0 && !is_of_id(result))
        return todo_error_set(error, TODO_ERR_CONFLICT, "email_exists", "email", "email already exists");
    return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", "id", "id already exists");
}

static todo_status translate(const PGresult *result, const char *sqlstate, todo_error *error)
{
    if (is(sqlstate, "23505"))
        return conflict(result, error);
    /* The only row others refer to here is a user. */
    if (is(sqlstate, "23503"))
        return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
    /* query_canceled: by statement_timeout */
    if (is(sqlstate, "57014"))
        return todo__pg_timeout(error);
    /* undefined_table, undefined_column: a standby that has not got the migrations yet, or nobody applied them */
    if (is(sqlstate, "42P01") || is(sqlstate, "42703"))
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "schema_missing", NULL, NULL);
    /* insufficient_privilege */
    if (is(sqlstate, "42501"))
        return todo__pg_misconfigured(NULL, error);
    /* Beside those of judge(): serialization_failure (a standby's conflict with recovery), insufficient_resources */
    if (judge(sqlstate) != TODO__PG_KEEP || is(sqlstate, "40") || is(sqlstate, "53"))
        return todo__pg_unavailable(NULL, error);
    return todo_error_set(error, TODO_ERR_INTERNAL, "database_error", NULL, NULL);
}

todo_status todo__pg_result_error(const PGresult *result, todo__pg_verdict *ret_verdict, todo_error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char detail[256];
    todo_status status;

    /* Without an SQLSTATE it is libpq that speaks: the connection was lost. */
    if (sqlstate == NULL)
        sqlstate = "08006";
    if (primary == NULL)
        primary = PQresultErrorMessage(result);
    if (is(sqlstate, "23505") && is_of_id(result))
        primary = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    *ret_verdict = judge(sqlstate);
    status = translate(result, sqlstate, error);
    snprintf(detail, sizeof(detail), "%.5s: %.240s", sqlstate, primary);
    todo_error_set_detail(error, detail);
    return status;
}

todo_status todo__pg_pass_on(todo_status status, const todo_error *failure, todo_error *error)
{
    if (status == TODO_OK)
        return TODO_OK;
    todo_error_set(error, status, failure->code, NULL, failure->message);
    todo_error_set_detail(error, failure->detail);
    return status;
}

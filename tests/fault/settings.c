/* Databases that are reached, but not set up as the library needs them: told from those that are down. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <todo/store.h>

#include "adapters/postgres/endpoint.h"
#include "database.h"
#include "util/monotonic.h"

static PGconn *admin;

/* postgres://todo:PASSWORD@127.0.0.1:PORT/DATABASE?QUERY, in a buffer of the function's. */
static const char *url_with(const char *password, const char *database, const char *query)
{
    static char url[512];

    snprintf(url, sizeof(url), "postgres://todo%s@127.0.0.1:%s/%s?%s", password, getenv("TODO_TEST_PG_PORT"),
             database, query);
    return url;
}

static void run(const char *sql)
{
    database_run(admin, sql);
}

static todo_error open_fails(const char *url, todo_status status)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;

    options.url = url;
    assert_int_equal(todo_store_open(&options, &store, &error), status);
    assert_null(strstr(error.message, "todo-secret"));
    assert_null(strstr(error.detail, "todo-secret"));
    return error;
}

static void expect_misconfigured(const char *url, const char *detail)
{
    todo_error error = open_fails(url, TODO_ERR_UNAVAILABLE);

    if (strcmp(error.code, "database_misconfigured") != 0 || strstr(error.detail, detail) == NULL)
        fail_msg("%s: %s (%s)", url, error.code, error.detail);
    assert_null(strstr(error.message, "temporarily"));
}

static todo_store *open_store(const char *url, const char *reader_url)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;

    options.url = url;
    options.reader_url = reader_url;
    if (todo_store_open(&options, &store, &error) != TODO_OK)
        fail_msg("%s: %s", error.code, error.detail);
    return store;
}

static void a_database_that_is_not_utf8_is_refused(void **state)
{
    (void)state;
    run("CREATE DATABASE latin OWNER todo ENCODING LATIN1 LOCALE 'C' TEMPLATE template0");
    expect_misconfigured(url_with(":todo-secret", "latin", ""), "server_encoding is LATIN1 and must be UTF8");
    run("CREATE DATABASE ascii OWNER todo ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0");
    expect_misconfigured(url_with(":todo-secret", "ascii", ""), "server_encoding is SQL_ASCII");
}

static void a_client_encoding_of_the_url_is_refused(void **state)
{
    (void)state;
    expect_misconfigured(url_with(":todo-secret", "todo", "client_encoding=LATIN1"),
                         "client_encoding is LATIN1");
}

static void a_wrong_password_is_no_outage(void **state)
{
    (void)state;
    expect_misconfigured(url_with(":guess", "todo", ""), "28P01");
    expect_misconfigured(url_with("", "todo", "passfile=/nonexistent"), "password");
}

static void a_database_that_is_not_there_or_closed_is_no_outage(void **state)
{
    (void)state;
    expect_misconfigured(url_with(":todo-secret", "nothing", ""), "3D000");
    run("CREATE DATABASE closed");
    run("REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    expect_misconfigured(url_with(":todo-secret", "closed", ""), "42501");
}

static void tls_that_the_server_has_not_is_no_outage(void **state)
{
    (void)state;
    expect_misconfigured(url_with(":todo-secret", "todo", "sslmode=require"), "SSL");
    expect_misconfigured(url_with(":todo-secret", "todo", "sslmode=verify-full&sslrootcert=/nonexistent"),
                         "SSL");
}

static void a_role_that_may_not_write_is_no_outage(void **state)
{
    (void)state;
    run("ALTER ROLE todo SET default_transaction_read_only = on");
    expect_misconfigured(url_with(":todo-secret", "todo", ""), "read-only");
    run("ALTER ROLE todo RESET default_transaction_read_only");
}

static void a_right_that_is_missing_is_no_outage(void **state)
{
    todo_store *store = open_store(url_with(":todo-secret", "todo", ""), NULL);
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_error error = TODO_ERROR_INIT;
    todo_item_list *list = NULL;
    todo_uuid user;

    (void)state;
    assert_int_equal(todo_uuid_generate(&user, NULL), TODO_OK);
    run("REVOKE ALL ON todos FROM todo");
    assert_int_equal(todo_queries_list(todo_store_queries(store), NULL, &user, &query, &list, &error),
                     TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, "database_misconfigured");
    assert_non_null(strstr(error.detail, "42501"));
    run("GRANT ALL ON todos TO todo");
    todo_store_close(store);
}

static void parameters_that_are_wrong_are_named(void **state)
{
    todo_error error = open_fails(url_with(":todo-secret", "todo", "schema=public"), TODO_ERR_INVALID);

    (void)state;
    assert_string_equal(error.code, "store_url_invalid");
    assert_non_null(strstr(error.message, "\"schema\""));
    error = open_fails(url_with(":todo-secret", "todo", "sslmode=prefer&no-such=1"), TODO_ERR_INVALID);
    assert_non_null(strstr(error.message, "\"no-such\""));
    error = open_fails(url_with(":todo-secret", "todo", "sslmode=sometimes"), TODO_ERR_INVALID);
    assert_non_null(strstr(error.detail, "sslmode"));
    error = open_fails(url_with(":todo-secret", "todo", "port=99999"), TODO_ERR_INVALID);
    assert_non_null(strstr(error.detail, "99999"));
}

static void settings_that_a_connection_can_make_right_are_made_right(void **state)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo__pg_endpoint *endpoint = NULL;
    PGresult *result;
    PGconn *pg = NULL;

    (void)state;
    run("ALTER ROLE todo SET default_transaction_isolation = serializable");
    run("ALTER ROLE todo SET standard_conforming_strings = off");
    options.connect_timeout_ms = 5000;
    options.call_timeout_ms = 5000;
    assert_int_equal(
        todo__pg_endpoint_new(url_with(":todo-secret", "todo", ""), "url", true, &options, &endpoint, NULL),
        TODO_OK);
    assert_int_equal(todo__pg_endpoint_connect(endpoint, todo__monotonic_us() + 5000000, &pg, NULL), TODO_OK);
    result = PQexec(pg, "SHOW transaction_isolation");
    assert_string_equal(PQgetvalue(result, 0, 0), "read committed");
    assert_string_equal(PQparameterStatus(pg, "standard_conforming_strings"), "on");
    PQclear(result);
    PQfinish(pg);
    todo__pg_endpoint_free(endpoint);
    run("ALTER ROLE todo RESET ALL");
}

typedef struct seen_parts {
    char writer[64], reader[64];
} seen_parts;

static void see_part(void *arg, const todo_store_part *part)
{
    seen_parts *seen = arg;

    snprintf(strcmp(part->name, "writer") == 0 ? seen->writer : seen->reader, sizeof(seen->writer), "%s",
             part->code);
}

static void a_probe_tells_a_wrong_setting_from_an_outage(void **state)
{
    char wrong[512];
    seen_parts seen = {"?", "?"};
    todo_error error = TODO_ERROR_INIT;
    todo_store *store;

    (void)state;
    snprintf(wrong, sizeof(wrong), "%s", url_with(":guess", "todo", ""));
    store = open_store(url_with(":todo-secret", "todo", ""), wrong);
    assert_int_equal(todo_store_probe(store, NULL, see_part, &seen, NULL), TODO_OK);
    assert_string_equal(seen.writer, "");
    assert_string_equal(seen.reader, "database_misconfigured");
    run("ALTER ROLE todo PASSWORD 'another'");
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'todo'");
    database_await(admin, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'todo'", 0);
    assert_int_equal(todo_store_probe(store, NULL, see_part, &seen, &error), TODO_ERR_UNAVAILABLE);
    assert_string_equal(seen.writer, "database_misconfigured");
    assert_string_equal(error.code, "database_misconfigured");
    run("ALTER ROLE todo PASSWORD 'todo-secret'");
    PQfinish(admin);
    database_control("stop -m fast");
    todo_error_init(&error, sizeof(error));
    assert_int_equal(todo_store_probe(store, NULL, see_part, &seen, &error), TODO_ERR_UNAVAILABLE);
    assert_string_equal(seen.writer, "database_unavailable");
    assert_string_equal(error.code, "database_unavailable");
    database_control("start");
    admin = database_admin("todo");
    todo_store_close(store);
}

static int set_up(void **state)
{
    (void)state;
    admin = database_admin("todo");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    PQfinish(admin);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_is_not_utf8_is_refused),
        cmocka_unit_test(a_client_encoding_of_the_url_is_refused),
        cmocka_unit_test(a_wrong_password_is_no_outage),
        cmocka_unit_test(a_database_that_is_not_there_or_closed_is_no_outage),
        cmocka_unit_test(tls_that_the_server_has_not_is_no_outage),
        cmocka_unit_test(a_role_that_may_not_write_is_no_outage),
        cmocka_unit_test(a_right_that_is_missing_is_no_outage),
        cmocka_unit_test(parameters_that_are_wrong_are_named),
        cmocka_unit_test(settings_that_a_connection_can_make_right_are_made_right),
        cmocka_unit_test(a_probe_tells_a_wrong_setting_from_an_outage),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

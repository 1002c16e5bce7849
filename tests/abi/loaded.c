/* Which shared objects a program that uses libtodo.so has loaded: the drivers of what it opened, and no others. */
#include "testing.h"

#include <stdio.h>

#include <todo/todo.h>

static bool is_loaded(const char *library)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[1024];
    bool found = false;

    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps) != NULL)
        if (strstr(line, library) != NULL)
            found = true;
    fclose(maps);
    return found;
}

static todo_status open_store(const char *url, const char *cache_url, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    todo_status status;

    options.url = url;
    options.cache_url = cache_url;
    options.connect_timeout_ms = 1000;
    status = todo_store_open(&options, &store, error);
    if (status == TODO_OK)
        assert_int_equal(todo_store_probe(store, NULL, NULL, NULL, NULL), TODO_OK);
    todo_store_close(store);
    return status;
}

/* The first case: what is loaded later stays. */
static void sqlite_loads_no_driver_of_another_store(void **state)
{
    (void)state;
    assert_int_equal(open_store("sqlite::memory:", NULL, NULL), TODO_OK);
    assert_true(is_loaded("/libsqlite3.so"));
    assert_false(is_loaded("/libpq.so"));
    assert_false(is_loaded("/libhiredis.so"));
}

static void a_cache_url_loads_redis_alone(void **state)
{
    (void)state;
    assert_int_equal(open_store("sqlite::memory:", "redis://127.0.0.1:1", NULL), TODO_OK);
    assert_true(is_loaded("/libhiredis.so"));
    assert_false(is_loaded("/libpq.so"));
}

static void a_postgres_url_loads_postgres(void **state)
{
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(open_store("postgresql://127.0.0.1:1/todo", NULL, &error), TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, "database_unavailable");
    assert_true(is_loaded("/libpq.so"));
}

static void a_scheme_serves_only_what_its_adapter_is_for(void **state)
{
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(open_store("redis://127.0.0.1:1", NULL, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "store_url_invalid");
    assert_int_equal(open_store("sqlite::memory:", "postgres://127.0.0.1:1/todo", &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "cache_url_invalid");
    assert_string_equal(error.field, "cache_url");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sqlite_loads_no_driver_of_another_store),
        cmocka_unit_test(a_cache_url_loads_redis_alone),
        cmocka_unit_test(a_postgres_url_loads_postgres),
        cmocka_unit_test(a_scheme_serves_only_what_its_adapter_is_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

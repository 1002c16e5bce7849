/*
 * Runs the contract against the store that the environment names: TODO_TEST_STORE_URL and, where there are any,
 * TODO_TEST_READER_URL and TODO_TEST_CACHE_URL. Without the first there is nothing to test, which is a failure.
 */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/backend.h"

static contract_fixture fixture;
static todo_store_options options = TODO_STORE_OPTIONS_INIT;

static bool read_environment(void)
{
    options.url = getenv("TODO_TEST_STORE_URL");
    options.reader_url = getenv("TODO_TEST_READER_URL");
    options.cache_url = getenv("TODO_TEST_CACHE_URL");
    return options.url != NULL;
}

static int open_fixture(void **state)
{
    todo_error_init(&fixture.error, sizeof(fixture.error));
    fixture.options = &options;
    expect(&fixture, TODO_OK, todo_store_open(&options, &fixture.store, &fixture.error));
    fixture.reader = todo_store_reader(fixture.store);
    fixture.writer = todo_store_writer(fixture.store);
    fixture.users = todo_store_users(fixture.store);
#ifdef TODO_HAVE_REDIS
    if (options.cache_url != NULL) {
        todo_store_options cache = options;

        cache.connect_timeout_ms = 5000;
        cache.call_timeout_ms = 5000;
        cache.pool_size = CONTRACT_THREADS;
        expect(&fixture, TODO_OK, todo__redis_open(&cache, &fixture.cache, &fixture.error));
    }
#endif
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    todo_cache_unref(fixture.cache);
    todo_store_close(fixture.store);
    return 0;
}

/*
 * One group, so that TAP has one plan. A database in memory is nobody else's: the cases that open it a second time are
 * not for it.
 */
static int run(void)
{
    bool in_memory = strcmp(options.url, "sqlite::memory:") == 0;
    const contract_cases *const ports[] = {&contract_reader, &contract_writer, &contract_users,
                                           in_memory ? NULL : &contract_store,
                                           options.cache_url != NULL ? &contract_cache : NULL};
    struct CMUnitTest tests[128];
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        if (ports[i] == NULL)
            continue;
        if (count + ports[i]->count > COUNT_OF(tests))
            abort();
        memcpy(tests + count, ports[i]->tests, ports[i]->count * sizeof(*tests));
        count += ports[i]->count;
    }
    return _cmocka_run_group_tests("contract", tests, count, open_fixture, close_fixture);
}

int main(int argc, char **argv)
{
    if (!read_environment()) {
        fputs("contract: TODO_TEST_STORE_URL does not say which store to test\n", stderr);
        return EXIT_FAILURE;
    }
    if (argc == 3 && strcmp(argv[1], "--write-until-killed") == 0)
        return contract_write_until_killed(&options, argv[2]);
    return run();
}

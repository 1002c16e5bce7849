/*
 * Runs the conformance kit on the store that the environment names: TODO_TEST_STORE_URL and, where there are any,
 * TODO_TEST_READER_URL and TODO_TEST_CACHE_URL. Without the first there is nothing to test, which is a failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <todo/conformance.h>
#include <todo/store.h>

#include "adapters/backend.h"

/* The cache by itself, for its own cases; the store's ports have another connection to the same one. */
static todo_status open_cache(const todo_store_options *options, todo_cache **ret_cache, todo_error *error)
{
#ifdef TODO_HAVE_REDIS
    todo_store_options cache = *options;
    todo__cache_backend backend = {NULL, NULL};
    todo_status status = TODO_OK;

    cache.connect_timeout_ms = 5000;
    cache.call_timeout_ms = 5000;
    cache.pool_size = 8;
    if (options->cache_url != NULL)
        status = todo__redis_open(&cache, &backend, error);
    *ret_cache = backend.cache;
    return status;
#else
    (void)options;
    (void)ret_cache;
    (void)error;
    return TODO_OK;
#endif
}

static todo_status open_store(void *arg, todo_conformance_ports *ret_ports, todo_error *error)
{
    const todo_store_options *options = arg;
    todo_store *store = NULL;
    todo_status status = todo_store_open(options, &store, error);

    if (status != TODO_OK)
        return status;
    status = open_cache(options, &ret_ports->cache, error);
    if (status != TODO_OK) {
        todo_store_close(store);
        return status;
    }
    ret_ports->reader = todo_store_reader(store);
    ret_ports->writer = todo_store_writer(store);
    ret_ports->users = todo_store_users(store);
    ret_ports->handle = store;
    return TODO_OK;
}

static void close_store(void *arg, todo_conformance_ports *ports)
{
    (void)arg;
    todo_cache_unref(ports->cache);
    todo_store_close(ports->handle);
}

int main(void)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_conformance_adapter adapter = TODO_CONFORMANCE_ADAPTER_INIT;

    options.url = getenv("TODO_TEST_STORE_URL");
    options.reader_url = getenv("TODO_TEST_READER_URL");
    options.cache_url = getenv("TODO_TEST_CACHE_URL");
    if (options.url == NULL) {
        fputs("contract: TODO_TEST_STORE_URL does not say which store to test\n", stderr);
        return EXIT_FAILURE;
    }
    adapter.name = "contract";
    adapter.arg = &options;
    adapter.open = open_store;
    adapter.close = close_store;
    adapter.capabilities = TODO_CONFORMANCE_TRASH;
    /* A database in memory is nobody else's and ends with its store. */
    if (strcmp(options.url, "sqlite::memory:") != 0)
        adapter.capabilities |= TODO_CONFORMANCE_DURABLE | TODO_CONFORMANCE_SHARED;
    return todo_conformance_tap(&adapter);
}

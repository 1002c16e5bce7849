/*
 * The test of the adapter: the whole of it is to say how the ports are opened.
 *
 *   cc -o conformance *.c $(pkg-config --cflags --libs todo-conformance) && ./conformance
 */
#include "memory.h"

#include <todo/conformance.h>
#include <todo/store.h>

static todo_status open_memory(void *arg, todo_conformance_ports *ret_ports, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    todo_status status;

    (void)arg;
    options.url = "memory:";
    status = todo_store_open(&options, &store, error);
    if (status != TODO_OK)
        return status;
    ret_ports->reader = todo_store_reader(store);
    ret_ports->writer = todo_store_writer(store);
    ret_ports->users = todo_store_users(store);
    ret_ports->handle = store;
    return TODO_OK;
}

static void close_memory(void *arg, todo_conformance_ports *ports)
{
    (void)arg;
    todo_store_close(ports->handle);
}

int main(void)
{
    todo_conformance_adapter adapter = TODO_CONFORMANCE_ADAPTER_INIT;

    if (memory_register(NULL) != TODO_OK)
        return 1;
    adapter.name = "memory";
    adapter.open = open_memory;
    adapter.close = close_memory;
    adapter.capabilities = TODO_CONFORMANCE_TRASH;
    /* Memory ends with its process and is opened anew each time, so neither DURABLE nor SHARED is claimed. */
    return todo_conformance_tap(&adapter);
}

/*
 * The test of the adapter: the whole of it is to say how the ports are opened.
 *
 *   cc -o conformance *.c $(pkg-config --cflags --libs todo-conformance) && ./conformance
 */
#include "memory.h"

#include <todo/conformance.h>

static todo_status open_memory(void *arg, todo_conformance_ports *ret_ports, todo_error *error)
{
    (void)arg;
    return memory_new(&ret_ports->reader, &ret_ports->writer, &ret_ports->users, error);
}

static void close_memory(void *arg, todo_conformance_ports *ports)
{
    (void)arg;
    todo_reader_unref(ports->reader);
    todo_writer_unref(ports->writer);
    todo_users_unref(ports->users);
}

int main(void)
{
    todo_conformance_adapter adapter = TODO_CONFORMANCE_ADAPTER_INIT;

    adapter.name = "memory";
    adapter.open = open_memory;
    adapter.close = close_memory;
    adapter.capabilities = TODO_CONFORMANCE_TRASH;
    /* Memory ends with its process and is opened anew each time, so neither DURABLE nor SHARED is claimed. */
    return todo_conformance_tap(&adapter);
}

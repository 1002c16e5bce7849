/* The adapter as todo_store_open finds it: by the URL "memory:". */
#include <todo/port/adapter.h>

#include "memory.h"

static todo_status open_url(const todo_store_options *options, todo_store_ports *ret_ports, todo_error *error)
{
    (void)options;
    return memory_new(&ret_ports->reader, &ret_ports->writer, &ret_ports->users, error);
}

todo_status memory_register(todo_error *error)
{
    static const todo_store_ops ops = {.size = sizeof(ops), .open = open_url};

    return todo_store_register("memory", &ops, error);
}

/* libtodo.so calls this if the adapter was built as todo/memory.so.0 beside it. */
TODO_API todo_status todo_plugin_init(todo_error *error);

todo_status todo_plugin_init(todo_error *error)
{
    return memory_register(error);
}

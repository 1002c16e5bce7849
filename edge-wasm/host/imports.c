#include "imports.h"
#include "wait.h"

static wasmtime_error_t *enter(void *data, wasmtime_context_t *context,
                               const wasmtime_component_func_type_t *type, value *arguments, size_t count,
                               value *results, size_t results_count)
{
    const struct host_import *import = data;
    struct call *call = *imports_call_slot(context);

    (void)type, (void)count, (void)results_count;
    if (call == NULL)
        return call_trap("a host function outside of a request");
    call->context = context;
    return import->function(call, arguments, results);
}

/* Called until it is true, whenever the guest is resumed. */
static bool has_waited(void *environment)
{
    struct call *call = environment;

    if (call->waiting.finish == NULL)
        return true;
    if (!call->waiting.looked && !wait_look(call)) {
        call->waiting.looked = false;
        return false;
    }
    call->waiting.finish(call);
    call->waiting.finish = NULL;
    call->waiting.looked = false;
    return true;
}

static void enter_and_wait(void *data, wasmtime_context_t *context,
                           const wasmtime_component_func_type_t *type, value *arguments, size_t count,
                           value *results, size_t results_count, wasmtime_error_t **ret_error,
                           wasmtime_async_continuation_t *ret_continuation)
{
    struct call *call = *imports_call_slot(context);

    *ret_continuation = (wasmtime_async_continuation_t){.callback = has_waited, .env = call};
    if (call != NULL)
        call->waiting.ret =
            results; /* they last until the continuation has said true; the arguments do not */
    *ret_error = enter(data, context, type, arguments, count, results, results_count);
}

static wasmtime_error_t *drop(void *data, wasmtime_context_t *context, uint32_t representation)
{
    struct call *call = *imports_call_slot(context);

    (void)data;
    if (call != NULL && representation < call->resources_end)
        call->resources[representation].type = RESOURCE_FREE;
    return NULL;
}

static wasmtime_error_t *define_import(wasmtime_component_linker_instance_t *instance,
                                       const struct host_import *import)
{
    wasmtime_component_resource_type_t *type;
    wasmtime_error_t *error;

    if (import->waits)
        return wasmtime_component_linker_instance_add_func_async(instance, import->name, strlen(import->name),
                                                                 enter_and_wait, (void *)import, NULL);
    if (import->function != NULL)
        return wasmtime_component_linker_instance_add_func(instance, import->name, strlen(import->name),
                                                           enter, (void *)import, NULL);
    type = wasmtime_component_resource_type_new_host(import->type);
    error = wasmtime_component_linker_instance_add_resource(instance, import->name, strlen(import->name),
                                                            type, drop, NULL, NULL);
    wasmtime_component_resource_type_delete(type);
    return error;
}

static wasmtime_error_t *define_interface(wasmtime_component_linker_t *linker,
                                          const struct host_interface *interface)
{
    wasmtime_component_linker_instance_t *root = wasmtime_component_linker_root(linker), *instance;
    wasmtime_error_t *error = wasmtime_component_linker_instance_add_instance(
        root, interface->name, strlen(interface->name), &instance);

    if (error == NULL) {
        for (size_t i = 0; i < interface->count && error == NULL; i++)
            error = define_import(instance, &interface->imports[i]);
        wasmtime_component_linker_instance_delete(instance);
    }
    wasmtime_component_linker_instance_delete(root);
    return error;
}

wasmtime_error_t *imports_define(wasmtime_component_linker_t *linker)
{
    static const struct host_interface *const interfaces[] = {
        &wasi_io_poll,         &wasi_io_error,         &wasi_io_streams,
        &wasi_cli_environment, &wasi_clocks_monotonic, &wasi_clocks_wall,
        &wasi_random,          &wasi_http_types,       &wasi_http_outgoing_handler,
    };
    wasmtime_error_t *error = NULL;

    for (size_t i = 0; i < sizeof(interfaces) / sizeof(*interfaces) && error == NULL; i++)
        error = define_interface(linker, interfaces[i]);
    return error;
}

#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imports.h"

#define COMPONENT_MAX (64u << 20) /* bytes of a file */
#define MEMORY_MAX    (64u << 20) /* bytes of a guest's memory */
/* Bytes of a memory that a slot keeps: stack, data and what a request commonly allocates. More would be zeroed for nothing. */
#define KEPT_PAGES       (32u << 10)
#define CORE_MODULES_MAX 8 /* in a component: the two of the edge, and what joins them */
#define WASM_STACK       (256u << 10)
#define STACK            (512u << 10) /* that, and what host functions need */
#define READY_MAX        4            /* instances that wait on a shelf */
#define KEPT_MAX         64           /* that can serve again */
#define TICKS_MAX        (5000 / GUEST_TICK_MS)

struct guest_instance {
    wasmtime_store_t *store;
    wasmtime_component_func_t handle;
    struct call *call; /* the one it serves */
    unsigned served;
    wasmtime_call_future_t *future; /* while it serves */
    wasmtime_error_t *error;
    value arguments[2];
    unsigned ticks; /* for which it has computed without waiting */
    struct guest_instance *next;
};

struct guest {
    struct guest_options options;
    wasm_engine_t *engine;
    wasmtime_component_t *component;
    wasmtime_component_linker_t *linker;
    wasmtime_component_export_index_t *handle;
};

struct call **imports_call_slot(wasmtime_context_t *context)
{
    return &((struct guest_instance *)wasmtime_context_get_data(context))->call;
}

/* Says what went wrong. Returns whether something did. */
static bool failed(wasmtime_error_t *error, const char *what)
{
    wasm_name_t message;

    if (error == NULL)
        return false;
    wasmtime_error_message(error, &message);
    fprintf(stderr, "todo-edge: %s: %.*s\n", what, (int)message.size, message.data);
    wasm_name_delete(&message);
    wasmtime_error_delete(error);
    return true;
}

/* Memories, tables and instances lie in a pool, with their pages: a new instance finds them warm. */
static void set_pool(wasm_config_t *config, unsigned instances)
{
    wasmtime_pooling_allocation_config_t *pool = wasmtime_pooling_allocation_config_new();

    wasmtime_pooling_allocation_config_total_component_instances_set(pool, instances);
    wasmtime_pooling_allocation_config_total_core_instances_set(pool, instances * CORE_MODULES_MAX);
    wasmtime_pooling_allocation_config_total_memories_set(pool, instances * 2);
    wasmtime_pooling_allocation_config_total_tables_set(pool, instances * CORE_MODULES_MAX);
    wasmtime_pooling_allocation_config_total_stacks_set(pool, instances);
    wasmtime_pooling_allocation_config_max_memory_size_set(pool, MEMORY_MAX);
    wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, KEPT_PAGES);
    wasmtime_pooling_allocation_config_table_keep_resident_set(pool, 16384);
    wasmtime_pooling_allocation_strategy_set(config, pool);
    wasmtime_pooling_allocation_config_delete(pool);
}

/* `target`: a triple to compile for, with none of the features that only some of its processors have; NULL for this machine. */
static wasm_engine_t *make_engine(unsigned instances, const char *target)
{
    wasm_config_t *config = wasm_config_new();

    wasmtime_config_epoch_interruption_set(config, true);
    wasmtime_config_max_wasm_stack_set(config, WASM_STACK);
    wasmtime_config_async_stack_size_set(config, STACK);
    /* A guest is suspended on its own stack: none of wasmtime's concurrency within an instance is needed. */
    wasmtime_config_concurrency_support_set(config, false);
    if (instances > 0)
        set_pool(config, instances);
    if (target != NULL && failed(wasmtime_config_target_set(config, target), target)) {
        wasm_config_delete(config);
        return NULL;
    }
    return wasm_engine_new_with_config(config);
}

static unsigned char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    struct stat status;

    if (file != NULL && fstat(fileno(file), &status) == 0 && status.st_size > 0 &&
        status.st_size <= (off_t)COMPONENT_MAX && (bytes = malloc((size_t)status.st_size)) != NULL) {
        *ret_size = fread(bytes, 1, (size_t)status.st_size, file);
        if (*ret_size != (size_t)status.st_size) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file != NULL)
        fclose(file);
    if (bytes == NULL)
        fprintf(stderr, "todo-edge: cannot read %s\n", path);
    return bytes;
}

/* Compiled components are ELF files. */
static wasmtime_component_t *load(const wasm_engine_t *engine, const char *path)
{
    wasmtime_component_t *component = NULL;
    size_t size = 0;
    unsigned char *bytes = read_file(path, &size);
    wasmtime_error_t *error;

    if (bytes == NULL)
        return NULL;
    if (size > 4 && memcmp(bytes, "\177ELF", 4) == 0)
        error = wasmtime_component_deserialize_file(engine, path, &component);
    else
        error = wasmtime_component_new(engine, bytes, size, &component);
    free(bytes);
    return failed(error, path) ? NULL : component;
}

bool guest_compile(const char *from, const char *to, bool baseline)
{
    wasm_engine_t *engine = make_engine(0, baseline ? BASELINE_TARGET : NULL);
    wasmtime_component_t *component = engine == NULL ? NULL : load(engine, from);
    wasm_byte_vec_t bytes;
    bool written = false;

    if (component != NULL && !failed(wasmtime_component_serialize(component, &bytes), from)) {
        FILE *file = fopen(to, "wb");
        written = file != NULL && fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
        written = file != NULL && fclose(file) == 0 && written;
        if (!written)
            fprintf(stderr, "todo-edge: cannot write %s\n", to);
        wasm_byte_vec_delete(&bytes);
    }
    if (component != NULL)
        wasmtime_component_delete(component);
    if (engine != NULL)
        wasm_engine_delete(engine);
    return written;
}

static wasmtime_component_export_index_t *find_handle(const wasmtime_component_t *component)
{
    static const char interface[] = "wasi:http/incoming-handler@0.2.0", function[] = "handle";
    wasmtime_component_export_index_t *outer =
        wasmtime_component_get_export_index(component, NULL, interface, strlen(interface));
    wasmtime_component_export_index_t *inner =
        outer == NULL ? NULL
                      : wasmtime_component_get_export_index(component, outer, function, strlen(function));

    if (outer != NULL)
        wasmtime_component_export_index_delete(outer);
    if (inner == NULL)
        fprintf(stderr, "todo-edge: the component does not export %s\n", interface);
    return inner;
}

/* Runs a future that has nothing to wait for. */
static void finish(wasmtime_call_future_t *future)
{
    while (!wasmtime_call_future_poll(future))
        continue;
    wasmtime_call_future_delete(future);
}

static void end_call(struct guest_instance *instance)
{
    wasmtime_call_future_delete(instance->future);
    instance->future = NULL;
    instance->call = NULL;
    wasmtime_component_val_delete(&instance->arguments[0]);
    wasmtime_component_val_delete(&instance->arguments[1]);
}

static void free_instance(struct guest_instance *instance)
{
    if (instance->future != NULL)
        end_call(instance);
    if (instance->error != NULL)
        wasmtime_error_delete(instance->error);
    wasmtime_store_delete(instance->store);
    free(instance);
}

/* NULL, and `ret_error` set if there is more to say. */
static struct guest_instance *new_instance(const struct guest *guest, wasmtime_error_t **ret_error)
{
    struct guest_instance *instance = calloc(1, sizeof(*instance));
    wasmtime_component_instance_t made;

    *ret_error = NULL;
    if (instance == NULL)
        return NULL;
    instance->store = wasmtime_store_new(guest->engine, instance, NULL);
    wasmtime_context_t *context = wasmtime_store_context(instance->store);
    wasmtime_context_set_epoch_deadline(context, 1);
    /* It returns nothing, whatever its header says: what would be read is what happens to lie in the register. */
    (void)wasmtime_context_epoch_deadline_async_yield_and_update(context, 1);
    finish(wasmtime_component_linker_instantiate_async(guest->linker, context, guest->component, &made,
                                                       ret_error));
    if (*ret_error != NULL ||
        !wasmtime_component_instance_get_func(&made, context, guest->handle, &instance->handle)) {
        free_instance(instance);
        return NULL;
    }
    return instance;
}

/* Without a word when there is none: the pool may just be empty. */
static struct guest_instance *try_instance(const struct guest *guest)
{
    wasmtime_error_t *error;
    struct guest_instance *instance = new_instance(guest, &error);

    if (error != NULL)
        wasmtime_error_delete(error);
    return instance;
}

struct guest *guest_open(const char *path, const struct guest_options *options)
{
    struct guest *guest = calloc(1, sizeof(*guest));
    wasmtime_error_t *error = NULL;
    struct guest_instance *first;

    if (guest == NULL)
        return NULL;
    guest->options = *options;
    guest->engine = make_engine(options->instances_max, NULL);
    guest->linker = wasmtime_component_linker_new(guest->engine);
    guest->component = load(guest->engine, path);
    if (guest->component != NULL && !failed(imports_define(guest->linker), "the imports") &&
        (guest->handle = find_handle(guest->component)) != NULL) {
        first = new_instance(guest, &error);
        if (!failed(error, path) && first != NULL) {
            free_instance(first);
            return guest;
        }
    }
    guest_close(guest);
    return NULL;
}

void guest_close(struct guest *guest)
{
    if (guest->handle != NULL)
        wasmtime_component_export_index_delete(guest->handle);
    if (guest->component != NULL)
        wasmtime_component_delete(guest->component);
    wasmtime_component_linker_delete(guest->linker);
    wasm_engine_delete(guest->engine);
    free(guest);
}

struct guest_instance *guest_take(struct guest *guest, struct guest_shelf *shelf)
{
    struct guest_instance *instance = shelf->first;

    if (instance == NULL)
        return try_instance(guest);
    shelf->first = instance->next;
    shelf->count--;
    return instance;
}

enum guest_state guest_resume(struct guest_instance *instance)
{
    if (wasmtime_call_future_poll(instance->future)) {
        end_call(instance);
        return instance->error == NULL ? GUEST_DONE : GUEST_FAILED;
    }
    if (instance->call->waiting.finish != NULL) {
        instance->ticks = 0;
        return GUEST_WAITS;
    }
    return ++instance->ticks < TICKS_MAX ? GUEST_COMPUTES : GUEST_FAILED;
}

enum guest_state guest_start(struct guest_instance *instance, struct call *call)
{
    wasmtime_context_t *context = wasmtime_store_context(instance->store);

    call->context = context;
    instance->call = call;
    instance->served++;
    instance->ticks = 0;
    wasmtime_context_set_epoch_deadline(context, 1);
    instance->arguments[0] = call_own(call, call_new(call, RESOURCE_INCOMING_REQUEST));
    instance->arguments[1] = call_own(call, call_new(call, RESOURCE_RESPONSE_OUTPARAM));
    instance->future = wasmtime_component_func_call_async(&instance->handle, context, instance->arguments, 2,
                                                          NULL, 0, &instance->error);
    return guest_resume(instance);
}

char *guest_message(struct guest_instance *instance)
{
    wasm_name_t message;
    char *text;

    if (instance->error == NULL)
        return strdup("it computed for too long");
    wasmtime_error_message(instance->error, &message);
    text = strndup(message.data, message.size);
    wasm_name_delete(&message);
    return text;
}

void guest_give(struct guest *guest, struct guest_shelf *shelf, struct guest_instance *instance, bool sound)
{
    if (!sound || instance->future != NULL || instance->served >= guest->options.reuse_max ||
        shelf->count >= KEPT_MAX) {
        free_instance(instance);
        instance = shelf->count < READY_MAX ? try_instance(guest) : NULL;
    }
    if (instance == NULL)
        return;
    instance->next = shelf->first;
    shelf->first = instance;
    shelf->count++;
}

void guest_shelf_clear(struct guest_shelf *shelf)
{
    while (shelf->first != NULL) {
        struct guest_instance *next = shelf->first->next;
        free_instance(shelf->first);
        shelf->first = next;
    }
}

void guest_tick(struct guest *guest)
{
    wasmtime_engine_increment_epoch(guest->engine);
}

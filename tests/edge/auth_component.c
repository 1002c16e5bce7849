#include "auth_component.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INSTANCES_MAX 16
#define MEMORY_MAX    (16u << 20)

static void check(wasmtime_error_t *error, const char *what)
{
    wasm_name_t message;

    if (error == NULL)
        return;
    wasmtime_error_message(error, &message);
    fprintf(stderr, "%s: %.*s\n", what, (int)message.size, message.data);
    exit(1);
}

static void set_text(wasmtime_component_val_t *value, const char *text)
{
    value->kind = WASMTIME_COMPONENT_STRING;
    wasm_name_new(&value->of.string, strlen(text), text);
}

/* get-environment: func() -> list<tuple<string, string>> */
static wasmtime_error_t *get_environment(void *data, wasmtime_context_t *context,
                                         const wasmtime_component_func_type_t *type,
                                         wasmtime_component_val_t *arguments, size_t arguments_count,
                                         wasmtime_component_val_t *results, size_t results_count)
{
    const struct auth_component *auth = data;
    size_t count = 0;

    (void)context, (void)type, (void)arguments, (void)arguments_count, (void)results_count;
    while (auth->environment[count][0] != NULL)
        count++;
    results->kind = WASMTIME_COMPONENT_LIST;
    wasmtime_component_vallist_new_uninit(&results->of.list, count);
    for (size_t i = 0; i < count; i++) {
        wasmtime_component_val_t *pair = &results->of.list.data[i];
        pair->kind = WASMTIME_COMPONENT_TUPLE;
        wasmtime_component_valtuple_new_uninit(&pair->of.tuple, 2);
        set_text(&pair->of.tuple.data[0], auth->environment[i][0]);
        set_text(&pair->of.tuple.data[1], auth->environment[i][1]);
    }
    return NULL;
}

/* now: func() -> record { seconds: u64, nanoseconds: u32 } */
static wasmtime_error_t *now(void *data, wasmtime_context_t *context,
                             const wasmtime_component_func_type_t *type, wasmtime_component_val_t *arguments,
                             size_t arguments_count, wasmtime_component_val_t *results, size_t results_count)
{
    struct timespec time;
    wasmtime_component_valrecord_t *record = &results->of.record;

    (void)data, (void)context, (void)type, (void)arguments, (void)arguments_count, (void)results_count;
    clock_gettime(CLOCK_REALTIME, &time);
    results->kind = WASMTIME_COMPONENT_RECORD;
    wasmtime_component_valrecord_new_uninit(record, 2);
    wasm_name_new_from_string(&record->data[0].name, "seconds");
    record->data[0].val = (wasmtime_component_val_t){WASMTIME_COMPONENT_U64, {.u64 = (uint64_t)time.tv_sec}};
    wasm_name_new_from_string(&record->data[1].name, "nanoseconds");
    record->data[1].val = (wasmtime_component_val_t){WASMTIME_COMPONENT_U32, {.u32 = (uint32_t)time.tv_nsec}};
    return NULL;
}

static void define(struct auth_component *auth, const char *interface, const char *name,
                   wasmtime_component_func_callback_t function)
{
    wasmtime_component_linker_instance_t *root = wasmtime_component_linker_root(auth->linker), *instance;

    check(wasmtime_component_linker_instance_add_instance(root, interface, strlen(interface), &instance),
          interface);
    check(wasmtime_component_linker_instance_add_func(instance, name, strlen(name), function, auth, NULL),
          name);
    wasmtime_component_linker_instance_delete(instance);
    wasmtime_component_linker_instance_delete(root);
}

/* Memories and tables are laid out once, and stay with their pages from one instance to the next. */
static wasm_engine_t *make_engine(void)
{
    wasm_config_t *config = wasm_config_new();
    wasmtime_pooling_allocation_config_t *pool = wasmtime_pooling_allocation_config_new();

    wasmtime_pooling_allocation_config_total_component_instances_set(pool, INSTANCES_MAX);
    wasmtime_pooling_allocation_config_total_core_instances_set(pool, INSTANCES_MAX * 4);
    wasmtime_pooling_allocation_config_total_memories_set(pool, INSTANCES_MAX);
    wasmtime_pooling_allocation_config_total_tables_set(pool, INSTANCES_MAX * 4);
    wasmtime_pooling_allocation_config_max_memory_size_set(pool, MEMORY_MAX);
    wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, 262144);
    wasmtime_pooling_allocation_config_table_keep_resident_set(pool, 16384);
    wasmtime_pooling_allocation_strategy_set(config, pool);
    wasmtime_pooling_allocation_config_delete(pool);
    /* Nothing here is asynchronous. */
    wasmtime_config_concurrency_support_set(config, false);
    return wasm_engine_new_with_config(config);
}

static void compile(struct auth_component *auth, const char *path)
{
    FILE *file = fopen(path, "rb");
    static unsigned char bytes[1 << 20];
    size_t size;

    if (file == NULL || (size = fread(bytes, 1, sizeof(bytes), file)) == sizeof(bytes) || ferror(file)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    check(wasmtime_component_new(auth->engine, bytes, size, &auth->component), path);
}

void auth_component_open(struct auth_component *auth, const char *path, const char *const environment[][2])
{
    static const char interface[] = "demo:auth/authenticator", function[] = "verify-token";
    wasmtime_component_export_index_t *index;

    auth->environment = environment;
    auth->engine = make_engine();
    compile(auth, path);
    index = wasmtime_component_get_export_index(auth->component, NULL, interface, strlen(interface));
    auth->verify_token = index == NULL ? NULL
                                       : wasmtime_component_get_export_index(auth->component, index, function,
                                                                             strlen(function));
    if (auth->verify_token == NULL) {
        fprintf(stderr, "%s: no %s#%s\n", path, interface, function);
        exit(1);
    }
    wasmtime_component_export_index_delete(index);
    auth->linker = wasmtime_component_linker_new(auth->engine);
    define(auth, "wasi:cli/environment@0.2.0", "get-environment", get_environment);
    define(auth, "wasi:clocks/wall-clock@0.2.0", "now", now);
}

void auth_component_close(struct auth_component *auth)
{
    wasmtime_component_export_index_delete(auth->verify_token);
    wasmtime_component_linker_delete(auth->linker);
    wasmtime_component_delete(auth->component);
    wasm_engine_delete(auth->engine);
}

void auth_instance_new(struct auth_instance *instance, const struct auth_component *auth)
{
    wasmtime_component_instance_t made;
    wasmtime_context_t *context;

    instance->store = wasmtime_store_new(auth->engine, NULL, NULL);
    context = wasmtime_store_context(instance->store);
    check(wasmtime_component_linker_instantiate(auth->linker, context, auth->component, &made),
          "instantiate");
    if (!wasmtime_component_instance_get_func(&made, context, auth->verify_token, &instance->verify_token))
        abort();
}

void auth_instance_free(struct auth_instance *instance)
{
    wasmtime_store_delete(instance->store);
}

/* option<string>: a copy of the text, or NULL */
static char *optional_text(const wasmtime_component_val_t *value)
{
    return value->of.option == NULL
               ? NULL
               : strndup(value->of.option->of.string.data, value->of.option->of.string.size);
}

struct auth_result auth_verify(const struct auth_instance *instance, const char *token)
{
    wasmtime_component_val_t argument, answer = {WASMTIME_COMPONENT_BOOL, {.boolean = false}};
    struct auth_result result;

    set_text(&argument, token);
    check(wasmtime_component_func_call(&instance->verify_token, wasmtime_store_context(instance->store),
                                       &argument, 1, &answer, 1),
          "verify-token");
    wasmtime_component_val_delete(&argument);
    result.authenticated = answer.of.record.data[0].val.of.boolean;
    result.user_id = optional_text(&answer.of.record.data[1].val);
    result.error = optional_text(&answer.of.record.data[2].val);
    wasmtime_component_val_delete(&answer);
    return result;
}

void auth_result_clear(struct auth_result *result)
{
    free(result->user_id);
    free(result->error);
}

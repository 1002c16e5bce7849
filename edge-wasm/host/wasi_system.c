/* wasi:cli/environment, wasi:clocks/wall-clock and wasi:random. */
#include "imports.h"
#include "random.h"

#include <time.h>

static wasmtime_error_t *get_environment(struct call *call, value *arguments, value *ret)
{
    const char *const(*environment)[2] = call->config->environment;
    size_t count = 0;

    (void)arguments;
    while (environment[count][0] != NULL)
        count++;
    *ret = value_list(count);
    for (size_t i = 0; i < count; i++)
        ret->of.list.data[i] = value_pair(value_string(environment[i][0], strlen(environment[i][0])),
                                          value_string(environment[i][1], strlen(environment[i][1])));
    return NULL;
}

static wasmtime_error_t *wall_clock_now(struct call *call, value *arguments, value *ret)
{
    struct timespec now;
    wasmtime_component_valrecord_t *record = &ret->of.record;

    (void)call, (void)arguments;
    clock_gettime(CLOCK_REALTIME, &now);
    ret->kind = WASMTIME_COMPONENT_RECORD;
    wasmtime_component_valrecord_new_uninit(record, 2);
    wasm_name_new_from_string(&record->data[0].name, "seconds");
    record->data[0].val = value_u64((uint64_t)now.tv_sec);
    wasm_name_new_from_string(&record->data[1].name, "nanoseconds");
    record->data[1].val = value_u32((uint32_t)now.tv_nsec);
    return NULL;
}

static wasmtime_error_t *get_random_u64(struct call *call, value *arguments, value *ret)
{
    uint64_t number;

    (void)call, (void)arguments;
    if (!random_u64(&number))
        return call_trap("no random numbers");
    *ret = value_u64(number);
    return NULL;
}

static const struct host_import environment_imports[] = {{"get-environment", get_environment, 0, false}};
static const struct host_import wall_clock_imports[] = {{"now", wall_clock_now, 0, false}};
static const struct host_import random_imports[] = {{"get-random-u64", get_random_u64, 0, false}};

INTERFACE(wasi_cli_environment, "wasi:cli/environment@0.2.0", environment_imports);
INTERFACE(wasi_clocks_wall, "wasi:clocks/wall-clock@0.2.0", wall_clock_imports);
INTERFACE(wasi_random, "wasi:random/random@0.2.0", random_imports);

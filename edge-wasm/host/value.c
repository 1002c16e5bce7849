#include "value.h"

value value_string(const char *text, size_t length)
{
    value made = {.kind = WASMTIME_COMPONENT_STRING};

    wasm_name_new(&made.of.string, length, text);
    return made;
}

value value_bytes(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    value made = value_list(length);

    for (size_t i = 0; i < length; i++)
        made.of.list.data[i] = (value){WASMTIME_COMPONENT_U8, {.u8 = at[i]}};
    return made;
}

value value_list(size_t count)
{
    value made = {.kind = WASMTIME_COMPONENT_LIST};

    wasmtime_component_vallist_new_uninit(&made.of.list, count);
    return made;
}

value value_pair(value first, value second)
{
    value made = {.kind = WASMTIME_COMPONENT_TUPLE};

    wasmtime_component_valtuple_new_uninit(&made.of.tuple, 2);
    made.of.tuple.data[0] = first;
    made.of.tuple.data[1] = second;
    return made;
}

value value_none(void)
{
    return (value){WASMTIME_COMPONENT_OPTION, {.option = NULL}};
}

value value_some(value inner)
{
    return (value){WASMTIME_COMPONENT_OPTION, {.option = wasmtime_component_val_new(&inner)}};
}

value value_ok(void)
{
    return (value){WASMTIME_COMPONENT_RESULT, {.result = {true, NULL}}};
}

value value_ok_with(value inner)
{
    return (value){WASMTIME_COMPONENT_RESULT, {.result = {true, wasmtime_component_val_new(&inner)}}};
}

value value_err(void)
{
    return (value){WASMTIME_COMPONENT_RESULT, {.result = {false, NULL}}};
}

value value_err_with(value inner)
{
    return (value){WASMTIME_COMPONENT_RESULT, {.result = {false, wasmtime_component_val_new(&inner)}}};
}

value value_case(const char *name)
{
    value made = {.kind = WASMTIME_COMPONENT_VARIANT};

    wasm_name_new(&made.of.variant.discriminant, strlen(name), name);
    made.of.variant.val = NULL;
    return made;
}

value value_case_with(const char *name, value inner)
{
    value made = value_case(name);

    made.of.variant.val = wasmtime_component_val_new(&inner);
    return made;
}

int64_t value_ms(const value *duration)
{
    return duration == NULL || duration->of.u64 / 1000000 > (uint64_t)DAY_MS
               ? DAY_MS
               : (int64_t)(duration->of.u64 / 1000000);
}

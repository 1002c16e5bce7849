/* Values of the component model, as wasmtime's C API has them: made for a guest, or read from one. */
#ifndef EDGE_HOST_VALUE_H
#define EDGE_HOST_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <wasmtime.h>

typedef wasmtime_component_val_t value;

/* All of these own what is given to them, and copy texts. */
static inline value value_bool(bool boolean)
{
    return (value){WASMTIME_COMPONENT_BOOL, {.boolean = boolean}};
}

static inline value value_u16(uint16_t number)
{
    return (value){WASMTIME_COMPONENT_U16, {.u16 = number}};
}

static inline value value_u32(uint32_t number)
{
    return (value){WASMTIME_COMPONENT_U32, {.u32 = number}};
}

static inline value value_u64(uint64_t number)
{
    return (value){WASMTIME_COMPONENT_U64, {.u64 = number}};
}

value value_string(const char *text, size_t length);
value value_bytes(const void *bytes, size_t length); /* list<u8> */
value value_list(size_t count);                      /* its members to be set */
value value_pair(value first, value second);
value value_none(void);
value value_some(value inner);
value value_ok(void);
value value_ok_with(value inner);
value value_err(void);
value value_err_with(value inner);
value value_case(const char *name);                   /* of a variant, without a payload */
value value_case_with(const char *name, value inner); /* and with one */

#define DAY_MS INT64_C(86400000)

/* A duration in milliseconds: a day at most, and without one (NULL). */
int64_t value_ms(const value *duration);

/* Whether a variant is this case. */
static inline bool value_is_case(const value *variant, const char *name)
{
    const wasm_name_t *is = &variant->of.variant.discriminant;

    return is->size == strlen(name) && memcmp(is->data, name, is->size) == 0;
}

#endif

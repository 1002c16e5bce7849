/*
 * The auth component called from C, by wasmtime's C API: what a gateway written in C would need of it, and no more.
 * Every function says on standard error what went wrong and ends the program: this is for tests and measurements.
 */
#ifndef TODO_TESTS_AUTH_COMPONENT_H
#define TODO_TESTS_AUTH_COMPONENT_H

#include <stdbool.h>

#include <wasmtime.h>

/* A compiled component and what its instances are made from. Not to be used by two threads at a time. */
struct auth_component {
    wasm_engine_t *engine;
    wasmtime_component_t *component;
    wasmtime_component_linker_t *linker;
    wasmtime_component_export_index_t *verify_token;
    const char *const (*environment)[2]; /* {name, value} pairs up to a NULL; borrowed */
};

/* An instance, with a memory of its own. */
struct auth_instance {
    wasmtime_store_t *store;
    wasmtime_component_func_t verify_token;
};

/* What verify-token answers; the texts are NULL or to be freed by auth_result_clear. */
struct auth_result {
    bool authenticated;
    char *user_id, *error;
};

/* Compiles `path`. The environment, its keys and expectations, is what the component gets to see. */
void auth_component_open(struct auth_component *auth, const char *path, const char *const environment[][2]);
void auth_component_close(struct auth_component *auth);

void auth_instance_new(struct auth_instance *instance, const struct auth_component *auth);
void auth_instance_free(struct auth_instance *instance);

struct auth_result auth_verify(const struct auth_instance *instance, const char *token);
void auth_result_clear(struct auth_result *result);

#endif

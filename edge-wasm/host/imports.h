/* What a component may import, as wasmtime's linker wants it: wasi:http 0.2 and what that stands on. */
#ifndef EDGE_HOST_IMPORTS_H
#define EDGE_HOST_IMPORTS_H

#include "call.h"

/* `arguments` are the function's parameters; its result, if it has one, is to be put into `ret`. An error traps. */
typedef wasmtime_error_t *host_function(struct call *call, value *arguments, value *ret);

struct host_import {
    const char *name;
    host_function *function; /* NULL for a resource */
    enum resource_type type; /* of a resource */
    bool waits;              /* the function sets call->waiting, and its result is that of `finish` */
};

struct host_interface {
    const char *name;
    const struct host_import *imports;
    size_t count;
};

extern const struct host_interface wasi_io_poll, wasi_io_error, wasi_io_streams, wasi_http_types,
    wasi_http_outgoing_handler, wasi_cli_environment, wasi_clocks_monotonic, wasi_clocks_wall, wasi_random;

/* What the store of an instance holds as its data: a pointer to the request that it serves. */
struct call **imports_call_slot(wasmtime_context_t *context);

/* Gives the guest a pollable for this. */
wasmtime_error_t *imports_subscribe(struct call *call, const struct pollable *pollable, value *ret);

/* Lets components of this engine import all of the above. */
wasmtime_error_t *imports_define(wasmtime_component_linker_t *linker);

#define INTERFACE(variable, text, table) \
    const struct host_interface variable = {text, table, sizeof(table) / sizeof(*(table))}

#endif

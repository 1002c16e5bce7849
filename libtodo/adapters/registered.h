/* The adapters from outside, beside the table in schemes.c. */
#ifndef TODO_ADAPTERS_REGISTERED_H
#define TODO_ADAPTERS_REGISTERED_H

#include <todo/port/adapter.h>

#define TODO__SCHEME_MAX 32

/* The table that was registered for a scheme, every function of it set, until the process ends. NULL: none was. */
const todo_store_ops *todo__registered(const char *scheme);

/* Whether the library has an adapter of its own for a scheme, built or not. */
bool todo__scheme_is_own(const char *scheme);

#endif

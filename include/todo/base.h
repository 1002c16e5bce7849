/**
 * @file base.h
 * What every other header of libtodo stands on: linkage and visibility.
 *
 * Conventions of the whole API:
 * - Argument order: object, call, inputs, `ret_…` outputs, `todo_error *` last.
 * - A fallible function returns a `todo_status`; outputs are written only when it returns `TODO_OK`.
 * - A `todo_error *` may always be NULL; so may a `const todo_call *`. A call leaves in an error what it returned: after
 *   TODO_OK its status is TODO_OK and its texts are empty, and after a status with which a visitor ended the call it has
 *   that status. So one error serves many calls.
 * - `…_free`, `…_unref` and `todo_free` accept NULL. NULL for anything else that is not said to be optional is
 *   `TODO_ERR_INVALID`, code "argument_missing" with the argument's name as the field, or, where nothing can fail, does
 *   nothing.
 * - Strings are UTF-8 and NUL-terminated unless a length is passed beside them.
 * - A struct that the caller fills begins with `size`, set by its `…_INIT` macro or its `…_init` function.
 *   A nonzero tail that this version of the library does not know is refused with `TODO_ERR_UNSUPPORTED`,
 *   so that a request is never silently ignored. A size that can't be is `TODO_ERR_INVALID`, code
 *   "struct_size_invalid", with the name of the argument as the field.
 * - The library never prints, never calls exit or abort, installs no signal handler.
 */
#ifndef TODO_BASE_H
#define TODO_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TODO_BEGIN_DECLS extern "C" {
#define TODO_END_DECLS   }
#else
#define TODO_BEGIN_DECLS
#define TODO_END_DECLS
#endif

#if defined(__GNUC__)
#define TODO_API __attribute__((visibility("default")))
#else
#define TODO_API
#endif

TODO_BEGIN_DECLS

/**
 * Releases memory that the library returned as a plain pointer (a `char *`), and only that.
 * NULL is fine. Thread-safe.
 */
TODO_API void todo_free(void *pointer);

TODO_END_DECLS

#endif

/*
 * How a public function begins and ends. A call that takes an error leaves in it what it returned, so that a caller may use
 * one error for many calls, and look at it alone.
 */
#ifndef TODO_UTIL_ENTRY_H
#define TODO_UTIL_ENTRY_H

#include <todo/error.h>

/*
 * Clears the error, and checks the arguments, each of which is a pointer or a condition: `item`, `known.writer`,
 * `items || count == 0`. false: one is NULL or does not hold, and the error is INVALID, "argument_missing", with the name
 * that the expression begins with ("item", "writer", "items") as its field.
 */
#define todo__given(error, ...)                                       \
    todo__all_given(error, #__VA_ARGS__, (const bool[]){__VA_ARGS__}, \
                    sizeof((const bool[]){__VA_ARGS__}) / sizeof(bool))

bool todo__all_given(todo_error *error, const char *names, const bool *given, size_t count);

/* Makes the error one of no failure. NULL is fine. */
void todo__error_clear(todo_error *error);

/*
 * What a function returns that asked a function of another party: a port's implementation, a visitor, a loader. These may
 * say nothing, or leave what failed before they succeeded. Gives `status`.
 */
todo_status todo__leave(todo_status status, todo_error *error);

/* Sets INVALID, `code`, with the name of an argument as its field: the last name in an expression such as `known.writer`. */
todo_status todo__refuse_argument(const char *code, const char *expression, todo_error *error);

#endif

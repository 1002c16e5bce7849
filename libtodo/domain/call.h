/* How a public function that takes a call begins. */
#ifndef TODO_DOMAIN_CALL_H
#define TODO_DOMAIN_CALL_H

#include <todo/call.h>

#include "util/entry.h"

/*
 * Clears the error, checks that the arguments that follow it are given (todo__given), and makes `*call` a call of this
 * version: itself, or a copy in `room` of a shorter or longer one. INVALID ("argument_missing", "struct_size_invalid"),
 * UNSUPPORTED ("struct_member_unknown").
 */
#define todo__begin(error, call, room, ...) \
    (todo__given(error, __VA_ARGS__) ? todo__take_call(call, room, error) : TODO_ERR_INVALID)

todo_status todo__take_call(const todo_call **call, todo_call *room, todo_error *error);

/* Whether a demand is TODO_SEQUENCE_NOW: any answer of the server that takes the writes will do. */
static inline bool todo__is_now(const todo_sequence *demand)
{
    return demand->epoch == UINT64_MAX && demand->number == UINT64_MAX;
}

/* The call, or a copy of it in `scratch`, such that it is given the sequence: in `sequence` if its caller wants none. */
static inline const todo_call *todo__with_sequence(const todo_call *call, todo_call *scratch,
                                                   todo_sequence *sequence)
{
    *sequence = (todo_sequence){0, 0};
    *scratch = call != NULL ? *call : (todo_call)TODO_CALL_INIT;
    if (scratch->ret_sequence == NULL)
        scratch->ret_sequence = sequence;
    *scratch->ret_sequence = (todo_sequence){0, 0};
    return scratch;
}

#endif

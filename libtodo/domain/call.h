/* How a public function that takes a call begins. */
#ifndef TODO_DOMAIN_CALL_H
#define TODO_DOMAIN_CALL_H

#include <todo/call.h>

/*
 * Checks that the arguments are `complete` and makes `*call` a call of this version: itself, or a copy in `room` of a
 * shorter or longer one. INVALID ("argument_missing", "struct_size_invalid"), UNSUPPORTED
 * ("struct_member_unknown").
 */
todo_status todo__enter(bool complete, const todo_call **call, todo_call *room, todo_error *error);

#endif

/* Finding an account by what a person types as its e-mail address. */
#ifndef TODO_USECASES_FIND_USER_H
#define TODO_USECASES_FIND_USER_H

#include <todo/port/users.h>

/*
 * The account of an address in any spelling. NOT_FOUND, also for a text that is no address. Accounts of former versions
 * may be stored in a spelling of their own: where it differs, a second look finds them.
 */
todo_status todo__find_user(todo_users *users, const todo_call *call, const char *text,
                            const todo_user **ret_user, todo_error *error);

#endif

/* As todo_store_check and todo_store_vacuum. `self` is a todo__sqlite. Without a deadline of the call there is none. */
#ifndef TODO_ADAPTERS_SQLITE_MAINTAIN_H
#define TODO_ADAPTERS_SQLITE_MAINTAIN_H

#include <todo/store.h>

todo_status todo__sqlite_check(void *self, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                               todo_error *error);
todo_status todo__sqlite_vacuum(void *self, const todo_call *call, todo_error *error);

#endif

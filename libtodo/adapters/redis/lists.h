/* Lists, from what this process holds or from where the truth is (todo_cache_ops.list). */
#ifndef TODO_ADAPTERS_REDIS_LISTS_H
#define TODO_ADAPTERS_REDIS_LISTS_H

#include <todo/port/cache.h>

todo_status todo__redis_list(void *self, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                             todo_item_visit visit, void *arg, todo_error *error);

#endif

/*
 * A page of a list, packed into one block of memory: 48 bytes a todo beside its texts. It grows while its todos are read
 * and never changes after that; references keep it, so that many may look at it at once, without a lock.
 */
#ifndef TODO_ADAPTERS_REDIS_PAGE_H
#define TODO_ADAPTERS_REDIS_PAGE_H

#include <todo/item.h>

typedef struct todo__page todo__page;

/* A page of the user's without todos, which will not take more than `limit` bytes. NULL when there is no memory. */
todo__page *todo__page_new(const todo_uuid *user, size_t limit);

/* Adds a todo to a page that nobody else has. False when it does not fit or there is no memory; then it is of no use. */
bool todo__page_add(todo__page **page, const todo_item *item);

/* Gives back the memory that it grew into and does not need. */
void todo__page_finish(todo__page **page);

/* Takes a reference. */
todo__page *todo__page_ref(todo__page *page);

/* NULL is fine. */
void todo__page_unref(todo__page *page);

/* Shows each todo, borrowed, in order; ends early with what `visit` returned when that is not TODO_OK. */
todo_status todo__page_visit(const todo__page *page, todo_item_visit visit, void *arg);

size_t todo__page_bytes(const todo__page *page);

#endif

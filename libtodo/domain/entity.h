/* What the library keeps of an entity beside the members that callers see. */
#ifndef TODO_DOMAIN_ENTITY_H
#define TODO_DOMAIN_ENTITY_H

#include <todo/item.h>

#include "domain/text.h"
#include "util/export.h"

/* Makes an owned item with copies of the strings of `members`. NOMEM. */
TODO__EXPORT todo_status todo__item_new(const todo_item *members, const todo_item **ret_item,
                                        todo_error *error);

/*
 * The same for members that a client or a file says, by the rules of their fields: texts are stored as their rules trim
 * them, and numbers have bounds. The texts of `members` may be moved. INVALID with the field's name, NOMEM.
 */
todo_status todo__item_admit(todo_item *members, const todo_item **ret_item, todo_error *error);

/* A list that grows while it is made. */
todo_status todo__item_list_new(todo_item_list **ret_list, todo_error *error);

/* Appends an item and takes over the caller's reference; the caller keeps it on failure. */
todo_status todo__item_list_push(todo_item_list *list, const todo_item *item, todo_error *error);

/* The items as an array, valid until the list changes. */
const todo_item *const *todo__item_list_items(const todo_item_list *list);

/* Says where the next page begins. */
void todo__item_list_set_next(todo_item_list *list, todo_cursor next);

/* The position of an item in the order of `sort`. */
todo_cursor todo__item_cursor(const todo_item *item, todo_sort_key sort);

/* CONFLICT, of the item at `index` of so many that were to be stored. */
TODO__EXPORT todo_status todo__item_id_exists(size_t index, size_t count, todo_error *error);

#endif

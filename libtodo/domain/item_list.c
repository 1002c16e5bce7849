#include <todo/item.h>

#include "domain/entity.h"
#include "util/alloc.h"

struct todo_item_list {
    const todo_item **items;
    size_t count;
    size_t capacity;
    bool has_next;
    todo_cursor next;
};

todo_status todo__item_list_new(todo_item_list **ret_list, todo_error *error)
{
    todo_item_list *list = todo__calloc(1, sizeof(*list));

    if (list == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    *ret_list = list;
    return TODO_OK;
}

todo_status todo__item_list_push(todo_item_list *list, const todo_item *item, todo_error *error)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        const todo_item **items = todo__realloc(list->items, capacity * sizeof(*items));

        if (items == NULL)
            return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return TODO_OK;
}

const todo_item *const *todo__item_list_items(const todo_item_list *list)
{
    return list->items;
}

void todo__item_list_set_next(todo_item_list *list, todo_cursor next)
{
    list->has_next = true;
    list->next = next;
}

size_t todo_item_list_count(const todo_item_list *list)
{
    return list != NULL ? list->count : 0;
}

const todo_item *todo_item_list_at(const todo_item_list *list, size_t index)
{
    return index < todo_item_list_count(list) ? list->items[index] : NULL;
}

const todo_cursor *todo_item_list_next(const todo_item_list *list)
{
    return list != NULL && list->has_next ? &list->next : NULL;
}

void todo_item_list_free(todo_item_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        todo_item_unref(list->items[i]);
    todo__free(list->items);
    todo__free(list);
}

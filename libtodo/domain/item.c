#include <todo/item.h>
#include <todo/port/build.h>

#include <string.h>

#include "domain/entity.h"
#include "domain/rules.h"
#include "util/alloc.h"
#include "util/refcount.h"
#include "util/structs.h"

/* An owned item: its strings lie behind it, in the same allocation. `item.reserved` points to the box itself. */
typedef struct item_box {
    todo_item item;
    todo__refcount refs;
    char strings[];
} item_box;

static item_box *box_of(const todo_item *item)
{
    return (item_box *)item->reserved;
}

todo_status todo__item_new_titled(const todo_item *members, todo__slice title, const todo_item **ret_item,
                                  todo_error *error)
{
    size_t description_size = members->description != NULL ? strlen(members->description) + 1 : 0;
    item_box *box = todo__malloc(sizeof(*box) + title.length + 1 + description_size);

    if (box == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    box->item = *members;
    box->item.reserved = box;
    box->item.title = memcpy(box->strings, title.text, title.length);
    box->strings[title.length] = '\0';
    if (description_size > 0)
        box->item.description =
            memcpy(box->strings + title.length + 1, members->description, description_size);
    todo__refcount_init(&box->refs);
    *ret_item = &box->item;
    return TODO_OK;
}

todo_status todo__item_new(const todo_item *members, const todo_item **ret_item, todo_error *error)
{
    todo__slice title = {members->title, strlen(members->title)};

    return todo__item_new_titled(members, title, ret_item, error);
}

const todo_item *todo_item_ref(const todo_item *item)
{
    const todo_item *copy = NULL;

    if (item == NULL)
        return NULL;
    if (item->reserved == NULL) {
        todo__item_new(item, &copy, NULL);
        return copy;
    }
    todo__refcount_take(&box_of(item)->refs);
    return item;
}

void todo_item_unref(const todo_item *item)
{
    if (item != NULL && item->reserved != NULL && todo__refcount_drop(&box_of(item)->refs))
        todo__free(box_of(item));
}

void todo_item_draft_init(todo_item_draft *draft, size_t size)
{
    todo__struct_init(draft, size);
}

void todo_item_patch_init(todo_item_patch *patch, size_t size)
{
    todo__struct_init(patch, size);
}

void todo_item_fields_init(todo_item_fields *fields, size_t size)
{
    todo__struct_init(fields, size);
}

void todo_list_query_init(todo_list_query *query, size_t size)
{
    todo__struct_init(query, size);
}

static todo_status take_fields(const todo_item_fields *fields, todo_item *ret_members, todo_error *error)
{
    todo_item_fields known;
    todo_status status = todo__struct_take(&known, sizeof(known), fields, error);

    if (status != TODO_OK)
        return status;
    if (known.title == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", "title", NULL);
    *ret_members = (todo_item){
        .id = known.id,
        .user_id = known.user_id,
        .title = known.title,
        .description = known.description,
        .completed = known.completed,
        .created_at = known.created_at,
        .updated_at = known.updated_at,
        .version = known.version,
        .deleted_at = known.deleted_at,
    };
    return TODO_OK;
}

todo_status todo_item_build(const todo_item_fields *fields, const todo_item **ret_item, todo_error *error)
{
    todo_item members;
    todo_status status = take_fields(fields, &members, error);

    if (status != TODO_OK)
        return status;
    if (ret_item == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    return todo__item_new(&members, ret_item, error);
}

todo_status todo_item_admit(const todo_item_fields *fields, const todo_item **ret_item, todo_error *error)
{
    todo_item members = {0};
    todo__slice title;
    todo_status status = take_fields(fields, &members, error);

    if (status == TODO_OK)
        status = todo__rule_title(members.title, &title, error);
    if (status == TODO_OK)
        status = todo__rule_description(members.description, error);
    if (status != TODO_OK)
        return status;
    if (ret_item == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    if (members.version < 1)
        return todo_error_set(error, TODO_ERR_INVALID, "version_invalid", "version",
                              "version must be at least 1");
    return todo__item_new_titled(&members, title, ret_item, error);
}

/* What every change has in common: the state in which the item must be, the version guard, and what moves on. */
static todo_status begin_change(const todo_item *item, bool in_trash, int64_t if_version, todo_time now,
                                todo_item *ret_members, todo_error *error)
{
    *ret_members = *item;
    if ((item->deleted_at != 0) != in_trash)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    if (if_version != 0 && if_version != item->version)
        return todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    ret_members->updated_at = now > item->updated_at ? now : item->updated_at + 1;
    ret_members->version++;
    return TODO_OK;
}

todo_status todo_item_apply(const todo_item *item, const todo_item_patch *patch, todo_time now,
                            const todo_item **ret_item, todo_error *error)
{
    todo_item_patch known;
    todo_item members;
    todo_status status = todo__struct_take(&known, sizeof(known), patch, error);

    if (status != TODO_OK)
        return status;
    if (item == NULL || ret_item == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    status = begin_change(item, false, known.if_version, now, &members, error);
    if (status != TODO_OK)
        return status;
    if (known.title.presence == TODO_VALUE)
        members.title = known.title.value;
    if (known.description.presence != TODO_ABSENT)
        members.description = known.description.presence == TODO_VALUE ? known.description.value : NULL;
    if (known.completed.presence == TODO_VALUE)
        members.completed = known.completed.value;
    return todo__item_new(&members, ret_item, error);
}

/* Into the trash, or out of it. */
static todo_status move(const todo_item *item, bool into_trash, int64_t if_version, todo_time now,
                        const todo_item **ret_item, todo_error *error)
{
    todo_item members = {0}; /* gcc -O3 does not see that a failed begin_change returns */
    todo_status status;

    if (item == NULL || ret_item == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    status = begin_change(item, !into_trash, if_version, now, &members, error);
    if (status != TODO_OK)
        return status;
    members.deleted_at = into_trash ? members.updated_at : 0;
    return todo__item_new(&members, ret_item, error);
}

todo_status todo_item_trash(const todo_item *item, int64_t if_version, todo_time now,
                            const todo_item **ret_item, todo_error *error)
{
    return move(item, true, if_version, now, ret_item, error);
}

todo_status todo_item_restore(const todo_item *item, int64_t if_version, todo_time now,
                              const todo_item **ret_item, todo_error *error)
{
    return move(item, false, if_version, now, ret_item, error);
}

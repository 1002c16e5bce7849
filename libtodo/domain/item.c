#include <todo/item.h>
#include <todo/port/build.h>

#include <stdio.h>
#include <string.h>

#include "domain/entity.h"
#include "domain/fields.h"
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

/* Gives the length of each text of `members`, and the bytes that all take with their NULs. */
static size_t measure(const todo_item *members, size_t *lengths)
{
    size_t bytes = 0, at = 0;

    for (TODO__EACH_FIELD(row)) {
        const char *text;

        if (row->field.kind != TODO_KIND_TEXT)
            continue;
        text = todo__text_of(&row->field, members);
        lengths[at] = text != NULL ? strlen(text) : 0;
        bytes += text != NULL ? lengths[at] + 1 : 0;
        at++;
    }
    return bytes;
}

/* Moves the texts of `item` behind it. */
static void pack(todo_item *item, char *strings, const size_t *lengths)
{
    for (TODO__EACH_FIELD(row)) {
        const char **text;

        if (row->field.kind != TODO_KIND_TEXT)
            continue;
        text = &TODO__MEMBER(const char *, item, row->field.item);
        if (*text != NULL) {
            memcpy(strings, *text, *lengths);
            strings[*lengths] = '\0';
            *text = strings;
            strings += *lengths + 1;
        }
        lengths++;
    }
}

static todo_status new_box(const todo_item *members, const size_t *lengths, size_t bytes,
                           const todo_item **ret_item, todo_error *error)
{
    item_box *box = todo__malloc(sizeof(*box) + bytes);

    if (box == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    box->item = *members;
    box->item.reserved = box;
    pack(&box->item, box->strings, lengths);
    todo__refcount_init(&box->refs);
    *ret_item = &box->item;
    return TODO_OK;
}

todo_status todo__item_new(const todo_item *members, const todo_item **ret_item, todo_error *error)
{
    size_t lengths[TODO__ITEM_TEXT_MAX];
    size_t bytes = measure(members, lengths);

    return new_box(members, lengths, bytes, ret_item, error);
}

todo_status todo__item_admit(todo_item *members, const todo_item **ret_item, todo_error *error)
{
    size_t lengths[TODO__ITEM_TEXT_MAX], bytes = 0, at = 0;
    todo_status status = TODO_OK;

    for (TODO__EACH_FIELD(row)) {
        const todo_field *field = &row->field;

        if (field->kind == TODO_KIND_INTEGER && field->maximum != 0)
            status = todo__field_check_integer(field, TODO__MEMBER(int64_t, members, field->item), error);
        if (field->kind == TODO_KIND_TEXT) {
            todo__slice stored = {NULL, 0};

            status = todo__field_check_text(row, todo__text_of(field, members), &stored, error);
            TODO__MEMBER(const char *, members, field->item) = stored.text;
            lengths[at++] = stored.length;
            bytes += stored.text != NULL ? stored.length + 1 : 0;
        }
        if (status != TODO_OK)
            return status;
    }
    return new_box(members, lengths, bytes, ret_item, error);
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

void todo_list_query_init(todo_list_query *query, size_t size)
{
    todo__struct_init(query, size);
}

/* Completes what a caller filled: members that the caller's todo_item does not have are zero. */
static todo_status take_members(const todo_item *members, size_t size, const todo_item **ret_item,
                                todo_item *ret_members, todo_error *error)
{
    if (!todo__given(error, members, ret_item))
        return TODO_ERR_INVALID;
    if (size < offsetof(todo_item, description) || size > sizeof(*ret_members))
        return todo__refuse_argument("struct_size_invalid", "members", error);
    *ret_members = (todo_item){0};
    memcpy(ret_members, members, size);
    ret_members->reserved = NULL;
    return TODO_OK;
}

todo_status todo_item_build(const todo_item *given, size_t size, const todo_item **ret_item,
                            todo_error *error)
{
    todo_item members;
    todo_status status = take_members(given, size, ret_item, &members, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, members.title))
        return TODO_ERR_INVALID;
    return todo__item_new(&members, ret_item, error);
}

todo_status todo_item_admit(const todo_item *given, size_t size, const todo_item **ret_item,
                            todo_error *error)
{
    todo_item members;
    todo_status status = take_members(given, size, ret_item, &members, error);

    return status == TODO_OK ? todo__item_admit(&members, ret_item, error) : status;
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

/* Whether what a patch may set is the same in both. */
static bool same_values(const todo_item *item, const todo_item *members)
{
    for (TODO__EACH_FIELD(row))
        if ((row->field.uses & TODO_USE_PATCH) && !todo__field_equal(&row->field, item, members))
            return false;
    return true;
}

todo_status todo_item_apply(const todo_item *item, const todo_item_patch *patch, todo_time now,
                            const todo_item **ret_item, todo_error *error)
{
    todo_item_patch known;
    todo_item members;
    todo_status status = todo__struct_take(&known, sizeof(known), patch, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, item, ret_item))
        return TODO_ERR_INVALID;
    status = begin_change(item, false, known.if_version, now, &members, error);
    if (status != TODO_OK)
        return status;
    for (TODO__EACH_FIELD(row))
        if (row->field.uses & TODO_USE_PATCH)
            todo__field_apply(&row->field, &known, &members);
    if (same_values(item, &members)) {
        members.updated_at = item->updated_at;
        members.version = item->version;
    }
    return todo__item_new(&members, ret_item, error);
}

/* Into the trash, or out of it. */
static todo_status move(const todo_item *item, bool into_trash, int64_t if_version, todo_time now,
                        const todo_item **ret_item, todo_error *error)
{
    todo_item members = {0}; /* gcc -O3 does not see that a failed begin_change returns */
    todo_status status;

    if (!todo__given(error, item, ret_item))
        return TODO_ERR_INVALID;
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

todo_status todo__item_id_exists(size_t index, size_t count, todo_error *error)
{
    char field[32];

    snprintf(field, sizeof(field), count > 1 ? "todos[%zu].id" : "id", index);
    return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", field, "id already exists");
}

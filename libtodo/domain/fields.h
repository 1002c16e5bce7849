/* The fields of a todo as the library's own code walks them; todo/fields.h has what everyone sees. */
#ifndef TODO_DOMAIN_FIELDS_H
#define TODO_DOMAIN_FIELDS_H

#include <todo/fields.h>

#include "domain/text.h"
#include "util/export.h"

#define TODO__KEY_SIZE 24 /* of which a whole one is copied, whatever its length */

/* A row, and what only the library needs of it. */
typedef struct todo__field {
    todo_field field;
    /* Checks a text that a client sets and gives the part of it that is stored. NULL: any UTF-8. */
    todo_status (*rule)(const char *text, todo__slice *ret_stored, todo_error *error);
    char key[TODO__KEY_SIZE]; /* as it stands in JSON behind another member: `,"name":` */
    size_t key_length;
} todo__field;

#define TODO__ITEM_FIELD_COUNT 11u
#define TODO__ITEM_TEXT_MAX    8u /* fields of TODO_KIND_TEXT, at most */

TODO__EXPORT extern const todo__field todo__item_fields[TODO__ITEM_FIELD_COUNT];

/* for (TODO__EACH_FIELD(row)): each row in the order of the table. */
#define TODO__EACH_FIELD(row)                         \
    const todo__field *row = todo__item_fields;       \
    row < todo__item_fields + TODO__ITEM_FIELD_COUNT; \
    row++

/* The row of a field, which is one of the table's. */
static inline const todo__field *todo__field_row(const todo_field *field)
{
    return (const todo__field *)(const void *)field;
}

/* A member at its place in an item, a draft or a patch. */
#define TODO__MEMBER(type, base, offset) (*(type *)(void *)((char *)(base) + (offset)))
#define TODO__MEMBER_CONST(type, base, offset) \
    (*(const type *)(const void *)((const char *)(base) + (offset)))

static inline const char *todo__text_of(const todo_field *field, const todo_item *item)
{
    return TODO__MEMBER_CONST(char *, item, field->item);
}

/* What a patch says of a field: absent, null or a value. Every todo_patch_… begins with it. */
static inline todo_presence todo__presence_of(const todo_field *field, const todo_item_patch *patch)
{
    return TODO__MEMBER_CONST(todo_presence, patch, field->patch);
}

/* Whether the field has the same value in both. */
bool todo__field_equal(const todo_field *field, const todo_item *a, const todo_item *b);

/* Sets the field as the patch says it; nothing when it is absent. Texts are borrowed from the patch. */
void todo__field_apply(const todo_field *field, const todo_item_patch *patch, todo_item *item);

/*
 * Checks what a client sets a field to, by its rule and bounds. A text is stored as `ret_stored`, a part of it; of other
 * kinds that is left alone. INVALID with the field's name.
 */
todo_status todo__field_check_text(const todo__field *row, const char *text, todo__slice *ret_stored,
                                   todo_error *error);
todo_status todo__field_check_integer(const todo_field *field, int64_t value, todo_error *error);

/* INVALID, code "NAME_null", for null where the field may not be. */
todo_status todo__field_refuse_null(const todo_field *field, todo_error *error);

#endif

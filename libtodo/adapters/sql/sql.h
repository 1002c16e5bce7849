/*
 * SQL from the table of fields: no adapter names the columns of a todo itself. A statement is a template, written in its
 * database's SQL, in which a group in braces stands for a list of columns:
 *
 *     {CLASS:PATTERN}    the pattern once for each field of the class, in the order of the table, with ", " between
 *     {CLASS+BASE}       the parameter behind those that {CLASS:%pBASE} names
 *
 * In a pattern, %n is the column's name, %t its type, %b the field's bit in what todo__sql_patch returns, and %pBASE its
 * parameter, counted from BASE for the first field of the class.
 */
#ifndef TODO_ADAPTERS_SQL_SQL_H
#define TODO_ADAPTERS_SQL_SQL_H

#include "domain/fields.h"

/* How a database writes SQL. */
typedef struct todo__sql_dialect {
    char parameter;       /* before the number of a parameter */
    const char *types[6]; /* of columns, by todo_kind */
} todo__sql_dialect;

/* The classes of fields: in templates all, item, insert, patch and kept. */
typedef enum todo__sql_class {
    TODO__SQL_ALL,
    TODO__SQL_ITEM,   /* what a row is read from: all but the owner, which is known */
    TODO__SQL_INSERT, /* all but the number of the change */
    TODO__SQL_PATCH,  /* what a patch may set */
    TODO__SQL_KEPT    /* of the item: what no patch changes, directly or not */
} todo__sql_class;

/* What each change of a todo sets itself. */
static inline bool todo__sql_is_counted(const todo_field *field)
{
    return field->item == offsetof(todo_item, updated_at) || field->item == offsetof(todo_item, version) ||
           field->item == offsetof(todo_item, modseq);
}

/* Whether a field belongs to a class. */
static inline bool todo__sql_selects(todo__sql_class selected, const todo_field *field)
{
    bool is_owner = field->item == offsetof(todo_item, user_id);
    bool is_patched = (field->uses & TODO_USE_PATCH) != 0;

    switch (selected) {
    case TODO__SQL_ALL:
        return true;
    case TODO__SQL_ITEM:
        return !is_owner;
    case TODO__SQL_INSERT:
        return field->item != offsetof(todo_item, modseq);
    case TODO__SQL_PATCH:
        return is_patched;
    case TODO__SQL_KEPT:
        return !is_owner && !is_patched && !todo__sql_is_counted(field);
    }
    return false;
}

/*
 * Writes the statement that a template says, and a NUL, into `text`. The caller gives room enough: a template is a
 * constant, and a test expands each. Returns the length that the whole text has or would have, without the NUL.
 */
TODO__EXPORT size_t todo__sql_expand(const todo__sql_dialect *dialect, const char *sql, char *text,
                                     size_t size);

/*
 * The values that a patch sets, each in its field's place in `ret_values`; the other patchable ones are null, false or 0.
 * Returns the bits of the fields that it sets, which %b names. Texts are borrowed from the patch.
 */
TODO__EXPORT int64_t todo__sql_patch(const todo_item_patch *patch, todo_item *ret_values);

#endif

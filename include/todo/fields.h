/**
 * @file fields.h
 * The description of a todo's fields: one row each, from which the library makes its JSON, its SQL, its cached records and
 * its copies. A program that shows, exports or reads todos walks the same rows and needs no change for a new field.
 *
 * All functions are thread-safe. Rows are the library's own constants: they live as long as the program.
 */
#ifndef TODO_FIELDS_H
#define TODO_FIELDS_H

#include <todo/item.h>

TODO_BEGIN_DECLS

/** What kind of value a field has, and how it lies in the structs. */
typedef enum todo_kind {
    TODO_KIND_UUID = 1,    /**< todo_uuid; in a draft a pointer to one, NULL for none */
    TODO_KIND_TEXT = 2,    /**< const char *, NULL for null */
    TODO_KIND_FLAG = 3,    /**< bool */
    TODO_KIND_INTEGER = 4, /**< int64_t; 0 for null, where it may be null */
    TODO_KIND_TIME = 5     /**< todo_time, 0 for null */
} todo_kind;

#define TODO_USE_DRAFT    1u  /**< may be set when a todo is created: `draft` is its place */
#define TODO_USE_PATCH    2u  /**< may be changed by a patch: `patch` is its place */
#define TODO_USE_SORT     4u  /**< may order a list */
#define TODO_USE_FILTER   8u  /**< may restrict a list */
#define TODO_USE_NULLABLE 16u /**< may be null */
#define TODO_USE_SPARSE   32u /**< stands in JSON only when it is not null and not 0 */

/** A row: one field. New members are appended at the end. */
typedef struct todo_field {
    uint32_t number;  /**< of this field for ever, in cached records; never used again */
    const char *name; /**< in JSON, CSV and SQL */
    todo_kind kind;   /**< of its value */
    uint32_t uses;    /**< TODO_USE_… */
    size_t item;      /**< its offset in todo_item */
    size_t draft;     /**< its offset in todo_item_draft, with TODO_USE_DRAFT */
    size_t patch;     /**< its offset in todo_item_patch, with TODO_USE_PATCH: a todo_patch_… of its kind */
    int64_t minimum;  /**< of an integer that a client sets */
    int64_t maximum;  /**< of an integer that a client sets */
} todo_field;

/** The number of fields of a todo. */
TODO_API size_t todo_item_field_count(void);

/** The field at `index`, in the order in which they are shown; NULL beyond the end. */
TODO_API const todo_field *todo_item_field_at(size_t index);

/** The field called `name`, or NULL when there is none. */
TODO_API const todo_field *todo_item_field_find(const char *name);

/** A field's value, of the kind that its row says. */
typedef struct todo_value {
    bool null;        /**< there is none */
    todo_uuid uuid;   /**< of TODO_KIND_UUID */
    const char *text; /**< of TODO_KIND_TEXT; borrowed */
    bool flag;        /**< of TODO_KIND_FLAG */
    int64_t integer;  /**< of TODO_KIND_INTEGER */
    todo_time time;   /**< of TODO_KIND_TIME */
} todo_value;

/** The value of a field of `item`. A text is borrowed from the item. NULL arguments give null. */
TODO_API void todo_field_get(const todo_field *field, const todo_item *item, todo_value *ret_value);

#define TODO_FIELD_TEXT_SIZE 40 /**< enough for the text of any value but a TEXT, with its NUL */

/**
 * The value of a field as text: a text as it is, an id and a time in their own forms, `true` or `false`, a number in
 * decimal. `room`, of TODO_FIELD_TEXT_SIZE bytes, is where all but a text is written.
 * @return the text, borrowed from the item or `room`; NULL for null.
 */
TODO_API const char *todo_field_format(const todo_field *field, const todo_item *item, char *room);

/**
 * Puts the value that `text` says into `item`, which the caller is filling for todo_item_build or todo_item_admit: the
 * reverse of todo_field_format, `TRUE` and `False` included. NULL sets null. A TEXT is not copied: it must outlive the item's use.
 * INVALID for what is no value of the kind: "uuid_invalid", "time_invalid", "flag_invalid", "number_invalid", with the field's
 * name; "null_invalid" for null where it may not be.
 */
TODO_API todo_status todo_field_parse(const todo_field *field, const char *text, todo_item *item,
                                      todo_error *error);

TODO_END_DECLS

#endif

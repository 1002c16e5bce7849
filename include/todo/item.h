/**
 * @file item.h
 * The todo itself, what a client says to create and to change one, and lists of them.
 */
#ifndef TODO_ITEM_H
#define TODO_ITEM_H

#include <todo/call.h>

TODO_BEGIN_DECLS

#define TODO_TITLE_MAX    200u  /**< characters (Unicode code points) of a title, after trimming */
#define TODO_LIST_DEFAULT 100u  /**< items of a list when no limit is given */
#define TODO_LIST_MAX     1000u /**< the highest limit of a list */
#define TODO_BATCH_MAX    1000u /**< todos in one batch */
#define TODO_PURGE_MAX    1000u /**< todos that one call purges */

/** The highest version that a todo from outside may have: 2^53 - 1, which every reader of JSON holds exactly. */
#define TODO_VERSION_MAX INT64_C(9007199254740991)

/**
 * A todo. Made by the library only, read through a const pointer, immutable, reference-counted. New members
 * are appended at the end.
 *
 * An item handed to a callback (`todo_item_visit`) is borrowed: it is valid until the callback returns.
 */
typedef struct todo_item {
    const void *reserved;    /**< the library's own; never touch it */
    todo_uuid id;            /**< never used again, for whatever */
    todo_uuid user_id;       /**< the owner */
    const char *title;       /**< trimmed, 1 to TODO_TITLE_MAX characters */
    const char *description; /**< NULL when there is none */
    bool completed;          /**< whether it is done */
    todo_time created_at;    /**< when it was created */
    todo_time updated_at;    /**< when it was changed last; created_at at first */
    int64_t version;         /**< 1 at creation, +1 with every change */
    todo_time deleted_at;    /**< when it was moved to the trash; 0: it is not there */
    int64_t modseq;          /**< the number of the owner's sequence at its last change; 0: unknown */
    int64_t priority;        /**< 0 none, 1 low, 2 medium, 3 high */
} todo_item;

/**
 * Takes a reference. Of a borrowed item it makes a copy, so the result may always be kept.
 * @return the item to keep, or NULL when out of memory (for a borrowed item only) or when given NULL.
 * Thread-safe.
 */
TODO_API const todo_item *todo_item_ref(const todo_item *item);

/** Gives a reference back. NULL and borrowed items are fine. Thread-safe. */
TODO_API void todo_item_unref(const todo_item *item);

/** What a client says to create a todo. The strings are only read during the call. */
typedef struct todo_item_draft {
    size_t size;             /**< sizeof(todo_item_draft) as the caller compiled it */
    const todo_uuid *id;     /**< NULL: the library makes one (UUIDv7) */
    const char *title;       /**< required; trimmed by the library */
    const char *description; /**< NULL for none */
    bool completed;          /**< whether it is done already */
    int64_t priority;        /**< 0 (none) to 3 (high) */
} todo_item_draft;

/** An initializer: every member at its default. */
#define TODO_ITEM_DRAFT_INIT                                \
    {                                                       \
        sizeof(todo_item_draft), NULL, NULL, NULL, false, 0 \
    }

/** Sets every member to its default. `size` is sizeof(todo_item_draft) as the caller compiled it. */
TODO_API void todo_item_draft_init(todo_item_draft *draft, size_t size);

/** Whether a member of a patch is there at all, is null, or has a value (RFC 7396). */
typedef enum todo_presence {
    TODO_ABSENT = 0, /**< leave the member as it is */
    TODO_NULL = 1,   /**< clear it */
    TODO_VALUE = 2   /**< set it */
} todo_presence;

/** What a patch says of a text. */
typedef struct todo_patch_text {
    todo_presence presence; /**< whether it says anything */
    const char *value;      /**< the new text, with TODO_VALUE */
} todo_patch_text;

/** What a patch says of a flag. */
typedef struct todo_patch_flag {
    todo_presence presence; /**< TODO_NULL is INVALID for a flag */
    bool value;             /**< the new value, with TODO_VALUE */
} todo_patch_flag;

/** What a patch says of an integer. */
typedef struct todo_patch_integer {
    todo_presence presence; /**< TODO_NULL is INVALID for an integer */
    int64_t value;          /**< the new value, with TODO_VALUE */
} todo_patch_integer;

/** A partial update. The strings are only read during the call. */
typedef struct todo_item_patch {
    size_t size;                 /**< sizeof(todo_item_patch) as the caller compiled it */
    todo_patch_text title;       /**< TODO_NULL is INVALID */
    todo_patch_text description; /**< TODO_NULL removes it */
    todo_patch_flag completed;   /**< TODO_NULL is INVALID */
    int64_t if_version;          /**< apply only to this version, else PRECONDITION; 0 = to any */
    todo_patch_integer priority; /**< TODO_NULL is INVALID */
} todo_item_patch;

/** An initializer: every member at its default. */
#define TODO_ITEM_PATCH_INIT                                                                        \
    {                                                                                               \
        sizeof(todo_item_patch), {TODO_ABSENT, NULL}, {TODO_ABSENT, NULL}, {TODO_ABSENT, false}, 0, \
        {                                                                                           \
            TODO_ABSENT, 0                                                                          \
        }                                                                                           \
    }

/** Sets every member to its default (all absent). `size` is sizeof(todo_item_patch) as the caller compiled it. */
TODO_API void todo_item_patch_init(todo_item_patch *patch, size_t size);

/** A filter on a flag. */
typedef enum todo_flag_filter {
    TODO_ANY = 0,       /**< no matter */
    TODO_ONLY_TRUE = 1, /**< only where it is set */
    TODO_ONLY_FALSE = 2 /**< only where it is not */
} todo_flag_filter;

/** What orders a list; the id decides among equals, in the same direction. */
typedef enum todo_sort_key {
    TODO_SORT_CREATED_AT = 0, /**< when todos were created */
    TODO_SORT_UPDATED_AT = 1  /**< when they were changed last */
} todo_sort_key;

/** A position in an ordered list: the value of the sort key (a todo_time) and the id of an item. */
typedef struct todo_cursor {
    int64_t key;  /**< of the sort key, such as created_at */
    todo_uuid id; /**< of the item */
} todo_cursor;

#define TODO_CURSOR_TEXT_SIZE 49 /**< 48 characters and the NUL */

/** Writes a cursor as opaque URL-safe text and a NUL into `text`, of TODO_CURSOR_TEXT_SIZE bytes. Thread-safe. */
TODO_API void todo_cursor_format(const todo_cursor *cursor, char *text);

/** Reads a cursor's text. Fails with INVALID, code "cursor_invalid". Thread-safe. */
TODO_API todo_status todo_cursor_parse(const char *text, todo_cursor *ret_cursor, todo_error *error);

/** Which of a user's todos a list holds, and in which order. Default: the newest TODO_LIST_DEFAULT. */
typedef struct todo_list_query {
    size_t size;                /**< sizeof(todo_list_query) as the caller compiled it */
    todo_flag_filter completed; /**< only todos that are done, or are not */
    todo_sort_key sort;         /**< what orders it */
    bool ascending;             /**< false: highest first (newest first) */
    uint32_t limit;             /**< 0 = TODO_LIST_DEFAULT; more than TODO_LIST_MAX is INVALID */
    const todo_cursor
        *after;   /**< only items behind this position in the order asked for; NULL = from the start */
    bool deleted; /**< false: todos that are not in the trash; true: those that are, and no others */
} todo_list_query;

/** An initializer: every member at its default. */
#define TODO_LIST_QUERY_INIT                                                           \
    {                                                                                  \
        sizeof(todo_list_query), TODO_ANY, TODO_SORT_CREATED_AT, false, 0, NULL, false \
    }

/** Sets every member to its default. `size` is sizeof(todo_list_query) as the caller compiled it. */
TODO_API void todo_list_query_init(todo_list_query *query, size_t size);

/**
 * Called once for each item of a list, in order, in the thread that asked. The item is borrowed.
 * @return TODO_OK to go on; anything else ends the list, and the listing call returns that status.
 */
typedef todo_status (*todo_item_visit)(void *arg, const todo_item *item);

/** A list of items, owned by the caller. Immutable: any thread may read it. */
typedef struct todo_item_list todo_item_list;

/** How many items the list holds. 0 for NULL. */
TODO_API size_t todo_item_list_count(const todo_item_list *list);

/** The item at `index`, owned by the list; NULL beyond the end. */
TODO_API const todo_item *todo_item_list_at(const todo_item_list *list, size_t index);

/** The position behind which the next page begins, owned by the list; NULL when there is no next page. */
TODO_API const todo_cursor *todo_item_list_next(const todo_item_list *list);

/** Frees the list and its hold on the items. NULL is fine. */
TODO_API void todo_item_list_free(todo_item_list *list);

TODO_END_DECLS

#endif

/**
 * @file port/build.h
 * How implementers of ports make entities from what their backend stores. Nothing is validated but what memory
 * safety needs: an adapter trusts its own store.
 */
#ifndef TODO_PORT_BUILD_H
#define TODO_PORT_BUILD_H

#include <todo/item.h>
#include <todo/user.h>

TODO_BEGIN_DECLS

/**
 * Makes an item with the members of `members`, whose strings are copied; `members->reserved` is not read. `size` is
 * sizeof(todo_item) as the caller compiled it. The caller owns the one reference.
 * INVALID without a title, or for a size that can't be; NOMEM. Thread-safe.
 */
TODO_API todo_status todo_item_build(const todo_item *members, size_t size, const todo_item **ret_item,
                                     todo_error *error);

/**
 * As todo_item_build, but for members that come from outside a store (a file to import): the rules of
 * todo_commands_create hold, and the title is trimmed. INVALID as there, and for a version
 * below 1 or above TODO_VERSION_MAX ("version_invalid"); NOMEM. Thread-safe.
 */
TODO_API todo_status todo_item_admit(const todo_item *members, size_t size, const todo_item **ret_item,
                                     todo_error *error);

/**
 * The item that `patch` makes of `item` at the time `now`, with the rules of todo_writer_ops.update: for stores
 * that change items in memory. The caller owns the one reference. NOT_FOUND for one in the trash, PRECONDITION, NOMEM.
 */
TODO_API todo_status todo_item_apply(const todo_item *item, const todo_item_patch *patch, todo_time now,
                                     const todo_item **ret_item, todo_error *error);

/**
 * The item that moving `item` to the trash at the time `now` makes of it, with the rules of todo_writer_ops.trash:
 * for stores that change items in memory. The caller owns the one reference. NOT_FOUND for one that is in the trash,
 * PRECONDITION, NOMEM.
 */
TODO_API todo_status todo_item_trash(const todo_item *item, int64_t if_version, todo_time now,
                                     const todo_item **ret_item, todo_error *error);

/** As todo_item_trash, for todo_writer_ops.restore. NOT_FOUND for one that is not in the trash. */
TODO_API todo_status todo_item_restore(const todo_item *item, int64_t if_version, todo_time now,
                                       const todo_item **ret_item, todo_error *error);

/** The members of a user, as todo_user has them, and the password's hash in the form of crypt(5). Copied. */
typedef struct todo_user_fields {
    size_t size;               /**< sizeof(todo_user_fields) as the caller compiled it */
    todo_uuid id;              /**< as todo_user has it, like the others */
    const char *email;         /**< required */
    const char *display_name;  /**< NULL for none */
    const char *password_hash; /**< required */
    todo_time created_at;      /**< when the account was opened */
} todo_user_fields;

/** Sets every member to zero. `size` is sizeof(todo_user_fields) as the caller compiled it. */
TODO_API void todo_user_fields_init(todo_user_fields *fields, size_t size);

/** Makes a user; the caller owns the one reference. INVALID without e-mail or hash, NOMEM. Thread-safe. */
TODO_API todo_status todo_user_build(const todo_user_fields *fields, const todo_user **ret_user,
                                     todo_error *error);

/** The hash of a user's password, owned by the user; for adapters that store it. Never log it. */
TODO_API const char *todo_user_password_hash(const todo_user *user);

TODO_END_DECLS

#endif

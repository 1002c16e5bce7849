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

/** Makes an item; the caller owns the one reference. `size` is sizeof(todo_item). INVALID without a title, NOMEM. Thread-safe. */
TODO_API todo_status todo_item_build(const todo_item *members, size_t size, const todo_item **ret_item,
                                     todo_error *error);

/**
 * As todo_item_build, but for members that come from outside a store (a file to import): the rules of
 * todo_commands_create hold, and the title is trimmed. INVALID as there, and for a version below 1
 * ("version_invalid"), NOMEM. Thread-safe.
 */
TODO_API todo_status todo_item_admit(const todo_item *members, size_t size, const todo_item **ret_item,
                                     todo_error *error);

/**
 * The item that `patch` makes of `item` at the time `now`, with the rules of todo_writer_ops.update: for stores
 * that change items in memory. The caller owns the one reference. PRECONDITION, NOMEM.
 */
TODO_API todo_status todo_item_apply(const todo_item *item, const todo_item_patch *patch, todo_time now,
                                     const todo_item **ret_item, todo_error *error);

/** The members of a user, as todo_user has them, and the password's hash in the form of crypt(5). Copied. */
typedef struct todo_user_fields {
    size_t size;
    todo_uuid id;
    const char *email; /**< required */
    const char *display_name;
    const char *password_hash; /**< required */
    todo_time created_at;
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
